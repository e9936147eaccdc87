"""How a step on many cases is declared, and what the lines of all of them say alike."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.many.loading import Entry, cases_for
from assessments.many.shared import Attempt
from assessments.models import Assessment
from assessments.reviews.queue import own_or_nobodys
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from assessments.workflow import duties
from assessments.workflow.shown import Kept, ShownItem
from assessments.workflow.step import TRANSITIONS, Guard, Transition
from banks.models import User
from scorecard.access.roles import Role
from scorecard.words.formats import moment, show
from scorecard.words.language import in_language

Cells = Iterable[Any]


@dataclass(frozen=True)
class ManyStep:
    """One step on many cases. ``asks`` is what is said once for all: ``reason``, ``officer``, ``measures``, and
    ``person``, somebody of the role ``hands``; whether it is signed the row of the single step says. ``alone`` are
    reasons, beside the step's own, why a case is not for a list but for its own page. ``met_first`` are guards that the
    entry itself satisfies before the step.
    """

    name: str
    title: Any
    consequence: Any
    roles: frozenset[str]
    columns: tuple[Any, ...]
    cells: Callable[[Entry], Cells]
    content: Callable[[Entry], Iterable[ShownItem]]
    carry: Callable[[Attempt], None]
    row: str = ""  # the transition, where it is one
    parts: tuple[str, ...] = ()
    asks: frozenset[str] = frozenset()
    alone: Callable[[Entry], Iterator[Any]] = lambda entry: iter(())
    hands: str = ""
    where: Callable[[User], Q] | None = None
    met_first: tuple[Guard, ...] = field(default=())

    @property
    def transition(self) -> Transition | None:
        """The row of the workflow's table, None for what moves no state."""
        return TRANSITIONS[self.row] if self.row else None

    @property
    def signature(self) -> bool:
        """Whether the list is signed: exactly where the single step is."""
        return self.transition is not None and self.transition.signature

    def candidates(self, actor: User) -> QuerySet[Assessment]:
        """The cases in which it is this person's turn for the step, whether or not something stands against it yet."""
        rows = cases_for(actor)
        if self.transition is not None:
            rows = rows.filter(self.transition.where())
        return rows.filter(self.where(actor)) if self.where is not None else rows

    def against(self, actor: User, entry: Entry) -> list[str]:
        """Every reason why the case cannot be ticked."""
        found = [str(reason) for reason in self.alone(entry)]
        if self.transition is not None:
            asked = workflow.check(
                self.row, actor=actor, assessment=entry.case, kept=entry.kept, but=self.met_first, reason=""
            )
            found += [str(reason) for reason in asked.reasons]
        return list(dict.fromkeys(found))


# --- What lines show -------------------------------------------------------------------------------------------------
def points(text: Any) -> str:
    shown = show(text, "", 2) if text not in (None, "") else None
    return shown.text if shown is not None else ""


def names(words: Iterable[str]) -> str:
    return _(", ").join(words)


def grade_words(case: Assessment, grade: str) -> str:
    return grade_name(engine_rulebook(case.round.rulebook), grade) if grade else ""


def missed(entry: Entry) -> str:
    run = entry.case.counted_run
    if run is None:
        return ""
    specs = engine_rulebook(entry.case.round.rulebook).targets.values()
    missed = [in_language(spec.short) for spec, letter in zip(specs, run.targets, strict=False) if letter == "x"]
    return names(missed)


def version_words(entry: Entry) -> str:
    version = entry.case.version
    if version is None:
        return entry.case.filing_words
    return _("version %(number)d, %(at)s") % {"number": version.number, "at": moment(version.submitted_at)}


def version_item(case: Assessment) -> ShownItem:
    said = f"{case.version.number} · {case.version.digest}" if case.version else ""
    return ShownItem("version", _("Version of the filing"), said)


def officer_item(case: Assessment) -> ShownItem:
    return ShownItem("officer", _("Case officer"), str(case.officer_id or ""), case.officer_name)


def acting_for(actor: User) -> list[int]:
    """The people (ids) in whose cases the person acts today."""
    return [actor.pk, *duties.stands_in_for(actor, timezone.localdate())]


def own(role: str) -> Callable[[User], Q]:
    """The cases to which the person, or somebody for whom the person stands in, is assigned in this role, and those to
    which nobody is."""
    return lambda actor: own_or_nobodys(role, acting_for(actor))


own_officer = own(Role.CASE_OFFICER)


def as_shown(content: Callable[[Assessment, Kept], Iterable[ShownItem]]) -> Callable[[Entry], Iterable[ShownItem]]:
    """What the single page of the step shows and seals."""
    return lambda entry: content(entry.case, entry.kept)


def perform(name: str) -> Callable[[Attempt], None]:
    """The step of the table, as its own page takes it."""

    def carry(attempt: Attempt) -> None:
        workflow.perform(
            name,
            actor=attempt.actor,
            assessment_id=attempt.entry.case.pk,
            reason=attempt.shared.reason,
            signed=attempt.signed,
            listed=attempt.listed,
        )

    return carry
