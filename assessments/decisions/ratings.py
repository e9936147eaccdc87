"""The rating: proposed by rule, decided by a person with a reason, told to the bank in a frozen letter.

``propose``, ``withdraw``, ``decide``, ``issue`` and ``acknowledge`` are effects of the workflow and run inside its
transaction, with the assessment locked. ``decide_measure`` is a service of its own: measures are decided one by one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import Measure, MeasureState, Notice, Rating, Round, ScoreKind
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import score_version
from assessments.workflow import duties
from assessments.workflow.machine import DECIDE_MEASURES
from assessments.workflow.step import Step
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.audit.services import GENESIS, record
from scorecard.engine import show_pair
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain, to_fraction

Json = dict[str, Any]
OUTCOMES = {"accept": MeasureState.ACCEPTED, "change": MeasureState.CHANGED, "decline": MeasureState.DECLINED}
# The letters are numbered 普惠评通〔year of issue〕n号, in one sequence a year without a gap.
NUMBER = "普惠评通〔{year}〕{n}号"
TEXT_LENGTH = 4000


# --- Proposed by rule ------------------------------------------------------------------------------------------------


def propose(step: Step) -> Rating:
    """Write the rating that the rules give for the reviewed points, and each measure that a clause proposes.

    Points, grade before and after caps, adjustment and measures are the engine's own, kept as they were concluded; the
    person who decides sees exactly this (product.md, A year, 6).
    """
    here = step.assessment
    if here.version is None:
        raise Refused([_("The bank has not submitted anything yet.")])
    run = score_version(version_id=here.version.pk, kind=ScoreKind.REVIEWED, actor=step.actor)
    here.reviewed_run = run
    adjustment = run.outcome["adjustment"]
    rating = Rating.objects.create(
        assessment=here,
        run=run,
        points=run.total,
        grade_before=run.grade_before,
        grade_proposed=run.grade,
        adjustment_proposed=adjustment["points"] if adjustment else "",
    )
    Measure.objects.bulk_create(
        Measure(rating=rating, code=item["id"], tool=item["tool"], proposal=item) for item in run.outcome["measures"]
    )
    step.extra.setdefault("audit", {})["proposed"] = {
        "points": rating.points,
        "grade": [rating.grade_before, rating.grade_proposed],
        "adjustment": rating.adjustment_proposed,
        "measures": [item["id"] for item in run.outcome["measures"]],
    }
    return rating


def withdraw(step: Step) -> None:
    """Remove the proposed rating and its measures; what was proposed and decided of it stays in the trail."""
    rating = Rating.objects.filter(assessment=step.assessment).first()
    if rating is None:
        return
    if rating.decided_at is not None:
        raise Refused([_("The rating has been decided and cannot be withdrawn.")])
    measures = list(rating.measures.order_by("id"))
    step.extra.setdefault("audit", {})["withdrawn"] = {
        "points": rating.points,
        "grade": [rating.grade_before, rating.grade_proposed],
        "measures": {measure.code: measure.state for measure in measures},
    }
    rating.measures.all().delete()
    rating.delete()


# --- Decided by a person ---------------------------------------------------------------------------------------------


@transaction.atomic
def decide_measure(
    *,
    actor: User,
    measure_id: int,
    outcome: str,
    reason: str,
    content: str = "",
    options: Iterable[str] = (),
    seen: str = "",
) -> Measure:
    """Accept, change or decline one proposed measure, with a reason (``outcome``: accept, change, decline).

    Accepting names which of the listed options apply, at least one where there are several; ``content`` may add scope
    and time. Changing says in ``content`` what is done instead. ``seen`` is when the decision on the screen was made
    (ISO, blank for none): another one since is ``Stale``. Until the rating itself is decided the decision can be made
    anew.
    """
    found = Measure.objects.filter(pk=measure_id).values_list("rating__assessment", flat=True).first()
    if found is None:
        raise Http404
    assessment = get_assessment(actor, found, lock=True)
    measure = Measure.objects.select_related("rating", "decided_by").filter(pk=measure_id).first()
    if measure is None:
        raise Http404
    if seen != (measure.decided_at.isoformat() if measure.decided_at else ""):
        raise Stale([_("Somebody else has decided this measure since you opened it.")], measure)
    reason, content, chosen = reason.strip(), content.strip(), list(dict.fromkeys(options))
    reasons: list[Any] = []
    if DECIDE_MEASURES not in workflow.capabilities(actor=actor, assessment=assessment):
        step = Step(actor, assessment, timezone.now())
        against = [*duties.round_is_open(step), *duties.not_a_reviewer(step)]
        if not actor.holds(Role.DECISION_MAKER):
            against = [_("Only a decision maker decides measures.")]
        reasons += against or [_("Measures are decided while the case is for decision; it is not now.")]
    listed: Mapping[str, Any] = measure.proposal.get("options") or {}
    if outcome == "accept" and len(listed) == 1:
        chosen = chosen or list(listed)  # the measure has this one action and no other
    if outcome not in OUTCOMES:
        reasons.append(_("Choose whether the measure is accepted, changed or declined."))
    if outcome == "accept" and listed and not chosen:
        reasons.append(_("Choose which of the listed actions apply; none is taken by itself."))
    if outcome == "decline" and (chosen or content):
        reasons.append(_("A declined measure has no actions and no content; take them out or accept the measure."))
    if unknown := [option for option in chosen if option not in listed]:
        reasons.append(_("The proposal does not list the action “%(id)s”.") % {"id": unknown[0]})
    if outcome == "change" and not content:
        reasons.append(_("Say what is done instead of what was proposed, and until when."))
    if not reason:
        reasons.append(_("Give a reason: it stands in the notice and in the trail."))
    if len(reason) > TEXT_LENGTH or len(content) > TEXT_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH})
    if reasons:
        raise Refused(reasons)
    before = measure.state
    measure.state, measure.options, measure.content, measure.reason = OUTCOMES[outcome], chosen, content, reason
    measure.decided_by, measure.decided_at = actor, timezone.now()
    measure.save()
    record(
        "assessments.measure.decided",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "measure": measure.code,
            "from": before,
            "to": str(measure.state),
            "options": chosen,
            "content": content,
            "reason": reason,
        },
    )
    return measure


def grades_allowed(rating: Rating, rulebook: Rulebook) -> list[str]:
    """The grades that may be decided, best first: the rule's grade after caps, or any below it; never one above."""
    top = rulebook.grade_order[rating.grade_proposed]
    return [grade.id for grade in rulebook.grades if rulebook.grade_order[grade.id] >= top]


