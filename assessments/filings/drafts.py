"""Saving a draft: only what changed, never over somebody else's change, valid fields even beside wrong ones.

A save carries the revision that its page had seen. Each field of the draft remembers the revision of the save that last
changed it (``Assessment.touched``): a field that somebody changed since is a conflict, and the whole save is ``Stale``
with both values; other people's work on other fields is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.case_building import CHECK_PREFIX, current_answers, may_claim, to_engine, to_stored
from assessments.filings.form_layout import own_facts
from assessments.filings.typed import nothing_message
from assessments.models import REPORT, Answer, Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow import duties
from assessments.workflow.machine import EDIT_DRAFT
from assessments.workflow.step import AnyStep, Step
from banks.models import FactEntry, FactSource, FactState, User
from banks.selectors.facts import current_facts
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import FactError, Rulebook, input_text, parse_fact
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.values.numbers import plain, terminating_digits
from scorecard.engine.values.rational import Fraction

NARRATIVE_LENGTH = 10_000
# The parts of an answer, as fields of the draft.
NARRATIVE, SELF_POINTS, NOT_APPLICABLE = "narrative", "self_points", "not_applicable"
_LETTERS = {NARRATIVE: "n", SELF_POINTS: "s", NOT_APPLICABLE: "x"}


@dataclass(frozen=True)
class Conflict:
    """A field that somebody else changed since the page was opened, with both values."""

    field: str
    label: str
    mine: str
    theirs: str
    by: str


@dataclass(frozen=True)
class Saved:
    """What came of a save: the revision to carry from now on, what was written, and what was wrong, by field."""

    assessment: Assessment
    revision: int
    written: tuple[str, ...]
    errors: dict[str, str] = field(default_factory=dict)


def fact_field(fact: str) -> str:
    """The name of a fact among the fields of a draft."""
    return f"f-{fact}"


def answer_field(indicator: str, part: str) -> str:
    """The name of a part of an answer among the fields of a draft."""
    return f"{_LETTERS[part]}-{indicator}"


@transaction.atomic
def save_draft(
    *,
    actor: User,
    assessment_id: int,
    revision: int,
    facts: Mapping[str, str] | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    source: str = FactSource.FORM,
    note: str = "",
) -> Saved:
    """Save what changed in a draft (product.md, A year, 2 and 3).

    ``facts`` maps fact ids to typed text (a ratio as a percentage, a checklist as ids joined by ``;`` or "none", "n/a"
    for not applicable). ``answers`` maps indicator ids, ``REPORT`` or ``"_check:<id>"`` to the parts that are saved:
    ``narrative``, ``self_points`` as typed, ``not_applicable``. Fields that are right are saved even where others are
    wrong; the wrong ones come back in ``errors`` with a sentence each, and nothing stored of theirs changes.

    Raises ``Stale`` (``current`` is a list of ``Conflict``) where a field was changed by somebody else since
    ``revision``: nothing is then written. Raises ``Refused`` where the draft is not the actor's to change now.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if EDIT_DRAFT not in workflow.capabilities(actor=actor, assessment=assessment):
        raise Refused(_cannot_edit(actor, assessment))
    rulebook = engine_rulebook(assessment.round.rulebook)
    work = _Work(actor, assessment, rulebook)
    work.read_facts(facts or {})
    work.read_answers(answers or {})
    if conflicts := work.conflicts(revision):
        raise Stale([_("Somebody else has changed the same fields since you opened the page.")], conflicts)
    written = work.changed_fields()
    if written:
        assessment.revision += 1
        assessment.saved_at, assessment.saved_by = timezone.now(), actor
        assessment.touched |= dict.fromkeys(written, assessment.revision)
        assessment.save(update_fields=["revision", "saved_at", "saved_by", "touched"])
        work.write(source, note)
        data = {"revision": assessment.revision, "fields": written, "source": str(source)}
        record("assessments.draft.saved", actor=actor, target=assessment, bank_id=assessment.bank_id, data=data)
    return Saved(assessment, assessment.revision, tuple(written), work.errors)


