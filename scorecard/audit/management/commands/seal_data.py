"""``manage.py seal_data``: seals, once, what was written before events kept seals."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from scorecard.audit.comparison import seal_unknown


class Command(BaseCommand):
    help = "Seal the rows that stand in no event, as they are now; after an upgrade, once. It leaves events of its own."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            self.stdout.write(f"{seal_unknown(None)} row(s) sealed.")
