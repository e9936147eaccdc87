"""Which banks an outcome study compares: read from the decided ratings of two closed rounds, near a line of grades or
of a target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from assessments.access import visible_assessments, visible_rounds
from assessments.models import Assessment, Measure, MeasureState, Round, RoundState
from assessments.models.assessments import NAME_SORT, TakingPart
from assessments.rounds.selectors import SAID_COLUMNS
from assessments.rulebooks.cache import engine_rulebook
from assessments.seeing.study import BANDWIDTH, Estimate, compare
from assessments.seeing.targets import TargetLine, distance_of, lines_of_targets, names_of, with_figures
from banks.models import User
from scorecard.engine.rulebook.rulebook import Rulebook

TAKEN = (MeasureState.ACCEPTED, MeasureState.CHANGED)


@dataclass(frozen=True)
class Line:
    """The lowest total of a grade: banks below it are graded worse by points alone."""

    grade: str
    at: Decimal

    @property
    def key(self) -> str:
        """How an address names it."""
        return self.grade


AnyLine = Line | TargetLine
#: Case, distance to the line, whether it has the measure, the distance of the year after.
Near = tuple[int, Decimal, bool, Decimal | None]


def lines_of(rulebook: Rulebook) -> Sequence[Line]:
    """The lines between grades, the highest first."""
    return [Line(grade.id, grade.min) for grade in rulebook.grades if grade.min is not None]


def next_round(actor: User, round_: Round) -> Round | None:
    """The closed round of the year after under the same method; None where there is none."""
    rows = visible_rounds(actor).filter(year=round_.year + 1, state=RoundState.CLOSED)
    return rows.filter(rulebook__code=round_.rulebook.code).select_related("rulebook").order_by("pk").first()


def measures_of(actor: User, round_: Round) -> dict[str, int]:
    """The measures that were decided in a round → how many banks have each, the most frequent first."""
    rows = Measure.objects.filter(state__in=TAKEN, rating__in=_rated(actor, round_).values("rating"))
    counted = rows.order_by().values("code").annotate(banks=Count("rating", distinct=True))
    return {row["code"]: row["banks"] for row in sorted(counted, key=lambda row: (-row["banks"], row["code"]))}


def _rated(actor: User, round_: Round) -> TakingPart:
    """The cases of a round with a finished, decided total, every institution once."""
    rows = visible_assessments(actor).counted_once().filter(round=round_, rating__grade__gt="")
    return rows.filter(rating__run__pending="0")


@dataclass(frozen=True)
class Member:
    """A bank within the bandwidth, by its case in the first round: distance to the line, whether it has the measure,
    its change.
    """

    pk: int
    distance: Decimal
    measured: bool
    change: Decimal


@dataclass(frozen=True)
class Study:
    """``left_out`` are banks within the bandwidth that are not compared: with the measure on the other side, without
    it on the side of the measure; ``gone`` those without a finished decided total in the year after.
    """

    treated: Sequence[Member]
    others: Sequence[Member]
    left_out: int
    gone: int
    below: bool
    estimate: Estimate


def study_of(actor: User, now: Round, after: Round, line: AnyLine, code: str) -> Study:
    """Banks with the measure on its side of the line against banks without it on the other side, each within the
    bandwidth. The measure's side is the one on which more banks have it. One query at a line of grades, two at one of a
    target.
    """
    if isinstance(line, TargetLine):
        found = _near_target(actor, now, after, line, code)
    else:
        found = _near_total(actor, now, after, line, code)
    members = [Member(pk, at, measured, then - at) for pk, at, measured, then in found if then is not None]
    under = sum(one.measured for one in members if one.distance < 0)
    below = under * 2 >= sum(one.measured for one in members)
    treated = [one for one in members if one.measured and (one.distance < 0) == below]
    others = [one for one in members if not one.measured and (one.distance < 0) != below]
    pairs = [[(float(one.distance), float(one.change)) for one in side] for side in (treated, others)]
    return Study(
        treated,
        others,
        len(members) - len(treated) - len(others),
        len(found) - len(members),
        below,
        compare(*pairs),
    )


def _with_measure(code: str) -> Exists:
    return Exists(Measure.objects.filter(rating=OuterRef("rating"), code=code, state__in=TAKEN))


def _near_total(actor: User, now: Round, after: Round, line: Line, code: str) -> list[Near]:
    """Rows within the bandwidth alone, with the total of the year after."""
    later = _rated(actor, after).filter(bank=OuterRef("bank"))
    near = Q(rating__run__total_sort__gte=line.at - BANDWIDTH, rating__run__total_sort__lt=line.at + BANDWIDTH)
    rows = (
        _rated(actor, now)
        .filter(near)
        .annotate(
            measured=_with_measure(code),
            later=Subquery(later.order_by().values("rating__run__total")[:1]),
            by_name=NAME_SORT,
        )
        .order_by(*("by_name", "pk"))
    )
    found = rows.values_list("pk", "rating__run__total", "measured", "later")
    return [
        (pk, Decimal(total) - line.at, measured, None if then is None else Decimal(then) - line.at)
        for pk, total, measured, then in found
    ]


def _near_target(actor: User, now: Round, after: Round, line: TargetLine, code: str) -> list[Near]:
    """The same of a target: its figures of every decided bank, and of the year after those of the banks near it."""
    book, rows = rulebook_of(now), _rated(actor, now).annotate(measured=_with_measure(code), by_name=NAME_SORT)
    names = names_of(book, line.target)
    here = with_figures(rows, book, line.target).order_by(*("by_name", "pk"))
    near = []
    for pk, bank, measured, *figures in here.values_list("pk", "bank", "measured", *names):
        at = distance_of(book, line.target, *figures)
        if at is not None and -BANDWIDTH <= at < BANDWIDTH:
            near.append((pk, bank, measured, at))
    book, then = rulebook_of(after), {}
    if line in lines_of_targets(book):
        rows = with_figures(_rated(actor, after).filter(bank__in=[one[1] for one in near]), book, line.target)
        for bank, *figures in rows.order_by().values_list("bank", *names_of(book, line.target)):
            then[bank] = distance_of(book, line.target, *figures)
    return [(pk, at, measured, then.get(bank)) for pk, bank, measured, at in near]


def named(actor: User, members: Sequence[Member]) -> list[tuple[Member, Assessment]]:
    """Members with their cases and banks, in the same order."""
    of_bank = ("code", "name_zh", "name_en", "category", "entity_kind")
    columns = (*SAID_COLUMNS, *(f"bank__{name}" for name in of_bank))
    rows = visible_assessments(actor).select_related("bank").only("round_id", *columns)
    cases = rows.in_bulk([one.pk for one in members])
    return [(one, cases[one.pk]) for one in members]


def drawn(study: Study, most: int) -> list[Member]:
    """The members of a picture with so many dots at most: as many of each side as the other leaves."""
    treated = max(most // 2, most - len(study.others))
    others = max(most // 2, most - len(study.treated))
    return [*study.treated[:treated], *study.others[:others]]


def default_line(rulebook: Rulebook) -> Line | None:
    """The line of the second grade where there is one: whoever is below it is not graded well."""
    lines = lines_of(rulebook)
    return lines[min(1, len(lines) - 1)] if lines else None


def rulebook_of(round_: Round) -> Rulebook:
    """The rulebook of a round."""
    return engine_rulebook(round_.rulebook)
