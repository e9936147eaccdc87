"""The page of a bank's place among its peers, for the bank itself and for those who supervise it."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.access import get_assessment
from assessments.models import Assessment
from assessments.rulebooks.cache import engine_rulebook
from assessments.seeing.place import Span, Standing, standing_of
from assessments.seeing.views.files import picture_response
from banks.views.common import actor_of
from scorecard.audit.services import record
from scorecard.charts import Bar, BulletBars, Chart, Columns
from scorecard.charts.marks import WIDE
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import exact_text, rounded
from scorecard.words.language import in_language


@never_cache
@require_safe
def assessment_place(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The distribution of totals with the bank's own place, and its profile against the median of the group."""
    actor = actor_of(request)
    case = get_assessment(actor, pk)
    standing = standing_of(actor, case)
    drawn = charts(case, engine_rulebook(case.round.rulebook), standing, coarse=actor.is_bank_person)
    kind, chart = request.GET.get("_picture", ""), drawn.get(request.GET.get("of", ""))
    if not actor.is_bank_person:
        data = {"page": "place", "version": case.version.number if case.version else None}
        data |= {"kind": kind} if kind else {}
        record("assessments.assessment.viewed", actor=actor, target=case, bank_id=case.bank_id, data=data)
    if kind in ("svg", "png") and chart is not None:
        name = _("Place of %(bank)s") % {"bank": case.bank_name}
        return picture_response(kind, name, chart.layout(WIDE), str(chart.finding), str(chart.source))
    context = {"assessment": case, "round": case.round, "standing": standing, "charts": drawn, "why": why(standing)}
    return render(request, "seeing/place.html", context)


def why(standing: Standing) -> str:
    """Why nothing is shown; blank where something is."""
    words = {
        "open": _("Places among the peers are shown once the round is closed."),
        "told": _("Your place is shown once you have the notice of this round."),
        "unscored": _("There are no points in this round."),
        "awaited": _("Points are still awaited; a total that is not finished has no place."),
        "with_head": _("This bank is not counted apart in this round."),
        "kept": _("The figures of the group have not been kept for this round."),
        "few": _("Fewer than %(least)d banks of the group have a finished total; nothing of so small a group is shown.")
        % {"least": standing.least},
    }
    return words.get(standing.refused, "")


def charts(case: Assessment, rulebook: Rulebook, standing: Standing, *, coarse: bool) -> dict[str, Chart]:
    """The two pictures by the name that a file is asked for."""
    if standing.refused or standing.total is None:
        return {}
    source = _("%(round)s; %(category)s, %(count)d banks with finished totals") % {
        "round": case.round.title,
        "category": case.category_words,
        "count": standing.banks,
    }
    shown: dict[str, Any] = {"source": source, "basis": rulebook.basis}
    own = next((span for span in standing.spans if span.holds(standing.total)), None)
    words = {"total": plain(standing.total), "span": span_words(own) if own else "—", "n": own.banks if own else 0}
    return {
        "totals": Columns(
            finding=ngettext(
                "%(total)s points, in the span %(span)s, which holds %(n)d bank of the group",
                "%(total)s points, in the span %(span)s, which holds %(n)d banks of the group",
                own.banks if own else 0,
            )
            % words,
            bars=[Bar(span_words(span), span.banks, own=span is own) for span in standing.spans],
            count_label=_("Banks"),
            unit="家",
            **shown,
        ),
        "profile": BulletBars(
            finding=_profile_words(rulebook, standing, coarse),
            bars=[
                Bar(
                    f"{part.id} {in_language(rulebook.sections[part.id].name)}",
                    _percent(part.own),
                    top=100,
                    mark=_percent(part.median),
                )
                for part in standing.parts
            ],
            mark_label=_("median of the group, to the nearest 5%") if coarse else _("median of the group"),
            unit="percent",
            **shown,
        ),
    }


def _percent(share: Fraction | None) -> Decimal | None:
    return None if share is None else rounded(share * 100, 1)


def span_words(span: Span) -> str:
    """A span of totals in words."""
    if span.low is None and span.high is None:
        return pgettext("totals of a group", "all")
    if span.low is None:
        return _("below %(high)s") % {"high": span.high}
    if span.high is None:
        return _("%(low)s and above") % {"low": span.low}
    return f"{span.low}–{span.high}"


def _profile_words(rulebook: Rulebook, standing: Standing, coarse: bool) -> str:
    """The section that lies furthest below the median of the group."""
    behind = [
        (part.median - part.own, part) for part in standing.parts if part.own is not None and part.median is not None
    ]
    if not behind or max(behind, key=lambda one: one[0])[0] <= 0:
        return _("No section lies below the median of the group")
    gap, part = max(behind, key=lambda one: one[0])
    words = _("Furthest below the median of the group: %(section)s, by %(gap)s%% of its points")
    if coarse:
        words = _("Furthest below the median of the group: %(section)s, by about %(gap)s%% of its points")
    return words % {
        "section": f"{part.id} {in_language(rulebook.sections[part.id].name)}",
        "gap": exact_text(rounded(gap * 100, 0 if coarse else 1)),
    }
