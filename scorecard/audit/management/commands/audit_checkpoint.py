"""``manage.py audit_checkpoint``: signs the trail as it stands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scorecard.audit.checkpoints import NotSigned, checkpoint_file, make_checkpoint


class Command(BaseCommand):
    help = "Sign the audit trail as it stands and append the checkpoint to AUDIT_CHECKPOINT_FILE."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_checkpoint()
        except NotSigned as error:
            raise CommandError(f"{error} Run verify_audit.") from error
        if made is None:
            raise CommandError("There is no key to sign with (manage.py audit_key), or the trail has not begun.")
        self.stdout.write(f"{checkpoint_file()}: {made.size} events, signed at {made.at}.")
