"""The figures that the rulebook expects from the supervisor, and corrections of those that the system counted."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.models import Assessment, ScoreKind
from assessments.reviews.given_facts import is_given, questions
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine, to_stored
from assessments.scoring.runs import score_version
from assessments.workflow import duties
from banks.models import FactEntry, FactSource, User
from banks.selectors.facts import current_facts
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import parse_fact
from scorecard.engine.errors import FactError
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language

from .shared import fact_label, review_objections, score_review, version_shown

NOTE_LENGTH = 200


class Unlikely(Refused):
    """Figures of unlikely size were given: each is asked about, and taken once somebody says that it is right."""


@transaction.atomic
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
    """Record the figures that the rulebook expects from the supervisor, and corrections of those that the system
    counted.

    ``values`` maps fact ids to typed text; blank means "not yet supplied". ``seen`` holds the revision of each that was
    on the screen (0 for none). A figure that is left as it was keeps its source: a count of the system stays one.
    A new figure of unlikely size is taken where ``sure_of`` names it. Raises ``Stale`` (``current`` maps facts to their
    newer entries), ``Refused`` with every reason, or ``Unlikely`` with a question to each such figure.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = version_shown(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    period, before = assessment.round.period, str(assessment.round.year - 1)
    entries = current_facts(assessment.bank_id, [period, before])
    current = entries[period]
    _not_stale(rulebook, current, values, seen)
    note = note.strip()
    stored, wrong = _read(rulebook, values)
    reasons: list[Any] = [*review_objections(actor, assessment), *wrong]
    if len(note) > NOTE_LENGTH:
        reasons.append(_("The note on where the figures come from has at most 200 characters."))
    if reasons:
        raise Refused(reasons)
    changed = {fact: pair for fact, pair in stored.items() if fact not in current or _pair(current[fact]) != pair}
    typed = {fact: to_engine(rulebook.facts[fact], *pair) for fact, pair in changed.items()}
    asked = questions(rulebook, typed, current, entries[before])
    if unsure := [question for fact, question in asked.items() if fact not in sure_of]:
        raise Unlikely(unsure)
    untouched = {fact for fact, pair in stored.items() if pair[0] == "not_supplied" and fact not in current}
    rows = record_facts(
        actor=actor,
        bank=assessment.bank,
        period=period,
        values={fact: pair for fact, pair in stored.items() if fact not in untouched},
        source=FactSource.SUPERVISOR,
        note=note,
    )
    if rows:
        score_version(version_id=held.pk, kind=ScoreKind.SYSTEM, actor=actor)
        run = score_review(assessment, held, actor)
        _record_facts(assessment, rows, held.number, note, run.total, actor)
    return rows


def _pair(entry: FactEntry) -> tuple[str, str]:
    return entry.state, entry.value


def _not_stale(
    rulebook: Rulebook, current: Mapping[str, FactEntry], values: Mapping[str, str], seen: Mapping[str, int]
) -> None:
    """``Stale`` where somebody has given one of these figures since the page was opened."""
    newer = {fact: current[fact] for fact in values if fact in current and current[fact].revision != seen.get(fact, 0)}
    if newer:
        labels = "、".join(fact_label(rulebook.facts[fact]) for fact in newer if fact in rulebook.facts)
        raise Stale(
            [_("Somebody else has given these figures since you opened them: %(labels)s.") % {"labels": labels}], newer
        )


def _read(rulebook: Rulebook, values: Mapping[str, str]) -> tuple[dict[str, tuple[str, str]], list[Any]]:
    """The typed figures as they are stored, and every objection."""
    stored: dict[str, tuple[str, str]] = {}
    wrong: list[Any] = []
    for fact, typed in values.items():
        spec = rulebook.facts.get(fact)
        if spec is None or not is_given(spec):
            name = fact_label(spec) if spec else fact
            wrong.append(_("“%(fact)s” is not a figure that the supervisor gives.") % {"fact": name})
            continue
        try:
            value = parse_fact(spec, typed)
        except FactError as error:
            wrong.append(in_language(error.message))
            continue
        state, text = to_stored(value)
        stored[fact] = ("not_supplied", "") if state == "unanswered" else (state, text)
    return stored, wrong


def _record_facts(
    assessment: Assessment, rows: list[FactEntry], version: int, note: str, total: str, actor: User
) -> None:
    record(
        "assessments.review.facts",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"version": version, "facts": sorted(row.fact for row in rows), "note": note, "total": total}
        | duties.stood_in(actor, assessment),
    )
