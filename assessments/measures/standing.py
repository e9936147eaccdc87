"""What other desks ask of the register: may this bank open a branch, have an executive approved, issue bonds today?

The answer follows from the measures under the tool ``access`` that bind today (``docs/measures.md``). Each question is
an event.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.measures.selectors import notice_of, visible_measures
from assessments.models import LiveMeasure, MeasureState
from banks.models import Bank, User
from scorecard.access.decisions import Refused
from scorecard.audit.services import record

ACCESS = "access"


class Word(StrEnum):
    """What a question is answered with, the strictest first."""

    NO = "no"
    CONDITIONS = "conditions"
    READ = "read"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Question:
    """What a desk may ask, and what each action that it is about makes of the answer."""

    key: str
    words: Any
    actions: dict[str, Word]


QUESTIONS = {
    one.key: one
    for one in (
        Question("branch", _("Open a branch"), {"branches": Word.NO}),
        Question("position", _("Have an executive approved for a position"), {"executives": Word.NO}),
        Question(
            "bonds",
            _("Issue bonds, preferred shares or other capital instruments"),
            {"capital_refused": Word.NO, "capital_conditional": Word.CONDITIONS},
        ),
    )
}
# Every action under the tool that some question is about; another one must be read by a person.
KNOWN = {action for question in QUESTIONS.values() for action in question.actions}


@dataclass(frozen=True)
class Ground:
    """A measure that binds today and bears on the question: what it makes of the answer, and the actions that do."""

    live: LiveMeasure
    word: Word
    actions: tuple[dict[str, str], ...]
    notice: str

    @property
    def until(self) -> date | None:
        """The last day of the measure; None where it ends by a step alone."""
        return self.live.ends_on


@dataclass(frozen=True)
class Answer:
    """The answer to one question about one bank on one day."""

    bank: Bank
    question: Question
    day: date
    word: Word
    grounds: tuple[Ground, ...]


def answer(bank: Bank, question: Question, rows: Iterable[LiveMeasure], day: date) -> Answer:
    """The answer that follows from the entries of a bank; the strictest ground decides."""
    grounds = []
    for live in rows:
        if live.measure.tool != ACCESS or not live.binds(day):
            continue
        word = _word(live, question)
        if word is not Word.NOTHING:
            listed = live.measure.proposal.get("options") or {}
            said = tuple(listed[key] for key in live.measure.options if key in question.actions and key in listed)
            grounds.append(Ground(live, word, said, notice_of(live).number))
    order = list(Word)
    grounds.sort(key=lambda ground: (order.index(ground.word), ground.live.pk))
    return Answer(bank, question, day, grounds[0].word if grounds else Word.NOTHING, tuple(grounds))


def _word(live: LiveMeasure, question: Question) -> Word:
    """What one measure makes of the answer. Words of the decision maker's own are for a person to read; so is an action
    that no question knows, and a measure without actions.
    """
    chosen = [question.actions[key] for key in live.measure.options if key in question.actions]
    found = min(chosen, key=list(Word).index, default=Word.NOTHING)
    if found is Word.NO:
        return found
    own_words = live.measure.state == MeasureState.CHANGED
    if own_words or not live.measure.options or not KNOWN.issuperset(live.measure.options):
        return found if found is not Word.NOTHING else Word.READ
    return found


@transaction.atomic
def ask(*, actor: User, bank: Bank, question: str) -> Answer:
    """Answer a question about a bank today, and record that it was asked and how it was answered."""
    asked = QUESTIONS.get(question)
    if asked is None:
        raise Refused([_("Choose what the bank would do.")])
    day = timezone.localdate()
    rows = visible_measures(actor, day).filter(assessment__bank=bank).order_by("pk")
    found = answer(bank, asked, rows, day)
    data = {
        "question": asked.key,
        "answer": str(found.word),
        "day": day.isoformat(),
        "measures": [ground.live.pk for ground in found.grounds],
    }
    record("assessments.standing.asked", actor=actor, target=bank, bank_id=bank.pk, data=data)
    return found
