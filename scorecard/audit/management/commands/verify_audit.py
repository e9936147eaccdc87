"""``manage.py verify_audit``: says whether the audit trail is whole, and where it is not."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard.audit.keys import read_verifiers
from scorecard.audit.models import Event
from scorecard.audit.verification import known_checkpoints, verify


class Command(BaseCommand):
    help = "Verify chain, tree and checkpoints of the audit trail; exits with an error and the place of each break."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--checkpoints", type=Path, action="append", help="a copy of the file; may be repeated")
        parser.add_argument("--keys", type=Path, help="public keys, one a line (default: AUDIT_KEYS_FILE)")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["checkpoints"] or ():
            if not path.exists():
                raise CommandError(f"There is no file {path}.")
        keys = read_verifiers(options["keys"]) if options["keys"] else None
        known = known_checkpoints(options["checkpoints"] or (), keys)
        started, count = time.monotonic(), 0
        for item in verify(known):
            count += 1
            self.stderr.write(f"event {item.seq}: {item.reason}")
        if count:
            raise CommandError(f"The audit trail is broken in {count} place(s).")
        last = Event.objects.order_by("-seq").first()
        seconds = time.monotonic() - started
        self.stdout.write(
            f"The audit trail is whole: {last.seq if last else 0} events, head {last.hash if last else '-'}; "
            f"{seconds:.1f} s."
        )
        if known.newest is None:
            self.stdout.write("No checkpoint is known: nothing vouches for the end of the trail.")
        else:
            words = f"{len(known.checkpoints)} checkpoint(s) fit; the newest, signed at {known.newest.at}, has"
            self.stdout.write(f"{words} {known.newest.size} events.")
