"""Other figures tried on one's own filing: what total, grade and targets would be. Reads only; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.filings.form_layout import own_facts
from assessments.filings.selectors import Draft
from assessments.filings.typed import read_typed
from assessments.scoring.differences import signed
from assessments.scoring.results import Score, explained_score
from scorecard.engine import FactValue, Result, evaluate, still_needed
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language

OFFERS = 8  # how many of the changes that bring points are named


@dataclass(frozen=True)
class Moved:
    """One indicator whose points differ."""

    id: str
    name: str
    before: str
    after: str
    change: str
    kind: str


@dataclass(frozen=True)
class Offer:
    """One change that would bring points, the largest first."""

    id: str
    name: str
    gain: str
    text: str


@dataclass(frozen=True)
class NextStep:
    """What the next better grade takes."""

    grade: str
    points: str
    text: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Tried:
    """The score as it is and as it would be. ``errors`` are by fact; those with an error keep their figure."""

    changed: Mapping[str, FactValue]
    errors: Mapping[str, str]
    before: Score
    after: Score
    total_change: str
    total_kind: str
    moved: tuple[Moved, ...]
    needs: tuple[tuple[str, str], ...]  # target, what is still needed
    next: NextStep | None
    effects: Mapping[str, str]  # by changed fact: the indicators and targets that move and use it
    result: Result = field(repr=False)


def try_facts(draft: Draft, typed: Mapping[str, str]) -> Tried:
    """Score the draft with the typed figures in place of its own. What is not typed, or typed as it is, stays.

    Reads what the draft has read; writes nothing.
    """
    return try_values(draft, *_read(draft, typed))


def try_values(draft: Draft, changed: Mapping[str, FactValue], errors: Mapping[str, str] | None = None) -> Tried:
    """The same with figures that have been read, those that differ from the draft's."""
    before = draft.result
    given = draft.scoring_input.with_facts(dict(changed))
    after = evaluate(draft.rulebook, given) if changed else before
    change = after.total - before.total
    needed = still_needed(draft.rulebook, given, after)
    step = None
    if needed.grade is not None:
        offers = [
            Offer(i, in_language(draft.rulebook.indicators[i].name), f"+{plain(better.gain)}", in_language(better.text))
            for i, better in needed.grade.improvements
        ]
        grade = in_language(draft.rulebook.grade(needed.grade.grade).name)
        step = NextStep(grade, plain(needed.grade.points), in_language(needed.grade.text), tuple(offers[:OFFERS]))
    old, new = (explained_score(draft.rulebook, result, draft.self_total) for result in (before, after))
    moved = tuple(_moved(draft, before, after))
    return Tried(
        changed=changed,
        errors=errors or {},
        before=old,
        after=new,
        total_change=signed(change, "分") if change else "",
        total_kind="good" if change > 0 else "bad",
        moved=moved,
        needs=tuple(
            (
                in_language(draft.rulebook.targets[target].short),
                in_language(need.text) if need is not None else _("No single figure alone meets this target."),
            )
            for target, need in needed.targets.items()
        ),
        next=step,
        effects={fact: _effect(draft, fact, moved, old, new) for fact in changed},
        result=after,
    )


def _effect(draft: Draft, fact: str, moved: tuple[Moved, ...], old: Score, new: Score) -> str:
    """What moves among the indicators and targets that use a fact, on one line."""
    indicators, targets = prepared(draft.rulebook).users_of_facts.get(fact, ((), ()))
    found = [f"{one.id} {one.before} → {one.after}" for one in moved if one.id in indicators]
    for was, now in zip(old.targets, new.targets, strict=True):
        if now.id in targets and was.state != now.state:
            found.append(f"{now.short} {was.state} → {now.state}")
    return _("; ").join(found) or _("moves no points and no target")


def _moved(draft: Draft, before: Result, after: Result) -> list[Moved]:
    """The indicators whose points differ; points that are awaited count as none."""
    found = []
    for indicator, result in before.indicators.items():
        old, new = result.points, after.indicators[indicator].points
        change = (new or Decimal(0)) - (old or Decimal(0))
        if change:
            name = in_language(draft.rulebook.indicators[indicator].name)
            was, now = (plain(points) if points is not None else "—" for points in (old, new))
            found.append(Moved(indicator, name, was, now, signed(change, "分"), "good" if change > 0 else "bad"))
    return found


def _read(draft: Draft, typed: Mapping[str, str]) -> tuple[dict[str, FactValue], dict[str, str]]:
    """The figures that differ from the draft's, and what is wrong with the others, by fact."""
    specs = own_facts(draft.rulebook)
    values, errors = read_typed(draft.rulebook, specs, typed)
    changed = {fact: value for fact, value in values.items() if not _same(value, draft.value(specs[fact]))}
    return changed, errors


def _same(a: FactValue, b: FactValue) -> bool:
    return type(a) is type(b) and a == b if not isinstance(a, Decimal) else isinstance(b, Decimal) and a == b
