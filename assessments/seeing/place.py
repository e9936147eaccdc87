"""Where one bank stands among its peers: the distribution of totals, and the profile of sections against their median.

A supervisor, who may open each file, sees the group as it is. The bank itself sees it only of a closed round, after its
notice, where at least ``peer_minimum`` banks have finished totals. Neighbouring bins are put together until each holds
as many, and the outermost are open, so that no figure of a peer can be read, that of the best and of the worst least of
all. A median, which in an odd group is the figure of one peer, is rounded to five percent of the section's points.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.models import Assessment
from assessments.models.assessments import within_head
from assessments.rounds.selectors import newest_snapshot
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.groups import WIDTH, counts_of
from assessments.scoring.outcome_codec import section_points
from assessments.scoring.selectors import told_rating
from banks.models import User
from scorecard.engine.values.rational import Fraction

#: A bank sees the medians of its peers in steps of this share of a section's points.
STEP = Fraction(1, 20)


@dataclass(frozen=True)
class Span:
    """Totals from ``low`` to below ``high``; None where the span is open."""

    low: int | None
    high: int | None
    banks: int

    def holds(self, total: Decimal) -> bool:
        """Whether a total lies in it."""
        return (self.low is None or total >= self.low) and (self.high is None or total < self.high)


@dataclass(frozen=True)
class Part:
    """A section: the bank's own share of its most points, and the group's median share."""

    id: str
    own: Fraction | None
    median: Fraction | None


@dataclass(frozen=True)
class Standing:
    """``refused`` says why nothing is shown: "open", "told", "unscored", "awaited", "with_head", "kept", "few"."""

    refused: str = ""
    total: Decimal | None = None
    banks: int = 0
    least: int = 0
    spans: Sequence[Span] = ()
    parts: Sequence[Part] = ()


def standing_of(actor: User, case: Assessment) -> Standing:
    """What the actor sees of a case that an access function has given."""
    rulebook = engine_rulebook(case.round.rulebook)
    least = rulebook.peer_minimum
    bank_side = actor.is_bank_person
    if bank_side and not case.round.is_closed:
        return Standing("open", least=least)
    rating = told_rating(actor, case) if bank_side else None
    if bank_side and rating is None:
        return Standing("told", least=least)
    run = rating.run if rating is not None else case.counted_run
    if run is None or not run.array:
        return Standing("unscored", least=least)
    if Decimal(run.pending):
        return Standing("awaited", least=least)
    if case.taken_out_at is not None or Assessment.objects.filter(within_head(), pk=case.pk).exists():
        return Standing("with_head", least=least)
    snapshot = newest_snapshot(case.round)
    kept = snapshot.content.get("groups", {}).get(case.category) if snapshot is not None else None
    if kept is None:
        return Standing("kept", least=least)
    if bank_side and kept["banks"] < least:
        return Standing("few", banks=kept["banks"], least=least)
    counts, own = counts_of(kept), section_points(rulebook, bytes(run.array))
    parts = [
        Part(
            section.id,
            _share(own.get(section.id), section.max),
            _median(kept["sections"].get(section.id), least if bank_side else 0),
        )
        for section in rulebook.top_sections
        if section.max > 0
    ]
    spans = merged(counts, least) if bank_side else plain_spans(counts)
    return Standing("", Decimal(run.total), kept["banks"], least, spans, parts)


def _share(points: Decimal | None, most: Decimal) -> Fraction | None:
    return None if points is None else Fraction(points) / Fraction(most)


def _median(kept: Mapping[str, Any] | None, least: int) -> Fraction | None:
    """The middle of a section; for a bank (``least`` above 0) in steps, and only of as many banks as a group must have:
    a section may have fewer than the group, whose runs of before there were arrays hold none.
    """
    if kept is None or (least and kept.get("banks", least) < least):
        return None
    share = Fraction(kept["median"]) / Fraction(kept["max"])
    return coarsened(share) if least else share


def coarsened(share: Fraction) -> Fraction:
    """A share in steps of ``STEP``, half up."""
    steps = share / STEP
    whole = (Decimal(steps.numerator) / Decimal(steps.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    return int(whole) * STEP


def plain_spans(counts: Mapping[int, int]) -> list[Span]:
    """Every bin from the lowest to the highest, the empty ones between them too."""
    if not counts:
        return []
    return [Span(n * WIDTH, (n + 1) * WIDTH, counts.get(n, 0)) for n in range(min(counts), max(counts) + 1)]


def merged(counts: Mapping[int, int], least: int) -> list[Span]:
    """Neighbouring bins put together from the lowest on until each holds at least ``least`` banks; what is left over at
    the top joins the last. The outermost spans are open; one span alone says nothing of anybody.
    """
    spans: list[tuple[int, int, int]] = []
    start: int | None = None
    banks = 0
    for number in range(min(counts, default=0), max(counts, default=-1) + 1):
        start = number if start is None else start
        banks += counts.get(number, 0)
        if banks >= least:
            spans.append((start, number + 1, banks))
            start, banks = None, 0
    if banks and spans:
        low, _high, more = spans.pop()
        spans.append((low, max(counts) + 1, more + banks))
    return [
        Span(
            None if place == 0 else low * WIDTH,
            None if place == len(spans) - 1 else high * WIDTH,
            held,
        )
        for place, (low, high, held) in enumerate(spans)
    ]