def adjustment_range(rating: Rating) -> tuple[Decimal, Decimal] | None:
    """What may be decided on the supervisory rating: the clause's own range where it states one (1 to 3 points off
    where a target is missed, report-2017 § 7-1-4); otherwise between nothing and what was proposed. None: nothing was
    proposed.
    """
    found = rating.run.outcome["adjustment"]
    if not found:
        return None
    if found["range"]:
        low, high = (Decimal(bound) for bound in found["range"])
        return low, high
    points = Decimal(found["points"])
    return min(points, Decimal(0)), max(points, Decimal(0))


def decide(step: Step) -> Rating:
    """Write the decided grade and adjustment from ``step.extra`` (``grade``, ``adjustment``: exact text, blank for
    none).

    The grade is the proposed one or a lower one: a cap is never lifted by hand. The adjustment stays within what the
    clause allows. A decision that departs from the proposal says so in the trail.
    """
    rating = Rating.objects.select_related("run").filter(assessment=step.assessment).first()
    if rating is None:
        raise Refused([_("There is no proposed rating to decide.")])
    rulebook = engine_rulebook(step.assessment.round.rulebook)
    grade = str(step.extra.get("grade") or "")
    adjustment, reasons = _adjustment(rating, str(step.extra.get("adjustment") or ""))
    if not grade:
        reasons.insert(0, _("Choose the grade."))
    elif grade not in rulebook.grade_order:
        reasons.insert(0, _("The rulebook has no grade “%(id)s”.") % {"id": grade})
    elif grade not in grades_allowed(rating, rulebook):
        reasons.insert(0, _above(rating, rulebook, grade))
    if reasons:
        raise Refused(reasons)
    rating.grade, rating.adjustment, rating.reason = grade, adjustment, step.reason
    rating.decided_by, rating.decided_at = step.actor, step.now
    rating.save()
    step.extra.setdefault("audit", {})["decided"] = {
        "grade": grade,
        "grade_proposed": rating.grade_proposed,
        "grade_differs": grade != rating.grade_proposed,
        "adjustment": adjustment,
        "adjustment_proposed": rating.adjustment_proposed,
        "adjustment_differs": _differs(adjustment, rating.adjustment_proposed),
        "measures": dict(rating.measures.order_by("id").values_list("code", "state")),
    }
    return rating


