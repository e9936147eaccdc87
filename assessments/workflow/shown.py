"""What was on the screen when somebody took a final step: sealed into the page, and held against what is there now.

A page seals the content of the step; the step comes back with the seal. Where the content has changed since, the step
is ``Stale`` and the page shows what differs. A seal holds for one step on one assessment, and nobody else can make one.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.core import signing

from assessments.models import Assessment

SALT = "assessments.workflow.shown"
KEPT = 120  # characters of a text that the seal holds; a longer one is held by its beginning and its digest


@dataclass(frozen=True)
class ShownItem:
    """One thing that the person relies on: ``text`` is exact and the same in every language, ``label`` names it."""

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was on the screen; blank where it was not there, or is not there any more."""

    label: str
    before: str
    after: str


Content = Callable[[Assessment], Iterable[ShownItem]]


def _kept(text: str) -> list[str]:
    if len(text) <= KEPT:
        return [text]
    return [text[:KEPT] + "…", hashlib.sha256(text.encode()).hexdigest()]


def seal_content(name: str, assessment: Assessment, items: Iterable[ShownItem]) -> str:
    """The seal of a step's content, for a hidden field of its page."""
    content = {item.key: [item.label, *_kept(item.text)] for item in items}
    return signing.dumps(content, salt=f"{SALT}.{name}.{assessment.pk}", compress=True)


def differences(name: str, assessment: Assessment, items: Iterable[ShownItem], seal: str) -> list[Difference] | None:
    """What has changed since the page was sealed, in the order of the content; None where the seal cannot be read."""
    try:
        before = signing.loads(seal, salt=f"{SALT}.{name}.{assessment.pk}")
    except signing.BadSignature:
        return None
    found = []
    for item in items:
        was = before.pop(item.key, None)
        now = _kept(item.text)
        if was is None or was[1:] != now:
            found.append(Difference(item.label, was[1] if was else "", now[0]))
    return found + [Difference(was[0], was[1], "") for was in before.values()]
