"""``manage.py rescore``: computes stored score runs again and holds them against what is stored, byte by byte."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.scoring.recomputing import differing_runs


class Command(BaseCommand):
    help = "Score every stored run again from its version and inputs; exits with an error where a byte differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--round", help="only the runs of the round with this code")
        parser.add_argument("--newest", action="store_true", help="only the runs that count today")

    def handle(self, *args: Any, **options: Any) -> None:
        started, wrong = time.monotonic(), 0
        found = differing_runs(options["round"] or "", newest=options["newest"])
        for item in found:
            wrong += 1
            self.stderr.write(item)
        if wrong:
            raise CommandError(f"{wrong} of {found.runs} score run(s) come to something else.")
        other = f"; {found.earlier} of an earlier engine come to the same" if found.earlier else ""
        self.stdout.write(
            f"{found.runs} score run(s) scored again to equal bytes{other}; {time.monotonic() - started:.1f} s."
        )
