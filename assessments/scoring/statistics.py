"""The city's figures of one round, computed by a job and kept: no page adds up all banks when it is opened.

A set is computed when the round has been scored as a whole, when it closes, and when a supervisor asks for it. It is
never changed; the page shows the newest with its time. ``RoundSnapshot.content``, points and sums as exact text::

    banks, submitted, scored, reviewed     banks in the round, with a version, with points, with reviewed points
    finished                               banks whose total awaits no points
    awaiting     {banks, low, high}        the others, from the lowest total to the highest with all that is awaited
    states       {review state: banks}
    facts        {fact: {sum, banks, submitted_sum, submitted_banks}}   amounts and counts, summed
    weighted     {rate: {sum, weight, banks}}   of the rates of WEIGHTED, the sum of rate times balance and of balances
    targets      {target: {met, missed, unknown, city: {state, left, right, margin}}}
    all_met      banks that meet every target
    values       {definition: value}       the rulebook's own derived figures, out of the city's sums
    grades       {grade: banks}            after caps, over finished totals; so are the next four
    capped       banks whose grade a cap has lowered
    points       {mean, median, low_quarter, high_quarter, low, high} of the totals
    sections     {section: {mean, median, low_quarter, high_quarter, max}}
    groups       {category: {banks, totals, sections}}   where finished totals lie (``scoring.groups``)
    quadrant     {category: {banks, without, bins}}   growth against bad loans (``scoring.quadrant``)
    categories   {category: {banks, scored, finished, mean, median, all_met, grades}}; statistics only from MIN_GROUP
                 finished totals on
    kinds        {kind of institution: all of the above but groups, quadrant and kinds, of these institutions alone}
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from sys import intern
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Filing, Round, RoundSnapshot, RoundState
from assessments.models.assessments import CATEGORY, KIND, TakingPart
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.groups import group_figures
from assessments.scoring.outcome_codec import LETTERS, section_points
from assessments.scoring.quadrant import quadrant_bins
from banks.models import FactEntry, FactState, User
from banks.selectors.facts import latest
from scorecard import engine
from scorecard.access.decisions import Refused
from scorecard.access.roles import READ_ROLES, Role
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import exact, round_points
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue

SNAPSHOT_JOB = "assessments.round_snapshot"
# What can be added up over banks; a ratio or a rate cannot.
SUMMED_KINDS = ("amount", "count")
# Rates of which the city has a mean, weighted with the balance that they stand for.
WEIGHTED = {"sme_rate": "sme_bal_end"}
# Below this many banks a category's statistics would tell about single banks; the page can be printed and passed on.
MIN_GROUP = 3


def request_snapshot(*, actor: User | None, round_: Round) -> Job:
    """Queue the round's figures; while that waits, asking again adds nothing."""
    if actor is not None and not actor.holds(*READ_ROLES, Role.ADMINISTRATOR):
        raise Refused([_("Only supervisors compute the round's figures.")])
    if round_.state == RoundState.CLOSED:
        raise Refused([_("The round is closed and archived; nothing in it changes any more.")])
    return enqueue(SNAPSHOT_JOB, key=str(round_.pk), params={"round": round_.pk}, actor=actor)


def on_closing(sender: type[Round], **closing: Any) -> None:
    """Queue the figures of a round that closes, in the transaction of the closing (``round_closing``)."""
    request_snapshot(actor=closing["actor"], round_=closing["round_"])


