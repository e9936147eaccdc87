"""``manage.py audit_key [--rotate]``: draws the key that signs checkpoints, and shows its public part."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard.audit.keys import draw_key
from scorecard.audit.notes import BadKey


class Command(BaseCommand):
    help = "Draw the private key that signs checkpoints into AUDIT_KEY_FILE; its public part goes to AUDIT_KEYS_FILE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rotate", action="store_true", help="put a new key in the place of the present one")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = draw_key(replace=options["rotate"])
        except FileExistsError as error:
            words = f"There is a key in {settings.AUDIT_KEY_FILE} already; --rotate puts a new one in its place."
            raise CommandError(words) from error
        except (BadKey, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Private key: {settings.AUDIT_KEY_FILE} (its owner's alone; a backup seals it).")
        self.stdout.write(f"Public key, to be published: {made}")
