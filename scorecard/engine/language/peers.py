"""Rank, percentile and median of the peer group, over values frozen for the score run.

Peers are compared on the expression itself, evaluated for every bank of the group. The values are taken once
(:func:`scorecard.engine.explain.evaluate.peer_snapshot`) and stored with the run, so that a later filing moves no
earlier result.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


def peer_key(node: E) -> str:
    """Return the key of an expression in a snapshot: its text without spaces that carry no meaning."""
    match node:
        case Num(_, text):
            return text
        case Str(value):
            return repr(value)
        case Name(id):
            return id
        case Unary(op, x):
            return f"({op} {peer_key(x)})"
        case Bin(op, left, right) | Cmp(op, left, right):
            return f"({peer_key(left)} {op} {peer_key(right)})"
        case In(x, options, negated):
            return f"({peer_key(x)} {'not in' if negated else 'in'} {options!r})"
        case Bool(op, items):
            return "(" + f" {op} ".join(peer_key(i) for i in items) + ")"
        case If(c, a, b):
            return f"({peer_key(a)} if {peer_key(c)} else {peer_key(b)})"
        case Call(name, args):
            return f"{name}({', '.join(peer_key(a) for a in args)})"


def peer_statistic(name: str, own: Value, values: tuple[Fraction, ...]) -> Value:
    """Return rank (1 = highest, ties share the better place), percentile (share of peers at or below, 0 to 1), median,
    or the number of peers. `values` are sorted from low to high and include the bank's own.
    """
    if name == "peers":
        return Fraction(len(values))
    if name != "median" and isinstance(own, Missing):
        return own  # a blank stays a blank, also where nobody has a figure
    if not values:
        return Missing(Absence.UNDEFINED, Text("同组没有可比数据", "the peer group has no figures to compare with"))
    if name == "median":
        half, odd = divmod(len(values), 2)
        return values[half] if odd else (values[half - 1] + values[half]) / 2
    if not isinstance(own, Fraction):
        raise TypeError(f"peers are compared on numbers, not on {own!r}")
    if name == "rank":
        return Fraction(len(values) - bisect_right(values, own) + 1)
    below = bisect_left(values, own)
    others = len(values) - 1
    return Fraction(min(below, others), others) if others > 0 else Fraction(1)