def snapshot_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Compute the figures of the round that the job names; run twice for one job, it leaves one set."""
    made = take_snapshot(round_=Round.objects.select_related("rulebook").get(pk=job.params["round"]), job=job)
    return {"snapshot": made.pk}


@transaction.atomic
def take_snapshot(*, round_: Round, job: Job | None = None) -> RoundSnapshot:
    """Compute and keep the figures as they are now. A number of queries that does not depend on the number of banks."""
    if job is not None and (made := RoundSnapshot.objects.filter(job=job, round=round_).first()) is not None:
        return made
    rulebook = engine_rulebook(round_.rulebook)
    everybody = Counted(round_)
    content = _content(everybody, rulebook)
    content["groups"] = group_figures(_runs(everybody, rulebook), rulebook)
    content["quadrant"] = quadrant_bins(round_, rulebook)
    kinds = set(everybody.counted_once.order_by().values_list(KIND, flat=True).distinct())
    content["kinds"] = {kind: _content(Counted(round_, kind), rulebook) for kind in sorted(kinds)}
    return RoundSnapshot.objects.create(round=round_, job=job, content=content)


@dataclass(frozen=True)
class Counted:
    """The institutions of a round that are taken together: all of them, or those of one kind (``EntityKind``)."""

    round: Round
    kind: str = ""

    @property
    def period(self) -> str:
        """The year of the round."""
        return self.round.period

    @property
    def taking_part(self) -> TakingPart:
        """``Round.taking_part`` of these."""
        return self._of_kind(self.round.taking_part)

    @property
    def counted_once(self) -> TakingPart:
        """``Round.counted_once`` of these."""
        return self._of_kind(self.round.counted_once)

    def _of_kind(self, rows: TakingPart) -> TakingPart:
        return rows.alias(kind=KIND).filter(kind=self.kind) if self.kind else rows


def _content(round_: Counted, rulebook: Rulebook) -> dict[str, Any]:
    content = _people(round_) | _city(round_, rulebook) | _points(round_, rulebook)
    content["targets"] = _targets(content.pop("letters"), content.pop("city_targets"), rulebook)
    return content


def _people(round_: Counted) -> dict[str, Any]:
    states: Counter[str] = Counter(round_.taking_part.values_list("review_state", flat=True))
    return {
        "banks": sum(states.values()),
        "submitted": round_.taking_part.filter(version__isnull=False).count(),
        "states": dict(states),
        # Branches of legal entities that take part themselves: every sum, mean and group counts each institution once.
        "within_head": sum(states.values()) - round_.counted_once.count(),
    }


# --- The city's sums -------------------------------------------------------------------------------------------------


def _city(round_: Counted, rulebook: Rulebook) -> dict[str, Any]:
    """Sums of what is on file, and what the rulebook concludes from them for the city as if it were one bank.

    A submitted filing counts with what was signed; one that is still with the bank counts with the figures on file.
    """
    summed = [fact for fact, spec in rulebook.facts.items() if spec.kind in SUMMED_KINDS]
    wanted = [*summed, *(rate for rate in WEIGHTED if rate in rulebook.facts)]
    # By bank, the rates and their weights.
    paired: dict[int, dict[str, Fraction]] = defaultdict(dict)
    sums: dict[str, Fraction] = defaultdict(Fraction)
    banks: Counter[str] = Counter()
    sent_sums: dict[str, Fraction] = defaultdict(Fraction)
    sent_banks: Counter[str] = Counter()
    # Of each signed filing only which facts it has; most have the same, so they share one set.
    signed: dict[int, frozenset[str]] = {}
    sets: dict[frozenset[str], frozenset[str]] = {}
    rows = round_.counted_once.filter(version__isnull=False).values_list("bank", "filing_state", "version__facts")
    for bank, filing, facts in rows.iterator(chunk_size=500):
        for fact in summed:
            if (value := _value(facts.get(fact))) is not None:
                sent_sums[fact] += value
                sent_banks[fact] += 1
                if filing == Filing.SUBMITTED:
                    sums[fact] += value
                    banks[fact] += 1
        if filing == Filing.SUBMITTED:
            given = frozenset(fact for fact in wanted if fact in facts)
            signed[bank] = sets.setdefault(given, given)
            paired[bank] = {f: v for f in _PAIRED if f in given and (v := _value(facts[f])) is not None}
    for bank, fact, state, text in _on_file(round_, wanted):
        if bank in signed and fact in signed[bank]:
            continue
        if (value := _value({"state": state, "value": text})) is not None:
            if fact in _PAIRED:
                paired[bank][fact] = value
            if fact not in WEIGHTED:
                sums[fact] += value
                banks[fact] += 1
    result = engine.evaluate(rulebook, ScoringInput(facts={f: _decimal(v) for f, v in sums.items()}), explain=False)
    return {
        "facts": {
            fact: {
                "sum": exact(sums[fact]),
                "banks": banks[fact],
                "submitted_sum": exact(sent_sums[fact]),
                "submitted_banks": sent_banks[fact],
            }
            for fact in summed
            if banks[fact]
        },
        "weighted": _weighted(paired.values()),
        "values": {name: exact(value) for name, value in result.values.items()},
        "city_targets": {
            name: {"state": target.state} | {side: exact(getattr(target, side)) for side in ("left", "right", "margin")}
            for name, target in result.targets.items()
        },
    }


_PAIRED = frozenset((*WEIGHTED, *WEIGHTED.values()))


def _weighted(paired: Iterable[Mapping[str, Fraction]]) -> dict[str, Any]:
    """Of each rate the sum of rate times weight, and of weights, over the banks that have both."""
    found: dict[str, Any] = {}
    rows = list(paired)
    for rate, weight in WEIGHTED.items():
        both = [(row[rate], row[weight]) for row in rows if rate in row and weight in row]
        if both:
            whole = sum((w for _rate, w in both), Fraction(0))
            found[rate] = {
                "sum": exact(sum((r * w for r, w in both), Fraction(0))),
                "weight": exact(whole),
                "banks": len(both),
            }
    return found


def _on_file(round_: Counted, facts: Sequence[str]) -> Iterator[tuple[int, str, str, str]]:
    """The current facts of the round's year of every bank in it: bank, fact, state, value."""
    entries = FactEntry.objects.filter(
        bank__in=round_.counted_once.values("bank"), period=round_.period, fact__in=facts
    )
    rows: Iterator[tuple[int, str, str, str]] = (
        latest(entries).values_list("bank", "fact", "state", "value").iterator(chunk_size=5000)
    )
    return rows


