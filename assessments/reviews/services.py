"""What a supervisor writes while verifying a filing: points with a reason, the supervisor's own figures, remarks, the
officer.

Points are entries, never overwritten: each save names the version and the revision that were on the screen, and a
save on top of somebody else's newer one is ``Stale``. After each change the reviewed score is computed anew in the same
transaction, so that points on the screen and points in the store never part.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.case_building import to_stored
from assessments.models import Assessment, Comment, FilingVersion, ReviewEntry, ReviewStage, ScoreKind, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import score_version
from assessments.workflow import duties
from assessments.workflow.machine import REVIEW_POINTS
from assessments.workflow.step import Step
from banks.models import FactEntry, FactSource, User
from banks.selectors.facts import current_facts
from banks.services.facts import record_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import REVIEW_ROLES, Role
from scorecard.audit.services import record
from scorecard.engine import parse_fact
from scorecard.engine.errors import FactError
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain

_POINTS = re.compile(r"[+-]?\d{1,4}(\.\d{1,10})?")
TEXT_LENGTH = 4000


# --- Points ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def set_points(
    *,
    actor: User,
    assessment_id: int,
    version: int,
    indicator: str,
    revision: int,
    points: str | Decimal | None,
    reason: str = "",
) -> ReviewEntry:
    """Give points to one indicator of the version in hand, or agree with the system's (product.md, A year, 5).

    ``version`` is the number of the version and ``revision`` that of the entry that were on the screen (0 for none).
    ``points`` is what was typed, exact, within the indicator's range and with no more decimals than the rulebook rounds
    to; None or blank agrees with the system. A reason is asked wherever the points differ from the system's. Points
    equal to the system's are agreement.

    Raises ``Stale`` (``current`` is the newer entry) where somebody was faster, ``Refused`` with every reason
    otherwise.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = _version_in_hand(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    spec = rulebook.indicators.get(indicator)
    if spec is None:
        raise Refused([_("The rulebook has no indicator “%(id)s”.") % {"id": indicator}])
    newest = latest_entry(held, indicator)
    if revision != (newest.revision if newest else 0):
        raise Stale([_("Somebody else has given a view of “%(name)s” since you opened it.") % _names(spec)], newest)
    reason = reason.strip()
    system = system_points(assessment, indicator)
    reasons = [*_may_review(actor, assessment), *_length(reason)]
    given, wrong = parse_points(points, spec, rulebook)
    reasons += wrong
    if given is not None and given == system:
        given = None
    if given is None and not wrong and system is None:
        reasons.append(
            _("“%(name)s” has no points of the system to agree with: give points, or the figure it waits for.")
            % _names(spec)
        )
    if given is not None:
        if not spec.judged_by:
            reasons.append(
                _("The points of “%(name)s” follow from figures alone; correct the figures instead.") % _names(spec)
            )
        if not reason:
            reasons.append(
                _("“%(name)s”: say why your points differ from the system's; the second reviewer reads it.")
                % _names(spec)
            )
    if reasons:
        raise Refused(reasons)
    entry = ReviewEntry.objects.create(
        assessment=assessment,
        version=held,
        indicator=indicator,
        revision=revision + 1,
        stage=ReviewStage.FIRST,
        points="" if given is None else plain(given),
        reason=reason,
        entered_by=actor,
    )
    run = _score(assessment, held, actor)
    record(
        "assessments.review.points",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "version": held.number,
            "indicator": indicator,
            "revision": entry.revision,
            "before": newest.points if newest else None,
            "points": entry.points,
            "system": None if system is None else plain(system),
            "reason": reason,
            "total": run.total,
        },
    )
    return entry


def parse_points(typed: str | Decimal | None, spec: Indicator, rulebook: Rulebook) -> tuple[Decimal | None, list[str]]:
    """Points as typed, exact, with every objection in words; blank is None. Full-width digits and 分 are understood."""
    if typed is None:
        return None, []
    text = unicodedata.normalize("NFKC", str(typed)).replace("−", "-").replace("分", "").strip()
    if not text:
        return None, []
    values = {**_names(spec), "typed": typed, "low": plain(spec.min), "high": plain(spec.max)}
    if not _POINTS.fullmatch(text):
        return None, [_("“%(name)s”: “%(typed)s” is not a number of points; write it like 2.5.") % values]
    points = Decimal(plain(Decimal(text)))
    wrong = []
    if points < spec.min or points > spec.max:
        wrong.append(_("“%(name)s” takes %(low)s to %(high)s points, not %(typed)s.") % values)
    decimals = -int(points.as_tuple().exponent)
    if decimals > rulebook.rounding.indicator:
        wrong.append(
            _("“%(name)s”: points have at most %(digits)d decimals.")
            % {**values, "digits": rulebook.rounding.indicator}
        )
    return points, wrong


def latest_entry(version: FilingVersion, indicator: str) -> ReviewEntry | None:
    """The newest view of one indicator of one version."""
    rows = ReviewEntry.objects.filter(version=version, indicator=indicator).select_related("entered_by")
    return rows.order_by("-revision").first()


