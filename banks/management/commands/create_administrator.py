"""Enter an administrator from the command line: the first one, who then enters everybody else on the pages."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from banks.services.errors import Invalid
from banks.services.people import create_person
from scorecard.access.roles import Role


class Command(BaseCommand):
    """``manage.py create_administrator USERNAME NAME``; asks for the password twice and shows it nowhere."""

    help = "Enters a person with the administrator's role. The password is asked for; it is never an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="The person's name as records show it.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass("Password: ")
        if password != getpass("Password again: "):
            raise CommandError("The two passwords differ; nobody was entered.")
        if not password:
            raise CommandError("An administrator needs a password; nobody was entered.")
        try:
            person = create_person(
                actor=None,
                username=options["username"],
                name=options["name"],
                roles=[Role.ADMINISTRATOR],
                password=password,
            )
        except Invalid as error:
            raise CommandError("\n".join(str(reason) for reason in error.reasons)) from error
        self.stdout.write(f"{person.username} can now sign in as an administrator.")
