"""``manage.py restore SET``: an empty machine made from a set of ``manage.py backup``."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard.operations.backup.databases import DatabaseFailed
from scorecard.operations.backup.manifest import BadSet
from scorecard.operations.backup.restoring import NotEmpty, restore
from scorecard.operations.backup.sealing import BadSeal


class Command(BaseCommand):
    help = "Verify a set and restore it into an empty database and data folder (docs/operations.md)."
    requires_system_checks: list[str] = []  # of a service that is not there yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("set", type=Path, help="the folder of the set")
        parser.add_argument("--key", type=Path, help="the private part of the backup key, which opens the secrets")
        parser.add_argument("--without-keys", action="store_true", help="restore no secrets: the office brings its own")
        parser.add_argument("--trial", action="store_true", help="for a drill: no secrets, and no event")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if not (options["key"] or options["without_keys"] or options["trial"]):
            raise CommandError("Give the private backup key with --key FILE, or say --without-keys or --trial.")
        try:
            private = options["key"].read_text(encoding="utf-8") if options["key"] else None
            manifest = restore(options["set"], private=private, trial=options["trial"])
        except BadSet as error:
            raise CommandError("Nothing was restored. " + " ".join(error.reasons)) from error
        except (NotEmpty, BadSeal, DatabaseFailed, OSError) as error:
            raise CommandError(f"The set was not restored. {error}") from error
        self.stdout.write(
            f"Restored: {manifest.events} events and {manifest.files} files of {manifest.made_at} in "
            f"{time.monotonic() - started:.1f} s."
        )
        self.stdout.write("Next: database_roles (PostgreSQL), verify_audit, verify_data, rescore; docs/operations.md.")
