"""Cases that can never be the one: their condition depends on nothing, repeats an earlier one, or comes too late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from scorecard.engine.language.exact import Context, compiled
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bool, Call, Cmp, E, Expression, Name, Num, Unary, walk
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

NEEDS_FACT = Text("请改用取决于填报项的条件，或删除该项。", "Let it depend on a fact, or remove the case.")


def idle_cases(cases: Sequence[Expression | None], *, in_order: bool) -> Iterator[tuple[int, Text, Text]]:
    """Yield (place, message, remedy) of cases that are never taken: their condition is that of an earlier case, always
    or never holds, or (`in_order`) holds only where an earlier one does.
    """
    seen: dict[E, int] = {}
    for i, case in enumerate(cases):
        if case is None:
            continue
        node = case.node
        if node in seen:
            place = seen[node] + 1
            message = Text(f"与第 {place} 项的条件相同。", f"Its condition is that of case {place}.")
            yield i, message, Text("请删除或改正。", "Remove or correct it.")
        seen.setdefault(node, i)
        holds = _constant(node)
        if holds is not None:
            word, word_en = ("总是", "always") if holds else ("永远不会", "never")
            yield i, Text(f"该条件{word}成立。", f"The condition {word_en} holds."), NEEDS_FACT
        elif in_order:
            yield from _late(i, node, cases)


def _late(i: int, node: E, cases: Sequence[Expression | None]) -> Iterator[tuple[int, Text, Text]]:
    for j, earlier in enumerate(cases[:i], start=1):
        if earlier is not None and earlier.node != node and implies(node, earlier.node):
            message = Text(
                f"该条件成立时，第 {j} 项必先成立，此项永远用不到。",
                f"Whenever it holds, case {j} holds before it: the case is never reached.",
            )
            yield i, message, Text("请调整次序，或改正条件。", "Change the order, or correct the condition.")
            return


def _constant(node: E) -> bool | None:
    """Return the truth of a condition that depends on nothing, None when it depends on something."""
    for part in walk(node):
        if isinstance(part, Name) or (isinstance(part, Call) and not FUNCTIONS[part.name].pure):
            return None
    try:
        value = compiled(node)(cast(Context, None))
    except TypeError:
        return None  # its types do not agree, which is reported elsewhere
    return value if isinstance(value, bool) else None


#: comparison -> (the bound counts, values lie above it)
_SIDES = {">": (False, True), ">=": (True, True), "<": (False, False), "<=": (True, False)}


def implies(a: E, b: E) -> bool:
    """Return whether `b` surely holds whenever `a` does; comparisons of the same figure with numbers are understood."""
    if a == b:
        return True
    if isinstance(a, Bool) and a.op == "and" and any(implies(item, b) for item in a.items):
        return True
    if isinstance(b, Bool) and b.op == "or" and any(implies(a, item) for item in b.items):
        return True
    if not (isinstance(a, Cmp) and isinstance(b, Cmp) and a.left == b.left):
        return False
    m, n = _bound(a.right), _bound(b.right)
    if m is None or n is None or b.op not in _SIDES:
        return False
    counts, above = _SIDES[b.op]
    if a.op == "==":
        return (m == n and counts) or (m > n if above else m < n)
    if a.op not in _SIDES or _SIDES[a.op][1] is not above:
        return False
    return (m > n if above else m < n) or (m == n and (counts or not _SIDES[a.op][0]))


def _bound(node: E) -> Fraction | None:
    """Return the number that a side of a comparison is, with its sign and without its unit."""
    match node:
        case Num(value, _):
            return value
        case Unary("-", x):
            found = _bound(x)
            return None if found is None else -found
        case Call("unit", args):
            return _bound(args[0])
    return None
