"""Everything that a draft reads, read once: a number of queries that depends on no bank and on no statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from assessments.measures.selectors import visible_measures
from assessments.meetings.selectors import visible_meetings
from assessments.models import LiveState, MeetingKind, MeetingState, Round, RoundSnapshot
from assessments.models.assessments import KIND, TakingPart
from assessments.readings.circulars import visible_circulars
from assessments.readings.selectors import visible_periods
from assessments.rounds.selectors import newest_snapshot
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.city import city_values
from assessments.scoring.statistics import Counted
from banks.models import EntityKind, User
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.rational import Fraction
from scorecard.figures.models import Figure
from scorecard.figures.selectors import figures_by_ident


@dataclass(frozen=True)
class Told:
    """Decided results whose notice is out, of institutions counted once: how many by grade, how many limited by a cap,
    with points off and with points added to the supervisory rating; and how many institutions are counted in all.
    """

    banks: int = 0
    told: int = 0
    grades: Mapping[str, int] = field(default_factory=dict)
    capped: int = 0
    deducted: int = 0
    added: int = 0


@dataclass(frozen=True)
class MeasureCount:
    """One measure of the rulebook in the register: its code, how many entries (家次), and of how many institutions."""

    code: str
    tool: str
    entries: int
    banks: int


@dataclass(frozen=True)
class Sources:
    """What the queries of a draft read. ``city`` has value and number of banks by query; ``records`` the report's
    records of the round's year, by section and number; ``kind`` the kind of institutions that alone are counted, blank
    for all; ``entities`` how many institutions are counted by kind, each
    once, and ``submitted`` how many of these have submitted.
    """

    round: Round
    rulebook: Rulebook
    snapshot: RoundSnapshot | None
    city: Mapping[str, tuple[Fraction, int]]
    records: Mapping[str, Figure]
    entities: Mapping[str, int]
    submitted: int
    told: Told
    measures: tuple[MeasureCount, ...]
    measured_banks: int
    periods: int
    circulars: int
    meetings: int
    kind: str = ""

    @property
    def at(self) -> datetime:
        """The time as of which the draft speaks: that of the round's figures; without them the end of the year."""
        if self.snapshot is not None:
            return self.snapshot.made_at
        return datetime(self.round.year, 12, 31, 15, tzinfo=UTC)


def read_sources(actor: User, round_: Round, records: Iterable[str], kind: str = "") -> Sources:
    """Read what a draft of this round needs; ``records`` are the records by section and number, ``kind`` is the kind of
    institutions that alone are counted.
    """
    snapshot, counted = newest_snapshot(round_, kind), Counted(round_, kind)
    counted_once = counted.counted_once
    idents = {f"r{round_.year}-{record}": record for record in records}
    found = figures_by_ident(actor, list(idents)) if idents else {}
    kinds = counted_once.order_by().values_list(KIND).annotate(n=Count("pk"))
    entities = {EntityKind(kind).value: count for kind, count in kinds}
    live = visible_measures(actor).filter(assessment__round=round_).exclude(state=LiveState.REPLACED).order_by()
    live = live.filter(assessment__in=counted.taking_part) if kind else live
    counted = live.values_list("measure__code", "measure__tool").annotate(
        n=Count("pk"), banks=Count("assessment__bank", distinct=True)
    )
    first = datetime(round_.year, 1, 1, tzinfo=timezone.get_current_timezone())
    after = first.replace(year=round_.year + 1)
    return Sources(
        round=round_,
        rulebook=engine_rulebook(round_.rulebook),
        snapshot=snapshot,
        city=city_values(snapshot) if snapshot is not None else {},
        records={idents[ident]: figure for ident, figure in found.items()},
        entities=entities,
        submitted=counted_once.filter(version__isnull=False).count(),
        told=_told(counted_once, sum(entities.values())),
        measures=tuple(MeasureCount(*row) for row in counted),
        measured_banks=live.aggregate(banks=Count("assessment__bank", distinct=True))["banks"],
        periods=visible_periods(actor).filter(year=round_.year).count(),
        circulars=visible_circulars(actor).filter(period__year=round_.year).count(),
        meetings=visible_meetings(actor)
        .filter(
            kind=MeetingKind.REGULAR,
            state__in=(MeetingState.HELD, MeetingState.SIGNED),
            starts_at__gte=first,
            starts_at__lt=after,
        )
        .count(),
        kind=kind,
    )


def _told(counted_once: TakingPart, banks: int) -> Told:
    columns = ("rating__grade", "rating__grade_before", "rating__grade_proposed", "rating__adjustment")
    told = counted_once.filter(rating__notice__isnull=False).order_by()
    known: dict[str, Any] = {"told": 0, "grades": {}, "capped": 0, "deducted": 0, "added": 0}
    for grade, before, proposed, adjustment, count in told.values_list(*columns).annotate(n=Count("pk")):
        known["told"] += count
        known["grades"][grade] = known["grades"].get(grade, 0) + count
        known["capped"] += count if before and before != proposed else 0
        change = Fraction(adjustment) if adjustment else Fraction(0)
        known["deducted"] += count if change < 0 else 0
        known["added"] += count if change > 0 else 0
    return Told(banks=banks, **known)
