"""``manage.py verify_data``: says which data is not what the trail says."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from scorecard.audit.comparison import compare
from scorecard.audit.triggers import missing


class Command(BaseCommand):
    help = "Compare every sealed row, and every file, with the trail; exits with an error and what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        started, count, rows = time.monotonic(), 0, 0

        def looked(done: int) -> None:
            nonlocal rows
            rows = done

        for item in compare(looked):
            count += 1
            self.stderr.write(item.reason)
        for table, name in missing(connection):
            count += 1
            self.stderr.write(f"The trigger {name} of {table} is missing, switched off or another one: run migrate.")
        if count:
            raise CommandError(f"{count} difference(s) between the data and the trail.")
        seconds = time.monotonic() - started
        self.stdout.write(f"The data is what the trail says; {rows} rows in {seconds:.1f} s.")
