"""The page of growth against bad loans: the picture, the same as a table, and both as files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from assessments.access import get_round
from assessments.models import Round
from assessments.rounds.selectors import newest_snapshot
from assessments.rounds.views import round_context
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.quadrant import ACROSS, UP, Axes, Scale, added_bins, axes_of
from assessments.seeing.quadrant import DOTS, Standing, signed_count, standings
from assessments.seeing.views.files import picture_response
from banks.models import Category, User
from banks.views.common import actor_of
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts.pictures import markup
from scorecard.charts.scatter import Dot, Limit, Scatter, Tile
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction
from scorecard.exports import Share, export_response
from scorecard.words.formats import moment, rounded
from scorecard.words.language import in_language

LIST = "growth and bad loans of a round"


@require_GET
def round_quadrant(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Where the banks of a round, or of one category, stand."""
    actor = actor_of(request)
    round_ = get_round(actor, pk)
    category = request.GET.get("category", "")
    rulebook = engine_rulebook(round_.rulebook)
    axes = axes_of(rulebook)
    chosen = category if category in Category.values else ""
    page = _Page(actor, round_, rulebook, axes, chosen) if axes is not None else None
    kind = request.GET.get("_picture") or request.GET.get("_export") or ""
    if page is not None and kind in ("svg", "png", "xlsx", "csv"):
        data = {"kind": kind, "rows": page.count, "filters": {"category": page.category}, "list": LIST}
        record("assessments.list.exported", actor=actor, target=round_, data=data)
        name = _("Growth and bad loans of %(round)s") % {"round": round_.title}
        if kind in ("svg", "png"):
            return picture_response(kind, name, page.picture.layout(), page.picture.finding, page.notes)
        return export_response(kind, name, page.head, page.rows())
    record_reading("assessments.list.read", actor=actor, name=LIST, target=round_)
    context: dict[str, Any] = round_context(request, round_) | {"page": page, "dots": DOTS}
    context["categories"] = [(code, label, code == chosen) for code, label in Category.choices]
    if page is not None and page.count:
        context["drawing"] = markup(page.picture.layout(), page.picture.finding)
    return render(request, "seeing/quadrant.html", context)


