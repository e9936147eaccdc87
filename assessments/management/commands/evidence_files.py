"""``manage.py evidence_files [--remove]``: find files of evidence without a row, and rows without their file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from assessments.filings.evidence_files import compare_evidence_files, remove_orphans


class Command(BaseCommand):
    help = "List files of evidence that no row has (--remove removes them), and rows whose file is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="remove the files that no row has")

    def handle(self, *args: Any, **options: Any) -> None:
        found = compare_evidence_files()
        for name in found.orphans:
            self.stdout.write(f"no row: {name}")
        for name in found.missing:
            self.stdout.write(f"no file: {name}")
        if options["remove"]:
            self.stdout.write(f"{remove_orphans(found.orphans)} file(s) removed.")
        elif found.orphans:
            self.stdout.write("Run with --remove to remove the files that no row has.")
        if found.missing:
            self.stderr.write(f"{len(found.missing)} file(s) are missing; restore them from the backup.")
            raise SystemExit(1)
        if not found.orphans:
            self.stdout.write("Every file has its row, and every row its file.")
