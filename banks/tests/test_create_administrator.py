"""The first administrator comes from the command line."""

from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from banks.models import User
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db
ASK = "banks.management.commands.create_administrator.getpass"


def test_entered_with_the_role_and_an_event() -> None:
    with patch(ASK, side_effect=["a-long-enough-word-1"] * 2):
        call_command("create_administrator", "first", "管理员")
    person = User.objects.get(username="first")
    assert person.roles == {Role.ADMINISTRATOR} and person.check_password("a-long-enough-word-1")
    event = Event.objects.get(event="banks.person.created")
    assert event.actor is None and "a-long" not in event.data


@pytest.mark.parametrize("answers", [["a-long-enough-word-1", "another"], ["", ""], ["short", "short"]])
def test_nobody_is_entered_with_a_bad_password(answers: list[str]) -> None:
    with patch(ASK, side_effect=answers), pytest.raises(CommandError):
        call_command("create_administrator", "first", "管理员")
    assert not User.objects.exists()