@dataclass
class _Page:
    actor: User
    round: Round
    rulebook: Rulebook
    axes: Axes
    category: str

    @cached_property
    def count(self) -> int:
        """Banks with signed figures; where they are counted in cells, those in a cell."""
        return len(self.standings) if self.single else sum(self.bins[0].values())

    @cached_property
    def single(self) -> bool:
        """Whether each bank is a dot of its own."""
        return signed_count(self.actor, self.round, self.category) <= DOTS

    @cached_property
    def standings(self) -> Sequence[Standing]:
        return standings(self.actor, self.round, self.rulebook, self.axes, self.category)

    @cached_property
    def snapshot(self) -> Any:
        return newest_snapshot(self.round)

    @cached_property
    def bins(self) -> tuple[dict[tuple[int, int], int], int]:
        kept = self.snapshot.content.get("quadrant", {}) if self.snapshot is not None else {}
        return added_bins(kept, self.category)

    @property
    def without(self) -> int:
        """Banks whose figures give no place."""
        if self.single:
            return sum(one.place.across is None or one.place.up is None for one in self.standings)
        return self.bins[1]

    @property
    def notes(self) -> str:
        at = "" if self.single else f" · {moment(self.snapshot.made_at)}"
        return f"{self.round.title}{at} · {Category(self.category).label}" if self.category else self.round.title + at

    @property
    def mark(self) -> str:
        """The basis of the limit on bad loans, which a rule of the rulebook gives."""
        return self.rulebook.indicators[self.axes.indicator].basis if self.axes.indicator else ""

    @cached_property
    def names(self) -> list[str]:
        """The four figures in words."""
        return [in_language(self.rulebook.definitions[name].label) for name in (*self.axes.growth, *self.axes.ratio)]

    @cached_property
    def picture(self) -> Scatter:
        growth, all_growth, ratio, all_ratio = self.names
        words = _("%(one)s less %(other)s (percentage points)")
        return Scatter(
            finding=self._finding(),
            across=words % {"one": growth, "other": all_growth},
            up=words % {"one": ratio, "other": all_ratio},
            ends=(*_ends(ACROSS), *_ends(UP)),
            dots=list(self._dots()) if self.single else (),
            tiles=() if self.single else list(self._tiles()),
            limits=list(self._limits()),
        )

    def _finding(self) -> str:
        """How many banks grow less than their loans as a whole and have the worse loans among those assessed."""
        if self.single:
            places = [(one.place.across, one.place.up) for one in self.standings]
            both = sum(x is not None and y is not None and x < 0 and y > 0 for x, y in places)
        else:
            both = sum(n for (x, y), n in self.bins[0].items() if _edge(x, ACROSS) < 0 and _edge(y, UP) >= 0)
        words = ngettext(
            "%(n)d bank of %(all)d grows less than its loans as a whole and has worse loans.",
            "%(n)d banks of %(all)d grow less than their loans as a whole and have worse loans.",
            both,
        )
        return words % {"n": both, "all": self.count}

    def _dots(self) -> Iterator[Dot]:
        for one in self.standings:
            across, up = one.place.across, one.place.up
            if across is not None and up is not None:
                words = [one.case.bank_name, one.case.category_words, *(self.shown(one))]
                yield Dot(float(across), float(up), " · ".join(words), self.url(one))

    def url(self, one: Standing) -> str:
        """The signed figures of the bank."""
        return reverse("filing-version", args=[one.case.pk, one.version])

    def shown(self, one: Standing) -> list[str]:
        """The four figures with their names."""
        return [f"{name} {percent(value)}" for name, value in zip(self.names, one.place.figures, strict=True)]

    def _tiles(self) -> Iterator[Tile]:
        for (x, y), count in sorted(self.bins[0].items()):
            left, right = (float(_edge(at, ACROSS)) for at in (x, x + 1))
            low, high = (float(_edge(at, UP)) for at in (y, y + 1))
            yield Tile(left, right, low, high, count, self.tile_words(x, y, count))

    def tile_words(self, x: int, y: int, count: int) -> str:
        """A cell in words."""
        words = ngettext("%(n)d bank · %(across)s · %(up)s", "%(n)d banks · %(across)s · %(up)s", count)
        return words % {"n": count, "across": span(x, ACROSS), "up": span(y, UP)}

    def _limits(self) -> Iterator[Limit]:
        if self.axes.target:
            short = in_language(self.rulebook.targets[self.axes.target].short)
            yield Limit(0.0, _("target: %(name)s") % {"name": short}, upright=True)
        if self.axes.limits:
            first, last = self.axes.limits
            code = self.axes.indicator
            yield Limit(float(first), _("%(code)s: all points up to here") % {"code": code})
            yield Limit(float(last), _("%(code)s: no points from here on") % {"code": code})

    @property
    def head(self) -> list[str]:
        """The heads of the table."""
        if self.single:
            return [_("Bank"), _("Bank code"), _("Category"), *self.names]
        return [self.picture.across, self.picture.up, _("Banks")]

    def rows(self) -> Iterator[list[Any]]:
        """The rows of the file: figures as shares with every digit that a decimal has, or the cells."""
        if not self.single:
            for (x, y), count in sorted(self.bins[0].items()):
                yield [span(x, ACROSS), span(y, UP), count]
            return
        for one in self.standings:
            shares = [None if value is None else Share(rounded(value, 6)) for value in one.place.figures]
            yield [one.case.bank_name, one.case.bank.code, one.case.category_words, *shares]

    def lines(self) -> Iterator[tuple[str, str, list[str]]]:
        """The rows of the table on the screen: name, address, cells."""
        if not self.single:
            for (x, y), count in sorted(self.bins[0].items()):
                yield span(x, ACROSS), "", [span(y, UP), str(count)]
            return
        for one in self.standings:
            cells = [one.case.bank.code, one.case.category_words, *map(percent, one.place.figures)]
            yield one.case.bank_name, self.url(one), cells


def _edge(number: int, scale: Scale) -> Fraction:
    first, width, _count = scale
    return first + width * number


def _ends(scale: Scale) -> tuple[float, float]:
    return float(_edge(0, scale)), float(_edge(scale[2], scale))


def span(number: int, scale: Scale) -> str:
    """A bin in words: from where to where; the outermost are open."""
    low, high = (f"{rounded(_edge(at, scale), 1):f}".replace("-", "−") for at in (number, number + 1))
    if number == 0:
        return _("below %(high)s") % {"high": high}
    if number == scale[2] - 1:
        return _("%(low)s and above") % {"low": low}
    return _("%(low)s to below %(high)s") % {"low": low, "high": high}


def percent(value: Fraction | None) -> str:
    """A ratio in percent with two decimals."""
    return "—" if value is None else f"{rounded(value * 100, 2):f} %"
