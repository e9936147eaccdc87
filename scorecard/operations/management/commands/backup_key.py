"""``manage.py backup_key FILE``: draws the key that the secrets of backups are sealed for."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard.operations.backup.sealing import draw


class Command(BaseCommand):
    help = "Draw a backup key: the private part into FILE, to be kept elsewhere; the public part into BACKUP_KEY_FILE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where the private part goes; take it off this machine")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            draw(options["file"], Path(settings.BACKUP_KEY_FILE))
        except OSError as error:
            raise CommandError(f"No key was drawn: {error}") from error
        self.stdout.write(f"Private part: {options['file']}. Take it off this machine (two copies, two places).")
        self.stdout.write(f"Public part: {settings.BACKUP_KEY_FILE}. Sets made before keep the key they were made for.")
