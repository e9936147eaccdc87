"""The page of movement: grades of two rounds, who entered and who left, and the sections over the rounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from assessments.access import get_round
from assessments.models import Assessment, Round
from assessments.rounds.views import round_context
from assessments.rulebooks.cache import engine_rulebook
from assessments.seeing import movement
from assessments.seeing.views.files import picture_response, workbook_response
from banks.models import User
from banks.views.common import actor_of
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts import Chart, HeatMap, Lines, Series
from scorecard.charts.marks import WIDE
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.exports import Share, Sheet
from scorecard.words.formats import exact_text, rounded
from scorecard.words.language import in_language

LIST = "movement between rounds"


@require_GET
def round_movement(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Grades of this round beside those of an earlier one, and the sections over the rounds."""
    actor = actor_of(request)
    round_ = get_round(actor, pk)
    earlier = movement.earlier_rounds(actor, round_)
    asked = request.GET.get("from", "")
    before = next((one for one in earlier if str(one.pk) == asked), earlier[0] if earlier else None)
    page = _Page(actor, round_, before, (request.GET.get("was", ""), request.GET.get("is", "")))
    kind, which = request.GET.get("_export") or request.GET.get("_picture") or "", request.GET.get("of", "")
    chart = page.charts.get(which)
    drawn = chart if kind in ("svg", "png") else None
    if kind == "xlsx" or drawn is not None:
        data = {"kind": kind, "list": LIST, "from": before.code if before else ""}
        record("assessments.list.exported", actor=actor, target=round_, data=data)
        name = _("Movement of %(round)s") % {"round": round_.title}
        if drawn is None:
            return workbook_response(name, page.sheets())
        return picture_response(kind, name, drawn.layout(WIDE), str(drawn.finding), str(drawn.source))
    record_reading("assessments.list.read", actor=actor, name=LIST, target=round_)
    context = round_context(request, round_) | {"page": page, "earlier": earlier, "before": before}
    return render(request, "seeing/movement.html", context)


@dataclass(frozen=True)
class Names:
    """Banks of a list as far as a page names them, and how many there are."""

    cases: Sequence[Assessment]
    count: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.cases)


def names(rows: QuerySet[Assessment]) -> Names:
    """The first banks of a list."""
    return Names(list(rows[: movement.NAMED]), rows.count())