def _value(stored: Mapping[str, str] | None) -> Fraction | None:
    """A figure as a number; None where there is none, or none that can be read (scoring names such a filing)."""
    if stored is None or stored["state"] != FactState.VALUE:
        return None
    try:
        return Fraction(Decimal(stored["value"]))
    except (ArithmeticError, ValueError):
        return None


def _decimal(value: Fraction) -> Decimal:
    """A sum of decimals is a decimal: exact."""
    return Decimal(str(exact(value)))


# --- Points and grades -----------------------------------------------------------------------------------------------


def _points(round_: Counted, rulebook: Rulebook) -> dict[str, Any]:
    """Statistics of the points that count: the reviewed ones where there are any, else the system's.

    A total that awaits points is no total yet: it enters no mean, no median and no count of grades, and is told apart
    as a range.
    """
    totals: list[Fraction] = []
    open_low: list[Fraction] = []
    open_high: list[Fraction] = []
    scored: Counter[str] = Counter()
    sections: dict[str, list[Fraction]] = defaultdict(list)
    groups: dict[str, list[tuple[Fraction, str, str]]] = defaultdict(list)
    letters: list[str] = []
    grades: Counter[str] = Counter()
    capped = reviewed = 0
    exact_values: dict[Decimal, Fraction] = {}  # equal points are one object, however many banks have them

    def shared(value: Decimal) -> Fraction:
        found = exact_values.get(value)
        if found is None:
            found = exact_values[value] = Fraction(value)
        return found

    for category, is_reviewed, total, pending, grade, before, targets, parts in _runs(round_, rulebook):
        points, awaited = shared(Decimal(total)), shared(Decimal(pending))
        letters.append(intern(targets))
        scored[category] += 1
        reviewed += is_reviewed
        if awaited:
            open_low.append(points)
            open_high.append(points + awaited)
            continue
        totals.append(points)
        grades[grade] += 1
        capped += grade != before
        groups[category].append((points, intern(grade), letters[-1]))
        for section in rulebook.sections:
            if section in parts:
                sections[section].append(shared(parts[section]))
    return {
        "scored": len(letters),
        "finished": len(totals),
        "awaiting": {"banks": len(open_low), "low": _text(min(open_low)), "high": _text(max(open_high))}
        if open_low
        else {"banks": 0},
        "reviewed": reviewed,
        "letters": letters,
        "all_met": sum(_all_met(targets) for targets in letters),
        "grades": {grade.id: grades[grade.id] for grade in rulebook.grades},
        "capped": capped,
        "points": {**_spread(totals), "low": _text(min(totals)), "high": _text(max(totals))} if totals else {},
        "sections": {
            section: {**_spread(sections[section]), "max": exact(rulebook.sections[section].max)}
            for section in rulebook.sections
            if sections[section]
        },
        "categories": _categories(round_, scored, groups, rulebook),
    }