def _adjustment(rating: Rating, typed: str) -> tuple[str, list[Any]]:
    """The adjustment as typed, exact, with every objection."""
    allowed = adjustment_range(rating)
    text = typed.replace("−", "-").strip()
    if allowed is None:
        return ("", []) if not text else ("", [_("No clause adjusts the supervisory rating here; leave it blank.")])
    low, high = allowed
    words = {"low": plain(low), "high": plain(high), "typed": typed}
    if not text:
        return "", [_("Give the adjustment of the supervisory rating, from %(low)s to %(high)s.") % words]
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite():
        return "", [_("The adjustment “%(typed)s” is not a number; write it like -1.") % words]
    if not low <= points <= high:
        return "", [_("The clause allows an adjustment from %(low)s to %(high)s, not %(typed)s.") % words]
    if -int(points.as_tuple().exponent) > 2:
        return "", [_("The adjustment has at most two decimals.")]
    return plain(points), []


def _differs(one: str, other: str) -> bool:
    return (Decimal(one) if one else None) != (Decimal(other) if other else None)


def _above(rating: Rating, rulebook: Rulebook, grade: str) -> str:
    """Why a grade is too high, with the cap that stands against it."""
    lang = get_language() or "zh"
    values = {
        "grade": rulebook.grade(grade).name.get(lang),
        "top": rulebook.grade(rating.grade_proposed).name.get(lang),
        "why": "",
    }
    caps = rating.run.outcome["grade"]["applied"]
    if caps:
        values["why"] = caps[-1]["because"]["en" if lang.startswith("en") else "zh"]
        return _("The grade cannot be %(grade)s: %(top)s is the highest that the rules allow. %(why)s") % values
    return (
        _("The grade cannot be %(grade)s: the points give %(top)s, and a decision may only keep or lower it.") % values
    )


# --- The letter ------------------------------------------------------------------------------------------------------


def issue(step: Step) -> Notice:
    """Freeze the letter to the bank: number, outcome with clauses, measures, last day for an appeal, and the trail's
    head.

    The last day for an appeal is the round's number of days after the day of issue, until the end of that day in
    Shanghai. What the letter says never changes afterwards, whatever is renamed or republished.
    """
    here = step.assessment
    rating = Rating.objects.select_related("run__version").get(assessment=here)
    head = Event.objects.order_by("-seq").first()
    until = appeal_until(step.now, here.round.appeal_days)
    body = letter(rating, engine_rulebook(here.round.rulebook))
    body["authority"] = {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()}
    body["trail"] = {"seq": head.seq if head else 0, "hash": head.hash if head else GENESIS}
    notice = Notice.objects.create(
        rating=rating,
        number=_next_number(step.now),
        body=body,
        issued_by=step.actor,
        issued_at=step.now,
        appeal_until=until,
    )
    step.extra.setdefault("audit", {})["notice"] = {"number": notice.number, "appeal_until": until}
    return notice


def preview(rating: Rating, now: datetime) -> Notice:
    """The letter as it would be sent at this moment; nothing is written, and number and trail come with the sending."""
    here = rating.assessment
    body = letter(rating, engine_rulebook(here.round.rulebook))
    return Notice(rating=rating, body=body, issued_at=now, appeal_until=appeal_until(now, here.round.appeal_days))


def acknowledge(step: Step) -> Notice:
    """The bank's signatory confirms that the notice has been received; the right to appeal stays."""
    notice = Notice.objects.get(rating__assessment=step.assessment)
    notice.acknowledged_by, notice.acknowledged_at = step.actor, step.now
    notice.save(update_fields=["acknowledged_by", "acknowledged_at"])
    step.extra.setdefault("audit", {})["notice"] = {"number": notice.number}
    return notice


