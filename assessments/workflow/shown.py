"""What was on the screen when somebody took a final step: sealed into the page, and held against what is there now.

A page seals the content of the step; the step comes back with the seal. Where the content has changed since, the step
is ``Stale`` and the page shows what differs. A seal holds for one step on one subject (an assessment or a round by its
id, a rulebook by its name), and nobody else can make one.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from assessments.models import Assessment
from scorecard.access.decisions import Stale

SALT = "assessments.workflow.shown"
KEPT = 120  # characters of a text that the seal holds; a longer one is held by its beginning and its digest


@dataclass(frozen=True)
class ShownItem:
    """One thing that the person relies on: ``text`` is exact and the same in every language, ``label`` names it, and
    ``words`` stand for the text on screen where it is none for readers.
    """

    key: str
    label: str
    text: str
    words: str = ""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was on the screen; blank where it was not there, or is not there any more."""

    label: str
    before: str
    after: str


# What one attempt at a step, or one page of it, has read and reads no second time.
Kept = dict[str, Any]
Content = Callable[[Assessment, Kept], Iterable[ShownItem]]


def _kept(item: ShownItem) -> list[str]:
    """What the seal keeps of an item: what is shown of it, and the exact text where that is another."""
    exact = item.text if len(item.text) <= KEPT else hashlib.sha256(item.text.encode()).hexdigest()
    shown = item.words or item.text
    if len(shown) > KEPT:
        shown = shown[:KEPT] + "…"
    return [shown] if shown == exact else [shown, exact]


def content_digest(items: Iterable[ShownItem]) -> str:
    """SHA-256 over the keys and exact texts of a content, as canonical JSON: what a signature's event says of it."""
    exact = [[item.key, item.text] for item in items]
    return hashlib.sha256(json.dumps(exact, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def seal_content(name: str, subject: int | str, items: Iterable[ShownItem]) -> str:
    """The seal of a step's content, for a hidden field of its page."""
    content = {item.key: [item.label, *_kept(item)] for item in items}
    return signing.dumps(content, salt=f"{SALT}.{name}.{subject}", compress=True)


def differences(name: str, subject: int | str, items: Iterable[ShownItem], seal: str) -> list[Difference] | None:
    """What has changed since the page was sealed, in the order of the content; None where the seal cannot be read."""
    try:
        before = signing.loads(seal, salt=f"{SALT}.{name}.{subject}")
    except signing.BadSignature:
        return None
    found = []
    for item in items:
        was = before.pop(item.key, None)
        now = _kept(item)
        # The last one is exact; what is shown may be in another language.
        if was is None or was[-1] != now[-1]:
            found.append(Difference(item.label, was[1] if was else "", now[0]))
    return found + [Difference(was[0], was[1], "") for was in before.values()]


def hold_to_seal(name: str, subject: int | str, items: Iterable[ShownItem], seal: str) -> None:
    """``Stale`` with what differs in ``current``, where the content is not the sealed one or the seal is none."""
    changed = differences(name, subject, items, seal)
    if changed is None or changed:
        raise Stale(
            [_("What you had before you has changed since; nothing has been done. Read it again.")], changed or []
        )