def _runs(
    round_: Counted, rulebook: Rulebook
) -> Iterator[tuple[str, bool, str, str, str, str, str, Mapping[str, Decimal]]]:
    """One row per bank with points: category, reviewed, total, points awaited, grade after and before caps, targets,
    sections.
    """
    for run, is_reviewed in (("reviewed_run", True), ("system_run", False)):
        rows = round_.counted_once.filter(**{f"{run}__isnull": False})
        if not is_reviewed:
            rows = rows.filter(reviewed_run__isnull=True)
        columns = ("total", "pending", "grade", "grade_before", "targets", "array")
        for category, *rest in (
            rows.order_by("pk").values_list(CATEGORY, *(f"{run}__{name}" for name in columns)).iterator(chunk_size=500)
        ):
            total, pending, grade, before, targets, array = rest
            yield category, is_reviewed, total, pending, grade, before, targets, section_points(rulebook, bytes(array))


def _categories(
    round_: Counted,
    scored: Mapping[str, int],
    groups: Mapping[str, Sequence[tuple[Fraction, str, str]]],
    rulebook: Rulebook,
) -> dict[str, Any]:
    sizes: Counter[str] = Counter(round_.counted_once.values_list(CATEGORY, flat=True))
    found: dict[str, Any] = {}
    for category, size in sorted(sizes.items()):
        members = groups.get(category, ())
        found[category] = {"banks": size, "scored": scored.get(category, 0), "finished": len(members)}
        if len(members) >= MIN_GROUP:
            grades = Counter(grade for _points, grade, _targets in members)
            found[category] |= {
                **_spread([points for points, _grade, _targets in members]),
                "all_met": sum(_all_met(targets) for _points, _grade, targets in members),
                "grades": {grade.id: grades[grade.id] for grade in rulebook.grades},
            }
    return found


def _targets(letters: Iterable[str], city: Mapping[str, Any], rulebook: Rulebook) -> dict[str, Any]:
    counts = {name: Counter[str]() for name in rulebook.targets}
    for word in letters:
        for name, letter in zip(rulebook.targets, word, strict=True):
            counts[name][letter] += 1
    return {
        name: {**{state: count[letter] for letter, state in LETTERS.items()}, "city": city[name]}
        for name, count in counts.items()
    }


def _all_met(letters: str) -> bool:
    """Whether every target is met; one that an officer decided not applicable is asked of nobody."""
    return "m" in letters and set(letters) <= {"m", "n"}


def _spread(values: Sequence[Fraction]) -> dict[str, str]:
    """Mean, median and quartiles, rounded half up to two decimals: statistics for reading, no bank's result."""
    ordered = sorted(values)
    low, median, high = (quantile(ordered, Fraction(part, 4)) for part in (1, 2, 3))
    mean = sum(ordered, Fraction(0)) / len(ordered)
    return {"mean": _text(mean), "median": _text(median), "low_quarter": _text(low), "high_quarter": _text(high)}


def quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """The value below which ``share`` of the ordered values lies, linear between two of them (the method of R's type 7
    and of spreadsheets' QUARTILE.INC). Needs at least one value.
    """
    at = share * (len(ordered) - 1)
    below = at.numerator // at.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def _text(value: Fraction) -> str:
    return f"{round_points(value, 2):.2f}"