def _cannot_edit(actor: User, assessment: Assessment) -> list[Any]:
    """Why the draft cannot be changed now."""
    step: AnyStep = Step(actor, assessment, timezone.now())
    reasons = [*duties.round_is_open(step), *duties.filing_window(step)]
    return reasons or [_("The filing cannot be changed at this stage, or not by your role. Reload the page.")]


class _Work:
    """One save: what was typed, what it means, and what of it is new."""

    def __init__(self, actor: User, assessment: Assessment, rulebook: Rulebook) -> None:
        self.actor, self.assessment, self.rulebook = actor, assessment, rulebook
        self.period = assessment.round.period
        self.entries = current_facts(assessment.bank_id, [self.period])[self.period]
        self.answers = current_answers(assessment)
        self.errors: dict[str, str] = {}
        self.fact_values: dict[str, tuple[str, str]] = {}
        self.answer_values: dict[str, dict[str, Any]] = {}
        self.typed: dict[str, str] = {}

    # --- Reading what was typed --------------------------------------------------------------------------------------

    def read_facts(self, facts: Mapping[str, str]) -> None:
        """Parse each typed fact; what does not hold becomes an error of its field."""
        known = own_facts(self.rulebook)
        language = get_language() or ""
        for fact, text in facts.items():
            name = fact_field(fact)
            self.typed[name] = text
            if fact not in known:
                self.errors[name] = _("The rulebook of this round does not ask for “%(fact)s”.") % {"fact": fact}
                continue
            spec = known[fact]
            try:
                value = parse_fact(spec, text)
            except FactError as error:
                self.errors[name] = error.message.get(language)
                continue
            if message := nothing_message(self.rulebook, spec, value):
                self.errors[name] = message
                continue
            state, stored = to_stored(value)
            if len(stored) > 400:
                self.errors[name] = _("“%(label)s” is too long: at most 400 characters.") % {
                    "label": spec.label.get(language)
                }
                continue
            if not self._same_fact(fact, state, stored):
                self.fact_values[fact] = (state, stored)

    def _same_fact(self, fact: str, state: str, value: str) -> bool:
        entry = self.entries.get(fact)
        return (entry.state, entry.value) == (state, value) if entry else state == FactState.UNANSWERED

    def read_answers(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        """Check each part of each answer."""
        for indicator, parts in answers.items():
            for part, given in parts.items():
                name = answer_field(indicator, part)
                self.typed[name] = str(given)
                try:
                    value = self._answer_part(indicator, part, given)
                except ValueError as error:
                    self.errors[name] = str(error)
                    continue
                if getattr(self._answer(indicator), part) != value:
                    self.answer_values.setdefault(indicator, {})[part] = value

    def _answer_part(self, name: str, part: str, given: Any) -> Any:
        indicator = self.rulebook.indicators.get(name)
        apart = name == REPORT or name.startswith(CHECK_PREFIX)
        if part == NARRATIVE and (indicator is not None or apart):
            text = str(given).replace("\r\n", "\n").strip()
            if len(text) > NARRATIVE_LENGTH:
                raise ValueError(
                    _("The text has %(count)d characters; shorten it to at most %(limit)d.")
                    % {"count": len(text), "limit": NARRATIVE_LENGTH}
                )
            return text
        if indicator is None:
            raise ValueError(_("The rulebook of this round has no indicator “%(name)s”.") % {"name": name})
        if part == NOT_APPLICABLE:
            if given and not may_claim(self.rulebook, name):
                raise ValueError(_("The rulebook does not accept “not applicable” for %(name)s.") % {"name": name})
            return bool(given)
        if part == SELF_POINTS:
            return self._points(indicator, str(given))
        raise ValueError(_("An answer has no part “%(part)s”.") % {"part": part})

    def _points(self, indicator: Indicator, text: str) -> str:
        clean = text.strip().removesuffix("分").strip()
        if not clean:
            return ""
        limits = {"name": indicator.id, "low": plain(indicator.min), "high": plain(indicator.max)}
        try:
            points = Decimal(clean)
        except InvalidOperation:
            points = Decimal("NaN")
        if not points.is_finite() or len(clean) > 20:
            raise ValueError(_("The points for %(name)s must be a number from %(low)s to %(high)s.") % limits)
        if not indicator.min <= points <= indicator.max:
            raise ValueError(_("The points for %(name)s must lie between %(low)s and %(high)s.") % limits)
        digits = self.rulebook.rounding.indicator
        if (terminating_digits(Fraction(points)) or 0) > digits:
            raise ValueError(
                _("The points for %(name)s take at most %(digits)d decimals.")
                % {"name": indicator.id, "digits": digits}
            )
        return plain(points)

    def _answer(self, name: str) -> Answer:
        return self.answers.get(name) or Answer(indicator=name)

    # --- Conflicts and writing ---------------------------------------------------------------------------------------

    def changed_fields(self) -> list[str]:
        """The fields that this save would change, sorted."""
        facts = [fact_field(fact) for fact in self.fact_values]
        parts = [answer_field(i, part) for i, values in self.answer_values.items() for part in values]
        return sorted(facts + parts)

    def conflicts(self, revision: int) -> list[Conflict]:
        """The fields of this save that were changed after the revision that the page had seen."""
        return [
            self._conflict(name) for name in self.changed_fields() if self.assessment.touched.get(name, 0) > revision
        ]

    def _conflict(self, name: str) -> Conflict:
        kind, _dash, key = name.partition("-")
        if kind == "f":
            entry, spec = self.entries[key], self.rulebook.facts[key]
            label, theirs, by = spec.label.get(get_language() or ""), shown_fact(spec, entry), entry.entered_by
        else:
            part = {letter: part for part, letter in _LETTERS.items()}[kind]
            answer = self._answer(key)
            label, theirs, by = answer_label(self.rulebook, key, part), str(getattr(answer, part)), answer.entered_by
        return Conflict(name, label, self.typed[name], theirs, str(by) if by else "")

    def write(self, source: str, note: str) -> None:
        """Append the new rows."""
        if self.fact_values:
            record_facts(
                actor=self.actor,
                bank=self.assessment.bank,
                period=self.period,
                values=self.fact_values,
                source=source,
                note=note,
            )
        rows = []
        for name, values in self.answer_values.items():
            before = self._answer(name)
            rows.append(
                Answer(
                    assessment=self.assessment,
                    indicator=name,
                    revision=(before.revision or 0) + 1,
                    narrative=values.get(NARRATIVE, before.narrative),
                    self_points=values.get(SELF_POINTS, before.self_points),
                    not_applicable=values.get(NOT_APPLICABLE, before.not_applicable),
                    entered_by=self.actor,
                )
            )
        Answer.objects.bulk_create(rows)


def shown_fact(spec: FactSpec, entry: FactEntry) -> str:
    """A stored fact as it stands in its field, so that it can be typed back unchanged."""
    return input_text(spec, to_engine(spec, entry.state, entry.value))


def answer_label(rulebook: Rulebook, name: str, part: str) -> str:
    """What a part of an answer is called on the screen."""
    if name == REPORT:
        return _("Summary report")
    if name.startswith(CHECK_PREFIX):
        return _("Explanation of a warning")
    indicator = rulebook.indicators[name]
    title = f"{indicator.id} {indicator.name.get(get_language() or '')}"
    words = {NARRATIVE: _("narrative"), SELF_POINTS: _("self-score"), NOT_APPLICABLE: _("not applicable")}
    return _("%(indicator)s, %(part)s") % {"indicator": title, "part": words[part]}
