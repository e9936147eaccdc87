"""``manage.py scan_evidence``: ask for a check of every kept file for malware, with today's list."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.filings.scanning import scan_everything
from scorecard import scanner


class Command(BaseCommand):
    """One job for each content; workers do them."""

    help = "Looks every kept file through for malware once more; the jobs are done by workers (docs/scanning.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for the checks, and say how many."""
        if not scanner.is_set():
            raise CommandError("No scanner is set: CLAMD says where clamd listens (docs/settings.md).")
        self.stdout.write(f"{scan_everything()} checks were asked for.")
