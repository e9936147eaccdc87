"""Points that an officer gives to an indicator, or agreement with the system's."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.access import get_assessment
from assessments.models import Assessment, FilingVersion, ReviewEntry, ReviewStage, ScoreRun
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.runs import outcome_of
from assessments.scoring.selectors import working_run
from assessments.workflow import duties
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine.rulebook.model import Indicator
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain

from .shared import indicator_name, length_objections, review_objections, score_review, version_shown

_POINTS = re.compile(r"[+-]?\d{1,4}(\.\d{1,10})?")


@dataclass(frozen=True, slots=True)
class View:
    """What an officer gives to one indicator. ``revision`` is that of the entry that was on the screen, 0 for none;
    ``points`` are as typed, None or blank agrees with the system's.
    """

    indicator: str
    revision: int = 0
    points: str | Decimal | None = None
    reason: str = ""


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
    """Give points to one indicator of the version on which the review is, or agree with the system's. Raises as
    ``give_views`` does.
    """
    view = View(indicator, revision, points, reason)
    return give_views(actor=actor, assessment_id=assessment_id, version=version, views=[view])[0]


@transaction.atomic
def give_views(
    *, actor: User, assessment_id: int, version: int, views: Sequence[View], listed: str = ""
) -> list[ReviewEntry]:
    """Give points to indicators of the version on which the review is, or agree with the system's:
    all of them or none, with one scoring.

    ``version`` is the number of the version that was on the screen. Points are exact, within the indicator's range and
    with no more decimals than the rulebook rounds to. A reason is asked wherever they differ from the system's. Points
    equal to the system's are agreement. ``listed`` is the digest of the signed list that they stand in (docs/many.md).

    Raises ``Stale`` (``current`` is the newer entry) where somebody was faster, ``Refused`` with every reason
    otherwise.
    """
    assessment = get_assessment(actor, assessment_id, lock=True)
    held = version_shown(assessment, version)
    rulebook = engine_rulebook(assessment.round.rulebook)
    newest = latest_entries(held, [view.indicator for view in views])
    reasons = [*review_objections(actor, assessment)]
    entries = []
    for view in views:
        before, system = newest.get(view.indicator), system_points(assessment, view.indicator)
        entry, wrong = _entry(view, rulebook, before, system)
        entry.assessment, entry.version, entry.entered_by = assessment, held, actor
        entries.append((entry, before, system))
        reasons += wrong
    if reasons:
        raise Refused(list(dict.fromkeys(reasons)))
    for entry, _before, _system in entries:
        entry.save()
    run = score_review(assessment, held, actor)
    for entry, before, system in entries:
        _record_points(assessment, entry, before, system, run, listed)
    return [entry for entry, _before, _system in entries]


def _entry(
    view: View, rulebook: Rulebook, newest: ReviewEntry | None, system: Decimal | None
) -> tuple[ReviewEntry, list[str]]:
    """A view as it would be stored, and what stands against it. Raises ``Stale`` and ``Refused`` as ``give_views``."""
    spec = rulebook.indicators.get(view.indicator)
    if spec is None:
        raise Refused([_("The rulebook has no indicator “%(id)s”.") % {"id": view.indicator}])
    if view.revision != (newest.revision if newest else 0):
        words = _("A view of “%(name)s” has been given since you opened it, by somebody else or in another window.")
        raise Stale([words % indicator_name(spec)], newest)
    reason = view.reason.strip()
    given, wrong = parse_points(view.points, spec, rulebook)
    if given is not None and given == system:
        given = None
    reasons = [*length_objections(reason), *wrong]
    if given is not None or not wrong:
        reasons += _view_objections(spec, given, system, reason)
    entry = ReviewEntry(
        indicator=view.indicator,
        revision=view.revision + 1,
        stage=ReviewStage.FIRST,
        points="" if given is None else plain(given),
        reason=reason,
    )
    return entry, reasons


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
    assessment: Assessment,
    entry: ReviewEntry,
    before: ReviewEntry | None,
    system: Decimal | None,
    run: ScoreRun,
    listed: str,
) -> None:
    """One event per view, with the total that follows from all that were given together."""
    actor = entry.entered_by
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
            **({"list": listed} if listed else {}),
            **duties.stood_in(actor, assessment),
        },
        seals=[entry],
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


def latest_entries(version: FilingVersion, indicators: Sequence[str]) -> dict[str, ReviewEntry]:
    """The newest view of each of some indicators of one version, of those that have one."""
    rows = ReviewEntry.objects.filter(version=version, indicator__in=indicators).select_related("entered_by")
    return {entry.indicator: entry for entry in rows.order_by("revision")}


def system_points(assessment: Assessment, indicator: str) -> Decimal | None:
    """What the rule gives now, with the supervisor's figures where they are in; None where it gives nothing."""
    run = working_run(assessment) or assessment.system_run
    found = outcome_of(run)["indicators"].get(indicator, {}).get("system") if run else None
    return None if found is None else Decimal(found)
