"""``manage.py backup FOLDER``: one consistent set of database, evidence, keys, checkpoints, while it runs."""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from scorecard.operations.backup.databases import DatabaseFailed
from scorecard.operations.backup.making import NoKey, make_backup, remove_older


class Command(BaseCommand):
    help = (
        "Make a backup of everything in a new folder below BACKUP_DIR (docs/operations.md); it is whole or not there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", help="where sets are kept (default: BACKUP_DIR)")
        parser.add_argument("--without-keys", action="store_true", help="leave the secrets out of the set")
        parser.add_argument("--keep", type=int, default=0, help="remove all but so many of the newest sets afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"] or Path(settings.BACKUP_DIR)
        started, last, name = time.monotonic(), time.monotonic(), ""
        times: list[str] = []

        def say(words: str) -> None:
            nonlocal last, name
            now = time.monotonic()
            if name:
                times.append(f"{name} {now - last:.1f} s")
            last, name = now, words

        try:
            made = make_backup(folder, keys=not options["without_keys"], say=say)
        except (NoKey, DatabaseFailed, DatabaseError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        say("")
        size = sum(part["bytes"] for part in made.manifest.parts.values()) / 1_000_000
        self.stdout.write(f"Backup: {made.folder}")
        self.stdout.write(
            f"{made.manifest.events} events, {made.manifest.files} files, {size:.1f} MB in "
            f"{time.monotonic() - started:.1f} s ({', '.join(times)}); SHA-256 of the manifest {made.digest}"
        )
        if not made.recorded:
            self.stderr.write("The role of the database may not write: no event tells of this backup.")
        for gone in remove_older(folder, options["keep"]) if options["keep"] else ():
            self.stdout.write(f"Removed: {gone}")
        if made.manifest.differing:
            names = ", ".join(made.manifest.differing[:5])
            count = len(made.manifest.differing)
            raise CommandError(
                f"The set is whole, but {count} file(s) are missing or not what their rows say: {names}."
            )