def system_points(assessment: Assessment, indicator: str) -> Decimal | None:
    """What the rule gives now, with the supervisor's figures where they are in; None where it gives nothing."""
    run = assessment.reviewed_run or assessment.system_run
    found = run.outcome["indicators"].get(indicator, {}).get("system") if run else None
    return None if found is None else Decimal(found)


# --- The supervisor's own figures ------------------------------------------------------------------------------------


@transaction.atomic
def set_supervisor_facts(
    *,
    actor: User,
    assessment_id: int,
    version: int,
    values: Mapping[str, str],
    seen: Mapping[str, int],
    note: str = "",
) -> list[FactEntry]:
    """Record the figures that the rulebook expects from the supervisor, and corrections of those that the system
    counted.

    ``values`` maps fact ids to typed text; blank means "not yet supplied". ``seen`` holds the revision of each that was
    on the screen (0 for none). A figure that is left as it was keeps its source: a count of the system stays one.
    Raises ``Stale`` (``current`` maps facts to their newer entries), or ``Refused`` with every reason.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = _version_in_hand(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    period = assessment.round.period
    current = current_facts(assessment.bank_id, [period])[period]
    newer = {fact: current[fact] for fact in values if fact in current and current[fact].revision != seen.get(fact, 0)}
    if newer:
        labels = "、".join(_label(rulebook.facts[fact]) for fact in newer if fact in rulebook.facts)
        raise Stale(
            [_("Somebody else has given these figures since you opened them: %(labels)s.") % {"labels": labels}], newer
        )
    reasons: list[Any] = [*_may_review(actor, assessment)]
    stored: dict[str, tuple[str, str]] = {}
    for fact, typed in values.items():
        spec = rulebook.facts.get(fact)
        if spec is None or spec.supplied_by == "bank" or spec.derived is not None:
            reasons.append(
                _("“%(fact)s” is not a figure that the supervisor gives.") % {"fact": _label(spec) if spec else fact}
            )
            continue
        try:
            value = parse_fact(spec, typed)
        except FactError as error:
            reasons.append(error.message.get(get_language() or "zh"))
            continue
        state, text = to_stored(value)
        stored[fact] = ("not_supplied", "") if state == "unanswered" else (state, text)
    if len(note) > 200:
        reasons.append(_("The note on where the figures come from has at most 200 characters."))
    if reasons:
        raise Refused(reasons)
    untouched = {fact for fact, pair in stored.items() if pair[0] == "not_supplied" and fact not in current}
    rows = record_facts(
        actor=actor,
        bank=assessment.bank,
        period=period,
        values={fact: pair for fact, pair in stored.items() if fact not in untouched},
        source=FactSource.SUPERVISOR,
        note=note.strip(),
    )
    if rows:
        run = _score(assessment, held, actor)
        record(
            "assessments.review.facts",
            actor=actor,
            target=assessment,
            bank_id=assessment.bank_id,
            data={
                "version": held.number,
                "facts": sorted(row.fact for row in rows),
                "note": note.strip(),
                "total": run.total,
            },
        )
    return rows


# --- Remarks ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def comment(
    *,
    actor: User,
    assessment_id: int,
    text: str,
    indicator: str = "",
    for_bank: bool = False,
    reply_to: int | None = None,
) -> Comment:
    """Write a remark on one indicator (or on the whole), for the bank or for supervisors only; a bank answers one.

    A bank's preparer answers remarks that are marked for the bank (product.md, People); the answer is seen by both
    sides. A supervisor's answer keeps the audience of what it answers.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    rulebook = engine_rulebook(assessment.round.rulebook)
    text = text.strip()
    asked = assessment.comments.filter(pk=reply_to).first() if reply_to else None
    reasons: list[Any] = [*duties.round_is_open(Step(actor, assessment, timezone.now())), *_length(text)]
    if not text:
        reasons.append(_("Write the remark before you send it."))
    if indicator and indicator not in rulebook.indicators:
        reasons.append(_("The rulebook has no indicator “%(id)s”.") % {"id": indicator})
    hidden = asked is None or (actor.is_bank_person and not asked.for_bank)
    if reply_to and hidden:
        reasons.append(_("The remark that you answer is not there any more. Reload the page."))
    if actor.is_bank_person:
        if not actor.holds(Role.BANK_PREPARER):
            reasons.append(_("The preparer of your bank answers the supervisor's remarks."))
        if not reply_to:
            reasons.append(_("A bank answers remarks of the supervisor; choose the remark that you answer."))
        for_bank = True
    elif not actor.holds(*REVIEW_ROLES):
        reasons.append(_("Your role does not write remarks."))
    elif assessment.version_id is None:
        reasons.append(_("The bank has not submitted anything yet to remark on."))
    if reasons:
        raise Refused(reasons)
    if asked is not None:
        indicator, for_bank = asked.indicator, asked.for_bank
    made = Comment.objects.create(
        assessment=assessment, indicator=indicator, reply_to=asked, for_bank=for_bank, text=text, author=actor
    )
    record(
        "assessments.review.comment",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"comment": made.pk, "indicator": indicator, "for_bank": for_bank, "reply_to": reply_to},
    )
    return made


