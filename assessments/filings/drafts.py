"""Saving drafts: only what changed, never over somebody else's change, right values even beside wrong ones.

A save carries the revision that its page had seen. The draft remembers for each thing the revision of the save that
last changed it (``Assessment.touched``): what somebody changed since is a conflict, and the whole save is ``Stale``
with both values; other people's work on other things is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.form_layout import own_facts
from assessments.filings.keys import Key, Kind
from assessments.filings.refusals import refusal
from assessments.filings.scoring_input import CHECK_PREFIX, current_answers
from assessments.filings.sections.assignments import assigned, others_word, page_of
from assessments.models import REPORT, Answer, Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine, to_stored
from assessments.workflow import duties
from assessments.workflow.machine import EDIT_DRAFT
from assessments.workflow.step import AnyStep, Step
from banks.models import FactSource, User
from banks.selectors.facts import current_facts
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import FactValue, Nothing, Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language

# What stands under a key: a fact's value; a narrative; own points, None where there are none; a claim.
DraftValue = FactValue | None


@dataclass(frozen=True)
class DraftChange:
    """What a save brings. ``narratives`` and ``own_points`` are by indicator; the report and the explanations of
    warnings are narratives under ``REPORT`` and ``"_check:<id>"``. What is not named stays as it is."""

    facts: Mapping[str, FactValue] = field(default_factory=dict)
    narratives: Mapping[str, str] = field(default_factory=dict)
    own_points: Mapping[str, Decimal | None] = field(default_factory=dict)
    claims: Mapping[str, bool] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[Key, DraftValue]]:
        """Everything that it brings, by key."""
        for kind, values in (
            (Kind.FACT, self.facts),
            (Kind.NARRATIVE, self.narratives),
            (Kind.SELF_POINTS, self.own_points),
            (Kind.NOT_APPLICABLE, self.claims),
        ):
            for name, value in values.items():
                yield Key(kind, name), value


@dataclass(frozen=True)
class Conflict:
    """What somebody else changed since the page was opened, with both values."""

    key: Key
    label: str
    mine: DraftValue
    theirs: DraftValue
    by: str


@dataclass(frozen=True)
class Saved:
    """What came of a save: the revision to carry from now on, what was written, and what was wrong, by key."""

    assessment: Assessment
    revision: int
    written: tuple[Key, ...]
    errors: dict[Key, str] = field(default_factory=dict)


@transaction.atomic
def save_draft(
    *,
    actor: User,
    assessment_id: int,
    revision: int,
    change: DraftChange,
    own: Mapping[Key, int] | None = None,
    source: str = FactSource.FORM,
    note: str = "",
    notes: Mapping[str, str] | None = None,
) -> Saved:
    """Save what changed in a draft (docs/filing.md, Saving). ``own`` are the revisions at which the page itself has
    saved something since it was opened at ``revision``: that is no conflict. ``note`` says where the figures came from,
    ``notes`` the same by fact.

    Values that are right are saved even where others are wrong; the wrong ones come back in ``errors`` with a sentence
    each, and nothing stored of theirs changes.

    Raises ``Stale`` (``current`` is a list of ``Conflict``) where something was changed by somebody else since
    ``revision``: nothing is then written. Raises ``Refused`` where the draft is not the actor's to change now.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(against_editing(actor, assessment))
    work = _Work(actor, assessment, engine_rulebook(assessment.round.rulebook))
    work.read(change)
    seen = own or {}
    late = [key for key in work.changed if assessment.touched.get(key.text, 0) > max(revision, seen.get(key, 0))]
    if conflicts := [work.conflict(key) for key in late]:
        raise Stale(
            [_("The same fields have been changed since you opened the page, by somebody else or in another window.")],
            conflicts,
        )
    written = tuple(sorted(work.changed))
    if written:
        names = [key.text for key in written]
        assessment.revision += 1
        assessment.saved_at, assessment.saved_by = timezone.now(), actor
        assessment.touched |= dict.fromkeys(names, assessment.revision)
        assessment.save(update_fields=["revision", "saved_at", "saved_by", "touched"])
        work.write(source, note, notes)
        data = {"revision": assessment.revision, "fields": names, "source": str(source)}
        record("assessments.draft.saved", actor=actor, target=assessment, bank_id=assessment.bank_id, data=data)
    return Saved(assessment, assessment.revision, written, work.errors)


