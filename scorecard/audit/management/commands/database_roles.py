"""``manage.py database_roles``: makes the roles of application and auditor in PostgreSQL, or checks the present one."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from scorecard.audit.database_roles import grants, make_role, problems
from scorecard.audit.row_policies import statements


class Command(BaseCommand):
    help = (
        "Make, as the owner of the database, the role of the application (no DDL, no change of append-only tables) and "
        "that of the auditor (reads). Passwords come from APPLICATION_PASSWORD and AUDITOR_PASSWORD. Again after "
        "each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--application", default="scorecard_app")
        parser.add_argument("--auditor", default="scorecard_auditor")
        parser.add_argument("--check", action="store_true", help="only say what the present role may do too much")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no roles: whoever has the file has all of it.")
        if options["check"]:
            for words in problems(connection):
                self.stderr.write(words)
            if problems(connection):
                raise CommandError("This role may do more than the application needs.")
            self.stdout.write("This role may do what the application needs, and no more.")
            return
        with transaction.atomic():
            make_role(connection, options["application"], os.environ.get("APPLICATION_PASSWORD", ""))
            make_role(connection, options["auditor"], os.environ.get("AUDITOR_PASSWORD", ""))
            with connection.cursor() as cursor:
                for statement in grants(connection, options["application"], options["auditor"]):
                    cursor.execute(statement)
                for statement in statements(connection):
                    cursor.execute(statement)
        self.stdout.write(f"{options['application']} and {options['auditor']} have their rights.")