@dataclass
class _Page:
    actor: User
    now: Round
    before: Round | None
    pair: tuple[str, str]

    @cached_property
    def books(self) -> tuple[Rulebook, Rulebook]:
        """The rulebook of before and the one of now."""
        now = engine_rulebook(self.now.rulebook)
        return (engine_rulebook(self.before.rulebook) if self.before else now), now

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        return movement.matrix(self.actor, self.now, self.before) if self.before else {}

    @property
    def rated(self) -> int:
        """Banks rated in both."""
        return sum(self.counts.values())

    @cached_property
    def entered(self) -> Names | None:
        return names(movement.one_sided(self.actor, self.now, self.before)) if self.before else None

    @cached_property
    def left(self) -> Names | None:
        return names(movement.one_sided(self.actor, self.before, self.now)) if self.before else None

    @cached_property
    def unrated(self) -> int:
        return movement.unrated(self.actor, self.now, self.before, self.rated) if self.before else 0

    @cached_property
    def chosen(self) -> Names | None:
        """The banks of the pair of grades that is asked for."""
        if self.before is None or self.pair not in self.counts:
            return None
        return names(movement.moved(self.actor, self.now, self.before, self.pair))

    @property
    def chosen_words(self) -> str:
        old, new = self.books
        words = {"was": in_language(old.grade(self.pair[0]).name), "now": in_language(new.grade(self.pair[1]).name)}
        return _("From %(was)s to %(now)s") % words

    def lines(self) -> Iterator[tuple[str, str, list[tuple[str, int, bool]]]]:
        """The matrix as a table: grade before, then (grade now, banks, whether it is the same grade)."""
        old, new = self.books
        for was in old.grades:
            cells = [(now.id, self.counts.get((was.id, now.id), 0), now.id == was.id) for now in new.grades]
            yield was.id, in_language(was.name), cells

    @property
    def heads(self) -> list[str]:
        return [in_language(grade.name) for grade in self.books[1].grades]

    @cached_property
    def charts(self) -> dict[str, Chart]:
        """Each picture by the name that its file is asked for: the matrix, and each section."""
        found: dict[str, Chart] = {}
        if self.before is not None and self.rated:
            found["matrix"] = self.matrix_chart(self.before)
        rounds, courses = movement.courses(self.actor, self.now)
        source = _("finished totals of each round, as kept when it was scored or closed")
        for course in courses:
            found[course.id] = Lines(
                finding=_course_words(course),
                unit="fraction",
                source=source,
                basis=course.basis,
                places=[str(one.year) for one in rounds],
                series=[
                    Series(_("lower quartile"), course.low),
                    Series(_("Median"), course.median, own=True),
                    Series(_("upper quartile"), course.high),
                ],
            )
        return found

    @property
    def sections(self) -> list[tuple[str, Chart]]:
        """The pictures of the sections."""
        return [(name, chart) for name, chart in self.charts.items() if name != "matrix"]

    def matrix_chart(self, before: Round) -> HeatMap:
        """The matrix as a picture."""
        old, new = self.books
        return HeatMap(
            finding=self.finding(),
            unit="家",
            source=_("%(before)s (rows) and %(now)s (columns); decided grades")
            % {"before": before.title, "now": self.now.title},
            labels=[in_language(grade.name) for grade in old.grades],
            columns=self.heads,
            codes=self.heads,
            values=[[self.counts.get((was.id, now.id), 0) for now in new.grades] for was in old.grades],
            low=0,
        )

    def finding(self) -> str:
        """How many moved up and down; where the two rulebooks have other grades, only that they cannot be ordered."""
        old, new = self.books
        if list(old.grade_order) != list(new.grade_order):
            return _("%(n)d banks are rated in both rounds; the two methods have other grades.") % {"n": self.rated}
        place = new.grade_order
        up = sum(n for (was, now), n in self.counts.items() if place[now] < place[was])
        down = sum(n for (was, now), n in self.counts.items() if place[now] > place[was])
        return _("Of %(n)d banks rated in both rounds %(up)d have a better grade and %(down)d a worse one.") % {
            "n": self.rated,
            "up": up,
            "down": down,
        }

    def sheets(self) -> Iterator[Sheet]:
        """Matrix, who entered, who left, and the sections."""
        if self.before is not None:
            rows = [[name, *(n for _grade, n, _same in cells)] for _id, name, cells in self.lines()]
            yield Sheet(_("Grades"), [pgettext("matrix of grades", "From"), *self.heads], rows)
            for title, of, other in (
                (pgettext("banks", "Entered"), self.now, self.before),
                (pgettext("banks", "Left"), self.before, self.now),
            ):
                cases = movement.one_sided(self.actor, of, other).iterator(chunk_size=2000)
                rows_of = ([case.bank_name, case.bank.code, case.category_words] for case in cases)
                yield Sheet(title, [_("Bank"), _("Bank code"), _("Category")], rows_of)
        rounds, courses = movement.courses(self.actor, self.now)
        head = [_("Section"), pgettext("quartile or median", "Value"), *(str(one.year) for one in rounds)]
        yield Sheet(_("Sections"), head, list(_course_rows(courses)))


def _course_rows(courses: Sequence[movement.Course]) -> Iterator[list[Any]]:
    for course in courses:
        parts = (
            (_("lower quartile"), course.low),
            (_("Median"), course.median),
            (_("upper quartile"), course.high),
        )
        for words, values in parts:
            shares = [None if value is None else Share(rounded(value, 6)) for value in values]
            yield [f"{course.id} {course.name}", words, *shares]


def _course_words(course: movement.Course) -> str:
    known = [f"{exact_text(rounded(value * 100, 1))}%" for value in course.median if value is not None]
    words = {"section": f"{course.id} {course.name}", "before": known[0], "now": known[-1]}
    if len(known) == 1:
        return _("%(section)s: the median is %(now)s of the points") % words
    return _("%(section)s: the median went from %(before)s to %(now)s of the points") % words
