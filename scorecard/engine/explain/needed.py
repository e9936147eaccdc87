"""What is still needed: the smallest change of one named fact that reaches a goal, everything else unchanged.

The search works on the fact in the steps in which it is filed and checks every answer exactly: the goal holds with the
answer and does not hold one step short of it. A straight-line guess finds it at once where the figure is linear in the
fact; otherwise doubling and halving do, up to the end of the fact's range.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.targets import holds
from scorecard.engine.language.exact import compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.labels import words
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rules.words import points_texts
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.numbers import round_points, to_decimal
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Improvement, Need
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

MAX_DOUBLINGS = 70


def step_of(spec: FactSpec) -> Fraction:
    """Return the smallest step in which a fact is filed: ratios in decimals of the percentage."""
    return Fraction(Fraction(1, 10 ** (spec.digits + (2 if spec.unit == "%" else 0))))


Bounds = tuple[Fraction | None, Fraction | None]


def smallest_change(
    margin: Callable[[Fraction], Fraction | None],
    done: Callable[[Fraction], bool],
    now: Fraction,
    step: Fraction,
    bounds: Bounds,
    here: Fraction | None,
) -> Fraction | None:
    """Return the value nearest to `now`, whole steps away in the one direction that helps, at which `done(margin)`
    holds; `here` is the margin at `now`, `bounds` the range of the value.

    Returns None when no value within the bounds does, or when neither direction helps.
    """
    ahead = margin(now + step)
    if here is None or ahead is None:
        return None
    # `done` asks for a margin that is large enough or small enough; go where the margin moves towards it.
    rising = done(abs(here) + abs(ahead) + 1)
    if ahead != here:
        sign = 1 if (ahead > here) == rising else -1
    else:
        sign = next(
            (s for s in (1, -1) if _helps(margin, now, s * step, _room(now, s * step, bounds), here, rising)), 0
        )
    last = _room(now, sign * step, bounds)
    if not sign or last == 0:
        return None

    @cache
    def reached(steps: int) -> bool:
        found = margin(now + sign * step * steps) if last is None or steps <= last else None
        return found is not None and done(found)

    if ahead != here:
        near = int(abs(here / (ahead - here)))
        for steps in (near, near + 1):
            if steps >= 1 and reached(steps) and not (steps > 1 and reached(steps - 1)):
                return now + sign * step * steps
    low, high = 0, 1
    for _ in range(MAX_DOUBLINGS):
        if reached(high):
            break
        if high == last:
            return None
        low, high = high, high * 2 if last is None else min(high * 2, last)
    else:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if reached(middle):
            high = middle
        else:
            low = middle
    return now + sign * step * high


def _room(now: Fraction, step: Fraction, bounds: Bounds) -> int | None:
    """Return how many steps from `now` stay within the bounds, None when there is no bound on that side."""
    bound = bounds[1] if step > 0 else bounds[0]
    return None if bound is None or not step else max(0, int((bound - now) // step))


def _helps(
    margin: Callable[[Fraction], Fraction | None],
    now: Fraction,
    step: Fraction,
    room: int | None,
    here: Fraction,
    rising: bool,
) -> bool:
    """Return whether the margin, which the first step leaves as it is, moves the right way further on (a figure may
    count only from some size).
    """
    for power in range(0, MAX_DOUBLINGS, 3):
        steps = 2**power if room is None else min(2**power, room)
        found = margin(now + step * steps)
        if found is not None and found != here:
            return (found > here) is rising
        if steps == room:
            break
    return False


def _bounds(spec: FactSpec) -> Bounds:
    return None if spec.min is None else Fraction(spec.min), None if spec.max is None else Fraction(spec.max)


def target_need(c: Scoring, target_id: str) -> Need | None:
    """Return the smallest increase of the target's lever with which it is met; None when it is met or cannot be
    computed.
    """
    target = c.rulebook.targets[target_id]
    outcome = c.outcome(target_id)
    now = c.decimal(target.lever) if target.lever else None
    if outcome.missed is not True or now is None or outcome.margin is None:
        return None
    book = prepared(c.rulebook)
    if book.compares_peers(target.left.node) or book.compares_peers(target.right.node):
        return None  # the change that is needed would tell where a peer stands
    spec = c.rulebook.facts[target.lever]

    def margin(value: Fraction) -> Fraction | None:
        return c.with_fact(spec.id, value).outcome(target_id).margin

    found = smallest_change(
        margin, lambda m: holds(target.op, m), Fraction(now), step_of(spec), _bounds(spec), outcome.margin
    )
    if found is None or found <= now:
        return None
    then = to_decimal(found)
    increase = then - now
    more, to = quantities(Fraction(increase), spec.unit), quantities(found, spec.unit)
    text = Text(
        f"{spec.label.zh}还需增加 {more.zh}，达到 {to.zh}（其他填报项不变）。",
        f"{spec.label.en} must rise by {more.en} to {to.en}, all else unchanged.",
    )
    return Need(spec.id, now, then, increase, spec.unit, text)


def improvement(
    c: Scoring,
    x: Expression,
    unit: str,
    now: Fraction,
    goal: Fraction,
    gain: Fraction,
    lever: str,
    against: Expression | None = None,
) -> tuple[Improvement, ...]:
    """Return what brings the figure `x` from `now` to `goal`, the value of `against` where that is given, and so gains
    points: by one fact when a lever is named or only one is used. Nothing that would tell a peer's figure.
    """
    book = prepared(c.rulebook)
    more, figure, shown = points_texts(gain), words(c.rulebook, x), shown_gain(c, gain)
    if book.shows_peers(x.node) or (against is not None and book.compares_peers(against.node)):
        text = Text(
            f"“{figure.zh}”在同组比较中改善，最多可多得 {more.zh}。",
            f"A better place among the peers in “{figure.en}” gains up to {more.en}.",
        )
        return (Improvement("", None, None, shown, text),)
    spec = None if book.compares_peers(x.node) else _lever(c, x, lever)
    current = c.decimal(spec.id) if spec is not None else None
    if spec is not None and current is not None:
        id = spec.id

        def margin(value: Fraction) -> Fraction | None:
            y = number(compute(x, c.with_fact(id, value)))
            return None if isinstance(y, Missing) else y - goal

        op = ">=" if goal > now else "<="
        found = smallest_change(
            margin, lambda m: holds(op, m), Fraction(current), step_of(spec), _bounds(spec), now - goal
        )
        if found is not None:
            a, b = quantities(Fraction(current), spec.unit), quantities(found, spec.unit)
            text = Text(
                f"{spec.label.zh}由 {a.zh}变为 {b.zh}，可多得 {more.zh}。",
                f"{spec.label.en} from {a.en} to {b.en} gains {more.en}.",
            )
            return (Improvement(id, current, to_decimal(found), shown, text),)
    a, b = quantities(now, unit), quantities(goal, unit)
    text = Text(
        f"“{figure.zh}”由 {a.zh}达到 {b.zh}，可多得 {more.zh}。",
        f"“{figure.en}” from {a.en} to {b.en} gains {more.en}.",
    )
    return (Improvement("", None, None, shown, text),)


def shown_gain(c: Scoring, gain: Fraction) -> Decimal:
    """Round a difference of points for showing."""
    return round_points(gain, c.rulebook.rounding.indicator, c.rulebook.rounding.mode)


def _lever(c: Scoring, x: Expression, lever: str) -> FactSpec | None:
    if lever:
        return c.rulebook.facts.get(lever)
    used = [c.rulebook.facts[n] for n in x.names if n in c.rulebook.facts]
    return used[0] if len(used) == 1 and used[0].is_number and used[0].derived is None else None
