"""One event of the trail in words: who, when, about what, and what was before and after."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from assessments.models import Filing, MeasureState, Review, ReviewStage, RoundState, ScoreKind
from assessments.trail.selectors import object_words, trail
from banks.models import User
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.identity.models import Kind

# Names of details that many events share; those of a model's own fields are taken from the model.
WORDS: Mapping[str, Any] = {
    "adjustment": _lazy("Adjustment"),
    "code": _lazy("Code"),
    "content": _lazy("Content"),
    "digest": _lazy("Digest"),
    "factors": _lazy("Proved by"),
    "filing_state": _lazy("State of the filing"),
    "grade": _lazy("Grade"),
    "indicator": _lazy("Indicator"),
    "kind": _lazy("Kind"),
    "measure": _lazy("Measure"),
    "number": _lazy("Number"),
    "options": _lazy("Options"),
    "points": _lazy("Points"),
    "reason": _lazy("Reason"),
    "review_state": _lazy("State of the review"),
    "revision": _lazy("Revision"),
    "round": _lazy("Round"),
    "rows": _lazy("Rows"),
    "shown": _lazy("Digest of what was shown"),
    "signature": _lazy("Signature"),
    "system": _lazy("System's points"),
    "text": _lazy("Text"),
    "total": _lazy("Total"),
    "transition": _lazy("Step"),
    "version": _lazy("Version"),
}
# Pairs of details that are one detail with what was before and after.
PAIRS = (("from", "to", _lazy("State")), ("before", "points", _lazy("Points")))
CODES: Mapping[str, Any] = {
    str(code): words
    for choices in (Filing, Review, MeasureState, ReviewStage, RoundState, ScoreKind, Role)
    for code, words in choices.choices
} | {
    **dict(Kind.choices),
    "password": _lazy("Password"),
    "recovery": _lazy("Recovery code"),
}


@dataclass(frozen=True)
class Detail:
    """One detail of an event: ``before`` is None where the event keeps only what holds after it."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True)
class EventView:
    """An event as its page shows it. ``target`` is the object it is about as (kind, id, name); the name is today's.
    ``found`` is that object itself, None where it is no longer there.
    """

    event: Event
    details: list[Detail]
    target: tuple[str, str, str]
    found: Any

    @property
    def has_changes(self) -> bool:
        """Whether some detail says what was before."""
        return any(detail.before is not None for detail in self.details)


def get_event(actor: User, seq: int) -> EventView:
    """One event, for those who read the trail; 404 for everybody else and for a number that there is not."""
    event = trail(actor).filter(pk=seq).first()
    if event is None:
        raise Http404
    model = _model(event.object_type)
    found = model._default_manager.filter(pk=event.object_id).first() if model is not None and event.object_id else None
    return EventView(event, list(_details(json.loads(event.data), model)), _target(event, model, found), found)


def _model(object_type: str) -> Any:
    try:
        return apps.get_model(object_type) if object_type else None
    except (LookupError, ValueError):
        return None


def _target(event: Event, model: Any, found: Any) -> tuple[str, str, str]:
    name = ""
    if model is not None and event.object_id:
        name = str(found) if found is not None else _("no longer there")
    return str(object_words(event.object_type)), event.object_id, name


def _details(data: Mapping[str, Any], model: Any, prefix: str = "") -> Iterator[Detail]:
    """The details in the order in which they were recorded; nested ones are named by their path."""
    rest = dict(data)
    for before, after, words in PAIRS:
        if before in rest and after in rest and not isinstance(rest[after], Mapping):
            yield Detail(f"{prefix}{words}", _text(rest.pop(before)), _text(rest.pop(after)))
    for name, value in rest.items():
        label = f"{prefix}{_label(name, model)}"
        if name == "changes" and isinstance(value, Mapping):
            yield from _changes(value, model, prefix)
        elif isinstance(value, Mapping):
            yield from _details(value, model, f"{label} · ")
        else:
            yield Detail(label, None, _text(value))


def _changes(changes: Mapping[str, Any], model: Any, prefix: str) -> Iterator[Detail]:
    for name, pair in changes.items():
        label = f"{prefix}{_label(name, model)}"
        if isinstance(pair, Mapping):
            yield from _changes(pair, model, f"{label} · ")
        elif isinstance(pair, list) and len(pair) == 2:
            yield Detail(label, _text(pair[0]), _text(pair[1]))
        else:
            yield Detail(label, None, _text(pair))


def _label(name: str, model: Any) -> str:
    """The words of a shared name, else the field's own where the object's model has it, else the name as recorded."""
    if name in WORDS:
        return str(WORDS[name])
    try:
        return str(model._meta.get_field(name).verbose_name) if model is not None else name
    except (FieldDoesNotExist, AttributeError):
        return name


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(_text(item) for item in value) or "—"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return str(CODES.get(str(value), value))
