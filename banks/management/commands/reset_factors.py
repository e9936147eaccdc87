"""Take away somebody's second factors from the command line, which has the database anyway."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from banks.models import User
from banks.services.factors import reset_factors


class Command(BaseCommand):
    """``manage.py reset_factors USERNAME``: the trail says that nobody's role did it."""

    help = "Removes the second factors and recovery codes of a person and ends the person's sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username__iexact=options["username"]).first()
        if person is None:
            raise CommandError(f"Nobody has the user name {options['username']}.")
        count = reset_factors(actor=None, person=person)
        self.stdout.write(f"{person.username}: {count} second factor(s) removed; the sessions have ended.")
