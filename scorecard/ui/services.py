"""Writes on one's own account. They work on whatever user model the settings name."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from scorecard.access.sessions import end_sessions
from scorecard.audit.services import record


@transaction.atomic
def change_password(*, actor: Any, new: str, session: str | None = None) -> Any:
    """Set the actor's own password, already validated, and record it; every session but this one ends. Returns the
    saved person."""
    person = get_user_model()._default_manager.select_for_update().get(pk=actor.pk)
    person.set_password(new)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    ended = end_sessions(person, keep=session)
    record("password.changed", actor=actor, target=person, bank_id=person.bank_id, data={"sessions_ended": ended})
    return person


@transaction.atomic
def set_language(*, actor: Any, language: str) -> None:
    """Keep the language of the screen with the person, so that the next sign-in begins in it."""
    person = get_user_model()._default_manager.select_for_update().get(pk=actor.pk)
    if person.language == language:
        return
    before, person.language = person.language, language
    person.save(update_fields=["language"])
    record("language.changed", actor=actor, target=person, data={"from": before, "to": language})


def sign_out_event(*, actor: Any) -> None:
    """Record that somebody signed out."""
    record("signout", actor=actor, target=actor, bank_id=actor.bank_id)
