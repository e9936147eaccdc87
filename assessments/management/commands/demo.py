"""Fill an empty database with the demonstration; where it is there already, do nothing."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.demo.build import NotEmpty, build, is_there
from scorecard.demo import demo_logins, password


class Command(BaseCommand):
    """``manage.py demo``: banks, people, three rounds. Seeded, all or nothing, and safe to run again."""

    help = "Fills an empty database with fictitious banks, people and three assessment rounds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=2017, help="Another seed gives other figures (default 2017).")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "The demonstration has logins with a password that everybody knows. "
                "Set DEMO=1 if this database may have them."
            )
        if is_there():
            self.stdout.write("The demonstration is there already; nothing was changed.")
        else:
            started = time.monotonic()
            try:
                build(options["seed"], say=self._say if options["verbosity"] > 1 else lambda text: None)
            except NotEmpty as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"The demonstration was made in {time.monotonic() - started:.1f} s.")
        self.stdout.write(f"Password of every login: {password()}")
        for login in demo_logins():
            self.stdout.write(f"  {login['username']:<18} {login['role']}")

    def _say(self, text: str) -> None:
        self.stdout.write(f"  {text}")
