"""``manage.py cosign_audit``: a second host looks at the log with its own eyes and adds its signature."""

import base64
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from scorecard.audit.appending import append_whole
from scorecard.audit.keys import read_verifiers
from scorecard.audit.leaves import leaf_bytes, rows_after
from scorecard.audit.notes import BadKey, Checkpoint, Signer, last_note
from scorecard.audit.tree import Frontier, leaf_hash


class Command(BaseCommand):
    help = (
        "On a host of somebody else: read the events since the last checkpoint that it co-signed, and append the "
        "newest checkpoint with its own signature if the tree gives both. The first run reads everything."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checkpoints", type=Path, help="the log's file of checkpoints, or a copy")
        parser.add_argument(
            "--key", type=Path, required=True, help="this host's private key; drawn where there is none"
        )
        parser.add_argument("--name", default="second-host", help="the name of the key that is drawn")
        parser.add_argument("--keys", type=Path, help="the log's public keys (default: AUDIT_KEYS_FILE)")
        parser.add_argument("--output", type=Path, required=True, help="the file of co-signed checkpoints")
        parser.add_argument("--state", type=Path, required=True, help="the parts of the tree between two runs")

    def handle(self, *args: Any, **options: Any) -> None:
        signer = self._signer(options["key"], options["name"])
        trusted = read_verifiers(options["keys"] or Path(settings.AUDIT_KEYS_FILE))
        path: Path = options["checkpoints"]
        newest = last_note(path.read_text(encoding="utf-8")) if path.exists() else None
        if newest is None or newest.origin not in newest.signers(trusted):
            raise CommandError("There is no checkpoint that a known key of the log has signed.")
        frontier = _read_state(options["state"])
        if newest.size < frontier.size:
            raise CommandError(
                f"The newest checkpoint has {newest.size} events; {frontier.size} are co-signed already."
            )
        for row in rows_after(frontier.size, newest.size):
            if row[0] != frontier.size + 1:
                break
            frontier.append(leaf_hash(leaf_bytes(row)))
        # What was co-signed before is in the parts: a trail that was changed gives another root.
        if frontier.size != newest.size or frontier.root() != newest.root:
            raise CommandError(f"The events do not give the checkpoint of {newest.size} events. Run verify_audit.")
        self._append(options["output"], newest.signed(signer))
        parts = [[level, base64.b64encode(root).decode()] for level, root in frontier.parts]
        options["state"].write_text(json.dumps(parts), encoding="utf-8")
        self.stdout.write(f"Co-signed: {newest.size} events, by {signer.verifier}")

    def _signer(self, path: Path, name: str) -> Signer:
        try:
            if not path.exists():
                made = Signer.draw(name)
                with os.fdopen(
                    os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as file:
                    file.write(made.secret() + "\n")
            return Signer.parse(path.read_text(encoding="utf-8"))
        except BadKey as error:
            raise CommandError(str(error)) from error

    def _append(self, path: Path, made: Checkpoint) -> None:
        with path.open("ab") as file:
            append_whole(file, made.note().encode() + b"\n")


def _read_state(path: Path) -> Frontier:
    if not path.exists():
        return Frontier()
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Frontier([(level, base64.b64decode(root)) for level, root in stored])
