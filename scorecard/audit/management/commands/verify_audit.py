"""``manage.py verify_audit``: says whether the audit trail is whole, and where it is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scorecard.audit.models import Event
from scorecard.audit.services import verify


class Command(BaseCommand):
    help = "Verify the hash chain of the audit trail; exits with an error and the place of each break."

    def handle(self, *args: Any, **options: Any) -> None:
        breaks = list(verify())
        for item in breaks:
            self.stderr.write(f"event {item.seq}: {item.reason}")
        if breaks:
            raise CommandError(f"The audit trail is broken in {len(breaks)} place(s).")
        last = Event.objects.order_by("-seq").first()
        self.stdout.write(
            f"The audit trail is whole: {last.seq if last else 0} events, head {last.hash if last else '-'}."
        )
