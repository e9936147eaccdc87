"""Make the account for emergencies, or seal it anew after its use."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from banks.models import User
from banks.services.passwords import set_password
from banks.services.people import create_person
from scorecard.access.roles import Role
from scorecard.identity.emergency import seal_account
from scorecard.identity.models import EmergencyAccount

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    """``manage.py break_glass [USERNAME]``: what it prints goes into an envelope and stands nowhere else."""

    help = "Makes an administrator's account whose use is an alarm, or seals it anew; prints password and codes once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="emergency")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        password = "-".join("".join(secrets.choice(LETTERS) for _letter in range(5)) for _group in range(5))
        person = User.objects.filter(username__iexact=options["username"]).first()
        if person is None:
            person = create_person(
                actor=None,
                username=options["username"],
                name="应急账户",
                roles=[Role.ADMINISTRATOR],
                password=password,
            )
        elif EmergencyAccount.objects.filter(person=person).exists():
            set_password(actor=None, person=person, password=password)
        else:
            raise CommandError(f"{person.username} is somebody's own account; name another one.")
        codes = seal_account(person=person)
        lines = [
            f"User name: {person.username}",
            f"Password: {password}",
            "Recovery codes, each for one sign-in or one signature:",
            *(f"  {code}" for code in codes),
            "Print this, put it into an envelope, seal it, and keep it in a safe. Whoever signs in with it is reported",
            "to every administrator. Run this command again after each use.",
        ]
        self.stdout.write("\n".join(lines))
