"""Points that an officer gives to an indicator, or agreement with the system's."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.models import Assessment, FilingVersion, ReviewEntry, ReviewStage
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import outcome_of
from assessments.workflow import duties
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain

from .shared import indicator_name, length_objections, review_objections, score_review, version_shown

_POINTS = re.compile(r"[+-]?\d{1,4}(\.\d{1,10})?")


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
    """Give points to one indicator of the version on which the review is, or agree with the system's (product.md, A
    year, 5).

    ``version`` is the number of the version and ``revision`` that of the entry that were on the screen (0 for none).
    ``points`` is what was typed, exact, within the indicator's range and with no more decimals than the rulebook rounds
    to; None or blank agrees with the system. A reason is asked wherever the points differ from the system's. Points
    equal to the system's are agreement.

    Raises ``Stale`` (``current`` is the newer entry) where somebody was faster, ``Refused`` with every reason
    otherwise.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = version_shown(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    spec = rulebook.indicators.get(indicator)
    if spec is None:
        raise Refused([_("The rulebook has no indicator “%(id)s”.") % {"id": indicator}])
    newest = latest_entry(held, indicator)
    if revision != (newest.revision if newest else 0):
        words = _("Somebody else has given a view of “%(name)s” since you opened it.")
        raise Stale([words % indicator_name(spec)], newest)
    reason = reason.strip()
    system = system_points(assessment, indicator)
    given, wrong = parse_points(points, spec, rulebook)
    if given is not None and given == system:
        given = None
    reasons = [*review_objections(actor, assessment), *length_objections(reason), *wrong]
    if given is not None or not wrong:
        reasons += _view_objections(spec, given, system, reason)
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
    _record_points(assessment, entry, newest, system, actor)
    return entry


def _view_objections(spec: Indicator, given: Decimal | None, system: Decimal | None, reason: str) -> Iterator[str]:
    """What stands against points that differ from the system's, or against agreement where there is nothing to agree
    with.
    """
    name = indicator_name(spec)
    if given is None:
        if system is None:
            yield (
                _("“%(name)s” has no points of the system to agree with: give points, or the figure it waits for.")
                % name
            )
        return
    if not spec.judged_by:
        yield _("The points of “%(name)s” follow from figures alone; correct the figures instead.") % name
    if not reason:
        yield _("“%(name)s”: say why your points differ from the system's; the second reviewer reads it.") % name


def _record_points(
    assessment: Assessment, entry: ReviewEntry, before: ReviewEntry | None, system: Decimal | None, actor: User
) -> None:
    """Score with the new view and record it."""
    run = score_review(assessment, entry.version, actor)
    record(
        "assessments.review.points",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "version": entry.version.number,
            "indicator": entry.indicator,
            "revision": entry.revision,
            "before": before.points if before else None,
            "points": entry.points,
            "system": None if system is None else plain(system),
            "reason": entry.reason,
            "total": run.total,
            **duties.stood_in(actor, assessment),
        },
    )


def parse_points(typed: str | Decimal | None, spec: Indicator, rulebook: Rulebook) -> tuple[Decimal | None, list[str]]:
    """Points as typed, exact, with every objection in words; blank is None. Full-width digits and 分 are understood."""
    if typed is None:
        return None, []
    text = unicodedata.normalize("NFKC", str(typed)).replace("−", "-").replace("分", "").strip()
    if not text:
        return None, []
    values = {**indicator_name(spec), "typed": typed, "low": plain(spec.min), "high": plain(spec.max)}
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
    found = outcome_of(run)["indicators"].get(indicator, {}).get("system") if run else None
    return None if found is None else Decimal(found)
