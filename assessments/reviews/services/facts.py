"""The figures that the rulebook expects from the supervisor, and corrections of those that the system counted.

The page of one case, the sheet of a round and the workbook of that sheet all write here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import Assessment, FilingVersion, Review, ScoreKind
from assessments.reviews.given_facts import Year, is_given, questions, years_of
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.sizes import Unlikely
from assessments.rulebooks.stored_values import to_engine, to_stored
from assessments.scoring.runs import score_version
from assessments.workflow import duties
from assessments.workflow.machine import GIVE_FIGURES
from assessments.workflow.step import Step
from banks.models import FactEntry, FactSource, User
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.engine import parse_fact
from scorecard.engine.errors import FactError
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language

from .shared import fact_label, score_review

NOTE_LENGTH = 200
Cell = tuple[int, str]  # the case and the figure; "" for the case as a whole
Pair = tuple[str, str]  # state and text, as stored


@dataclass(frozen=True)
class Given:
    """What somebody gives for one case.

    ``values`` maps figures to what was typed (a blank means "not yet supplied"), or to the number of a spreadsheet's
    cell as it is stored. ``version`` is the number of the filing's version that was on the screen, 0 for none, and
    ``seen`` the revision of each figure there, 0 for none. A new figure of unlikely size is taken where ``sure_of``
    names it.
    """

    assessment: int
    version: int
    values: Mapping[str, str | Decimal]
    seen: Mapping[str, int]
    sure_of: Collection[str] = ()


class WrongFigures(Refused):
    """Figures that cannot be taken; ``cells`` has the sentences by cell."""

    def __init__(self, cells: Mapping[Cell, Sequence[Any]], general: Sequence[Any] = ()) -> None:
        super().__init__([*general, *(reason for reasons in cells.values() for reason in reasons)])
        self.cells = dict(cells)


def set_supervisor_facts(
    *,
    actor: User,
    assessment_id: int,
    version: int,
    values: Mapping[str, str],
    seen: Mapping[str, int],
    note: str = "",
    sure_of: Collection[str] = (),
) -> list[FactEntry]:
    """The figures of one case (``give_figures``)."""
    return give_figures(actor=actor, given=[Given(assessment_id, version, values, seen, sure_of)], note=note)


@transaction.atomic
def give_figures(*, actor: User, given: Sequence[Given], note: str = "") -> list[FactEntry]:
    """Record the figures that the rulebook expects from the supervisor, and corrections of those that the system
    counted, for all of these cases or for none; one event for each case that changes.

    Possible from the opening of the round until the case leaves the first review, for whoever acts in the case. A
    figure that is left as it was keeps its source: a count of the system stays one. A submitted version is scored
    again. Raises ``Stale`` (``current`` maps cells to their newer entries), ``WrongFigures`` with every reason, or
    ``Unlikely`` with a question to each such figure.
    """
    note = note.strip()
    checked = _looked_at(actor, given)
    found = _found(checked)
    if found.newer:
        names = [label for one in checked for label in one.newer_labels(len(checked) > 1)]
        words = _(
            "These figures have been given since you opened them, by somebody else or in another window: %(labels)s."
        )
        raise Stale([words % {"labels": "、".join(names)}], found.newer)
    if moved := [one for one in checked if one.moved]:
        reason = _("A newer version of this filing has come in; look at it before you go on.")
        raise Stale([reason], {(one.case.pk, ""): one.case.version for one in moved})
    long = [_("The note on where the figures come from has at most 200 characters.")] if len(note) > NOTE_LENGTH else []
    if found.wrong or long:
        raise WrongFigures(found.wrong, long)
    if found.asked:
        raise Unlikely(found.asked.values(), found.asked)
    return [row for one in checked for row in one.write(note)]


@dataclass(frozen=True)
class Found:
    """What stands against figures, by cell: newer entries, sentences, and questions to their size."""

    newer: Mapping[Cell, FactEntry]
    wrong: Mapping[Cell, Sequence[Any]]
    asked: Mapping[Cell, str]


@transaction.atomic
def check_figures(*, actor: User, given: Sequence[Given]) -> Found:
    """What ``give_figures`` would say; nothing is written."""
    return _found(_looked_at(actor, given))


def _looked_at(actor: User, given: Sequence[Given]) -> "list[_Checked]":
    return [_Checked(actor, one) for one in sorted(given, key=lambda one: one.assessment)]


def _found(checked: "Sequence[_Checked]") -> Found:
    return Found(
        {(one.case.pk, fact): entry for one in checked for fact, entry in one.newer.items()},
        {(one.case.pk, fact): reasons for one in checked for fact, reasons in one.wrong.items()},
        {(one.case.pk, fact): words for one in checked for fact, words in one.unsure().items()},
    )


class _Checked:
    """What is given for one case, held against the rulebook and what is on file; the case is locked."""

    def __init__(self, actor: User, given: Given) -> None:
        self.actor, self.given = actor, given
        self.case = get_assessment(actor, given.assessment, lock=True)
        self.rulebook: Rulebook = engine_rulebook(self.case.round.rulebook)
        self.year: Year = years_of([self.case], self.case.round.year)[self.case.bank_id]
        self.stored, self.wrong = read_figures(self.rulebook, given.values)
        if objections := list(figure_objections(actor, self.case)):
            self.wrong = {"": objections} | self.wrong
        self.changed = {
            fact: pair
            for fact, pair in self.stored.items()
            if pair != (_pair(self.year.entries[fact]) if fact in self.year.entries else ("not_supplied", ""))
        }

    @property
    def moved(self) -> bool:
        """Whether the screen showed another version."""
        return (self.case.version.number if self.case.version else 0) != self.given.version

    @property
    def newer(self) -> dict[str, FactEntry]:
        """Of these figures, those that somebody has given otherwise since the page was opened."""
        known = {fact: self.year.entries[fact] for fact in self.given.values if fact in self.year.entries}
        return {
            fact: entry
            for fact, entry in known.items()
            if entry.revision != self.given.seen.get(fact, 0) and self.stored.get(fact) != _pair(entry)
        }

    def newer_labels(self, with_bank: bool) -> list[str]:
        """Those in words."""
        names = [fact_label(self.rulebook.facts[fact]) for fact in self.newer if fact in self.rulebook.facts]
        return [f"{self.case.bank_name} {name}" if with_bank else name for name in names]

    def unsure(self) -> dict[str, str]:
        """The question to each new figure of unlikely size that nobody has answered for."""
        typed = {fact: to_engine(self.rulebook.facts[fact], *pair) for fact, pair in self.changed.items()}
        asked = questions(self.rulebook, typed, self.year)
        return {fact: words for fact, words in asked.items() if fact not in self.given.sure_of}

    def write(self, note: str) -> list[FactEntry]:
        """Record what changes, score again, and leave one event."""
        before = {f: _word(_pair(self.year.entries[f])) if f in self.year.entries else "" for f in self.changed}
        rows = record_facts(
            actor=self.actor,
            bank=self.case.bank,
            period=self.case.round.period,
            values=self.changed,
            source=FactSource.SUPERVISOR,
            note=note,
        )
        if rows:
            record(
                "assessments.review.facts",
                actor=self.actor,
                target=self.case,
                bank_id=self.case.bank_id,
                data={
                    "version": self.given.version,
                    "facts": sorted(self.changed),
                    "changes": {fact: [before[fact], _word(pair)] for fact, pair in sorted(self.changed.items())},
                    "note": note,
                    "total": _score(self.case, self.case.version, self.actor),
                }
                | duties.stood_in(self.actor, self.case),
            )
        return rows


def figure_objections(actor: User, assessment: Assessment) -> Iterator[Any]:
    """Why this person gives no figures here at this time."""
    if GIVE_FIGURES in workflow.capabilities(actor=actor, assessment=assessment):
        return
    if closed := list(duties.against_change(assessment)):
        yield from closed
    elif not actor.holds(Role.CASE_OFFICER):
        yield _("Only a case officer gives the supervisor's figures.")
    elif others := list(duties.the_assigned_officer(Step(actor, assessment, timezone.now()))):
        yield from others
    else:
        yield _("The case has left the first review, so its figures stand; they change once it is sent back.")


def _score(assessment: Assessment, version: FilingVersion | None, actor: User) -> str:
    """Score a submitted version with what has just been written; the total, "" where there is nothing to score.

    There is a reviewed score from the first review on.
    """
    if version is None:
        return ""
    run = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM, actor=actor)
    if assessment.review_state == Review.FIRST:
        run = score_review(assessment, version, actor)
    return run.total


def _pair(entry: FactEntry) -> Pair:
    return entry.state, entry.value


def _word(pair: Pair) -> str:
    """A stored figure in an event: its exact text, else the kind of nothing that it is."""
    return pair[1] or pair[0]


def read_figures(
    rulebook: Rulebook, values: Mapping[str, str | Decimal]
) -> tuple[dict[str, Pair], dict[str, list[Any]]]:
    """What was typed as it is stored, and the objections by figure."""
    stored: dict[str, Pair] = {}
    wrong: dict[str, list[Any]] = {}
    for fact, typed in values.items():
        spec = rulebook.facts.get(fact)
        if spec is None or not is_given(spec):
            name = fact_label(spec) if spec else fact
            wrong[fact] = [_("“%(fact)s” is not a figure that the supervisor gives.") % {"fact": name}]
            continue
        try:
            value = parse_fact(spec, typed)
        except FactError as error:
            wrong[fact] = [in_language(error.message)]
            continue
        state, text = to_stored(value)
        stored[fact] = ("not_supplied", "") if state == "unanswered" else (state, text)
    return stored, wrong