def appeal_until(issued: datetime, days: int) -> datetime:
    """The last instant for an appeal: ``days`` days after the day of issue, its last second in the product's time
    zone.
    """
    day = timezone.localtime(issued).date() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def _next_number(now: datetime) -> str:
    """The next number of the year. The rounds are locked while it is drawn, so that two letters never share one."""
    list(Round.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    year = timezone.localtime(now).year
    prefix = NUMBER.partition("{n}")[0].format(year=year)
    taken = Notice.objects.filter(number__startswith=prefix).count()
    return NUMBER.format(year=year, n=taken + 1)


def letter(rating: Rating, rulebook: Rulebook) -> Json:
    """Everything that the letter says, in both languages, as plain data; also the preview before it is sent."""
    here, run = rating.assessment, rating.run
    outcome, version = run.outcome, run.version
    grades = {grade.id: grade.name.to_json() for grade in rulebook.grades}
    return {
        "bank": {
            "code": here.bank.code,
            "zh": here.bank.name_zh,
            "en": here.bank.name_en or here.bank.name_zh,
        },
        "round": {
            "code": here.round.code,
            "year": here.round.year,
            "zh": here.round.title_zh,
            "en": here.round.title_en,
        },
        "rulebook": {
            "code": rulebook.code,
            "version": rulebook.version,
            "hash": rulebook.hash,
            "title": rulebook.title.to_json(),
            "basis": rulebook.basis,
            "documents": [document.cite.to_json() for document in rulebook.documents.values()],
        },
        "version": {
            "number": version.number,
            "digest": version.digest,
            "submitted_at": version.submitted_at.isoformat(),
        },
        "run": {"key": run.key, "engine": run.engine_version},
        "points": {"total": rating.points, "max": outcome["max"], "self": version.self_total},
        "sections": [
            {
                "id": section.id,
                "name": section.name.to_json(),
                "points": outcome["sections"][section.id]["points"],
                "max": outcome["sections"][section.id]["max"],
                "basis": section.basis,
            }
            for section in rulebook.top_sections
        ],
        "grade": {
            "before": grades[rating.grade_before],
            "proposed": grades[rating.grade_proposed],
            "decided": grades[rating.grade] if rating.grade else None,
            "lowered": bool(rating.grade) and rating.grade != rating.grade_proposed,
            "basis": rulebook.grade(rating.grade_before).basis,
            "caps": [
                {**cap, "from": grades.get(cap["from"], cap["from"]), "to": grades.get(cap["to"], cap["to"])}
                for cap in outcome["grade"]["applied"]
            ],
        },
        "targets": [target_words(rulebook, name, found) for name, found in outcome["targets"].items()],
        "adjustment": _adjustment_words(rating),
        "measures": [
            measure_words(measure)
            for measure in rating.measures.order_by("id")
            if measure.state in (MeasureState.ACCEPTED, MeasureState.CHANGED)
        ],
        "reason": rating.reason,
        "decided_at": rating.decided_at.isoformat() if rating.decided_at else "",
        "basis": _bases(outcome),
    }


def target_words(rulebook: Rulebook, name: str, found: Mapping[str, Any]) -> Json:
    """One target with both sides as they are printed: two sides that differ are never printed alike."""
    spec = rulebook.targets[name]
    data: Json = {
        "id": name,
        "name": spec.name.to_json(),
        "short": spec.short.to_json(),
        "unit": found["unit"],
        "op": found["op"],
        "state": found["state"],
        "counts_as_missed": found["counts_as_missed"],
        "reason": found["reason"],
        "left": "",
        "right": "",
        "margin": "",
        "source": found["source"],
        "basis": found["basis"],
    }
    if found["left"] is not None and found["right"] is not None:
        rate = found["unit"] == "%"
        scale = 100 if rate else 1
        left, right = to_fraction(found["left"]) * scale, to_fraction(found["right"]) * scale
        digits = 2 if rate or left.denominator != 1 or right.denominator != 1 else 0
        data["left"], data["right"] = show_pair(left, right, digits, grouping=True)
        places = len(data["left"].partition(".")[2])
        data["margin"] = show_pair(left - right, 0, places, grouping=True)[0]
    return data


def measure_words(measure: Measure) -> Json:
    """One measure as decided, in both languages, with the clause that proposed it."""
    proposal = measure.proposal
    listed = proposal.get("options") or {}
    return {
        "code": measure.code,
        "tool": measure.tool,
        "state": str(measure.state),
        "label": proposal["label"],
        "because": proposal["because"],
        "options": [listed[option] for option in measure.options if option in listed],
        "content": measure.content,
        "reason": measure.reason,
        "source": proposal.get("source"),
        "basis": proposal.get("basis", ""),
        "needs_filing": bool(proposal.get("needs_filing")),
    }


def _adjustment_words(rating: Rating) -> Json | None:
    found = rating.run.outcome["adjustment"]
    if not found:
        return None
    return {**found, "proposed": found["points"], "points": rating.adjustment or found["points"]}


def _bases(outcome: Mapping[str, Any]) -> list[str]:
    """The kinds of basis that the outcome rests on; a letter that rests on reconstructed numbers says so."""
    found = {item["basis"] for item in outcome["targets"].values()}
    found |= {cap["basis"] for cap in outcome["grade"]["applied"]}
    found |= {item["basis"] for item in outcome["measures"]}
    if outcome["adjustment"]:
        found.add(outcome["adjustment"]["basis"])
    return sorted(item for item in found if item)