def against_editing(actor: User, assessment: Assessment) -> list[Any]:
    """Why the draft cannot be changed now, by who may not change it."""
    step: AnyStep = Step(actor, assessment, timezone.now())
    reasons = [*duties.round_is_open(step), *duties.filing_window(step)]
    return reasons or [_("The filing cannot be changed at this stage, or not by your role. Reload the page.")]


class _Work:
    """One save: what of it holds, and what of that is new."""

    def __init__(self, actor: User, assessment: Assessment, rulebook: Rulebook) -> None:
        self.actor, self.assessment, self.rulebook = actor, assessment, rulebook
        self.period = assessment.round.period
        self.entries = current_facts(assessment.bank_id, [self.period])[self.period]
        self.answers = current_answers(assessment)
        self.known = own_facts(rulebook)
        self.taken = assigned(assessment)
        self.errors: dict[Key, str] = {}
        self.changed: dict[Key, DraftValue] = {}

    def read(self, change: DraftChange) -> None:
        """Check each value; what does not hold becomes an error of its key, what is new is kept for writing."""
        for key, value in change.items():
            if key.kind == Kind.NARRATIVE:
                value = str(value).replace("\r\n", "\n").strip()
            if message := refusal(self.rulebook, key, value):
                self.errors[key] = message
            elif value != self.stored(key):
                if message := others_word(self.rulebook, self.taken, self.actor, page_of(self.rulebook, key)):
                    self.errors[key] = message
                else:
                    self.changed[key] = value

    def stored(self, key: Key) -> DraftValue:
        """What the draft holds under a key."""
        if key.kind == Kind.FACT:
            entry = self.entries.get(key.id)
            return to_engine(self.known[key.id], entry.state, entry.value) if entry else Nothing.UNANSWERED
        kept = getattr(self._answer(key.id), key.kind)
        if key.kind == Kind.SELF_POINTS:
            return Decimal(kept) if kept else None
        return kept  # type: ignore[no-any-return]

    def _answer(self, name: str) -> Answer:
        return self.answers.get(name) or Answer(indicator=name)

    def conflict(self, key: Key) -> Conflict:
        """Both values of what somebody else has changed."""
        if key.kind == Kind.FACT:
            label, by = in_language(self.known[key.id].label), self.entries[key.id].entered_by
        else:
            label, by = answer_label(self.rulebook, key), self._answer(key.id).entered_by
        return Conflict(key, label, self.changed[key], self.stored(key), str(by) if by else "")

    def write(self, source: str, note: str, notes: Mapping[str, str] | None) -> None:
        """Append the new rows."""
        facts: dict[str, tuple[str, str]] = {}
        parts: dict[str, dict[str, Any]] = {}
        for key, value in self.changed.items():
            if key.kind == Kind.FACT:
                facts[key.id] = to_stored(cast(FactValue, value))
            elif key.kind == Kind.SELF_POINTS:
                parts.setdefault(key.id, {})[key.kind] = plain(value) if isinstance(value, Decimal) else ""
            else:
                parts.setdefault(key.id, {})[key.kind] = value
        if facts:
            record_facts(
                actor=self.actor,
                bank=self.assessment.bank,
                period=self.period,
                values=facts,
                source=source,
                note=note,
                notes=notes,
            )
        rows = []
        for name, values in parts.items():
            before = self._answer(name)
            answer: dict[str, Any] = {k: values.get(k, getattr(before, k)) for k in Kind if k != Kind.FACT}
            answer["revision"] = (before.revision or 0) + 1
            rows.append(Answer(assessment=self.assessment, indicator=name, entered_by=self.actor, **answer))
        Answer.objects.bulk_create(rows)


def answer_label(rulebook: Rulebook, key: Key) -> str:
    """What a part of an answer is called on the screen."""
    if key.id == REPORT:
        return _("Summary report")
    if key.id.startswith(CHECK_PREFIX):
        return _("Explanation of a warning")
    indicator = rulebook.indicators[key.id]
    title = f"{indicator.id} {in_language(indicator.name)}"
    words = {
        Kind.NARRATIVE: _("narrative"),
        Kind.SELF_POINTS: _("self-score"),
        Kind.NOT_APPLICABLE: _("not applicable"),
    }
    return _("%(indicator)s, %(part)s") % {"indicator": title, "part": words[key.kind]}