# --- The case --------------------------------------------------------------------------------------------------------


@transaction.atomic
def reassign(
    *, actor: User, assessment_id: int, officer_id: int | None, seen_officer: int | None, reason: str
) -> Assessment:
    """Hand the case to another case officer, with a reason, before it has left the first review.

    ``seen_officer`` is the officer that was on the screen: where the case has changed hands since, ``Stale``.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    if assessment.officer_id != seen_officer:
        raise Stale([_("The case has been handed to somebody else since you opened it.")], assessment.officer)
    officer = User.objects.filter(pk=officer_id, bank=None, is_active=True).first() if officer_id else None
    step = Step(actor, assessment, timezone.now(), reason.strip())
    reasons: list[Any] = [*duties.round_is_open(step), *_length(reason)]
    if not actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER):
        reasons.append(_("Only a case officer or a decision maker hands a case to another officer."))
    if not may_reassign(assessment):
        reasons.append(_("The case has left the first review; its officer stays on record."))
    if officer is None or not officer.holds(Role.CASE_OFFICER):
        reasons.append(_("Choose a case officer who is active."))
    elif officer.pk == assessment.officer_id:
        reasons.append(_("%(name)s has the case already.") % {"name": officer})
    if not step.reason:
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if reasons:
        raise Refused(reasons)
    before, assessment.officer = assessment.officer, officer
    assessment.save(update_fields=["officer"])
    record(
        "assessments.review.reassigned",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={"from": before.pk if before else None, "to": officer_id, "reason": step.reason},
    )
    return assessment


def may_reassign(assessment: Assessment) -> bool:
    """Whether the case is still before or in the first review: where a case officer's step leads on from."""
    rows = workflow.TRANSITIONS.values()
    return any(
        Role.CASE_OFFICER in row.roles
        and (row.filing[0], row.review[0]) == (assessment.filing_state, assessment.review_state)
        for row in rows
    )


RETURNS = ("refuse", "return_for_correction")


def return_to_bank(
    *, actor: User, assessment_id: int, name: str, reason: str, due_at: datetime | None, seen_version: int
) -> Assessment:
    """Send a filing back for correction, with the day until which the bank may submit again.

    ``name`` is ``refuse`` or ``return_for_correction``. Where the round's filing deadline is over, a day is needed: the
    bank could not submit otherwise. It lies ahead and not after the round's review deadline.
    """
    if name not in RETURNS:
        raise ValueError(f"{name} does not return a filing.")
    assessment = get_assessment(actor, assessment_id)
    now, calendar = timezone.now(), assessment.round
    reasons = list(workflow.check(name, actor=actor, assessment=assessment).reasons)
    if not reason.strip():
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if due_at is None and max(assessment.due_at or now, calendar.filing_deadline) <= now:
        reasons.append(_("The filing deadline is over: give the bank a day until which it may submit again."))
    if due_at is not None and due_at <= now:
        reasons.append(_("The day for the resubmission must lie ahead."))
    if due_at is not None and due_at > calendar.review_deadline:
        reasons.append(
            _("The day for the resubmission must not be after the review deadline, %(at)s.")
            % {"at": f"{localtime(calendar.review_deadline):%Y-%m-%d %H:%M}"}
        )
    if reasons:
        raise Refused(reasons)
    extra: dict[str, Any] = {"due_at": due_at, "audit": {"due_at": due_at}} if due_at else {}
    return workflow.perform(
        name, actor=actor, assessment_id=assessment_id, reason=reason, seen_version=seen_version, extra=extra
    )


# --- Shared ----------------------------------------------------------------------------------------------------------


def _version_in_hand(assessment: Assessment, number: int) -> FilingVersion:
    """The version on which the work is; ``Stale`` where the screen showed another one."""
    held = assessment.version
    if held is None:
        raise Refused([_("The bank has not submitted anything yet.")])
    if held.number != number:
        raise Stale([_("A newer version of this filing has come in; look at it before you go on.")], held)
    return held


def _may_review(actor: User, assessment: Assessment) -> Iterator[str]:
    if REVIEW_POINTS in workflow.capabilities(actor=actor, assessment=assessment):
        return
    if not actor.holds(Role.CASE_OFFICER):
        yield _("Only a case officer gives points and figures in the first review.")
    else:
        yield _("The case is not in the first review now, so its points stand as they are.")


def _length(text: str) -> Iterator[str]:
    if len(text) > TEXT_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH}


def _names(spec: Indicator) -> dict[str, Any]:
    return {"name": f"{spec.id} {spec.name.get(get_language() or 'zh')}"}


def _label(spec: FactSpec) -> str:
    return spec.label.get(get_language() or "zh")


def _score(assessment: Assessment, version: FilingVersion, actor: User) -> ScoreRun:
    """The reviewed score with what has just been written."""
    return score_version(version_id=version.pk, kind=ScoreKind.REVIEWED, actor=actor)
