"""Relations among the figures of a report, as data, and whether they hold within what printing rounds away.

Each relation is read as ``left = right`` or ``left <= right`` over named figures (``relations.yaml``):

=============  ==================================================================================
kind           reads as
=============  ==================================================================================
same           every named figure states the same thing (two or more places of the report)
growth         change / (level − change) = rate
level_change   before + change = now
share          part / whole = rate
average        total / count = average
sum            parts added up = total (or the number ``constant``)
at_most        part <= whole
whole_count    a share of a counted whole is a whole number of things: k / whole = share
formula        ``left`` ``op`` ``right``: sums, differences, products and quotients of the named figures
=============  ==================================================================================

A figure stands for an interval (``intervals.py``). The left side is calculated at every corner of the intervals, which
gives its exact range because each of these formulas is monotone in each figure. The relation holds if the two ranges
can meet. What disagrees is kept and listed; nothing is corrected. Exact rationals; no Django, no I/O.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from scorecard.engine.values.rational import Fraction

from .intervals import Interval
from .stored_message import StoredMessage, stored

KINDS = ("same", "growth", "level_change", "share", "average", "sum", "at_most", "whole_count", "formula")
STRENGTHS = ("stated", "implied")
_ROLES: dict[str, tuple[str, ...]] = {
    "growth": ("level", "change", "rate"),
    "level_change": ("before", "change", "now"),
    "share": ("part", "whole", "rate"),
    "average": ("total", "count", "average"),
    "at_most": ("part", "whole"),
    "whole_count": ("share", "whole"),
}
_TEMPLATES = {
    "growth": ("change / (level - change)", "=", "rate"),
    "level_change": ("before + change", "=", "now"),
    "share": ("part / whole", "=", "rate"),
    "average": ("total / count", "=", "average"),
    "at_most": ("part", "<=", "whole"),
}
MAX_FIGURES = 8
MAX_EXPRESSION = 200
MAX_NOTE = 300


class RelationError(ValueError):
    """A relation is not well formed; ``field`` names the key, the message is a full sentence."""

    def __init__(self, field_name: str, message: StoredMessage) -> None:
        super().__init__(message.msgid)
        self.field, self.message = field_name, message


@dataclass(frozen=True)
class Relation:
    """One relation: its id, kind, the figures by role, and how sure it is.

    ``strength`` is ``stated`` where the report itself says so, ``implied`` where it holds only if both places mean the
    same scope; the notes then say which.
    """

    id: str
    kind: str
    figures: Mapping[str, str]
    left: str
    op: str
    right: str
    strength: str = "stated"
    note_zh: str = ""
    note_en: str = ""
    line: int = 0


@dataclass(frozen=True)
class Outcome:
    """What checking a relation found: both sides in base units, their ranges, and whether they can meet.

    ``difference`` is right minus left as printed. ``main`` is the figure whose printed value is the right side.
    """

    relation: Relation
    holds: bool
    left: Interval
    right: Interval
    main: str
    difference: Fraction = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "difference", self.right.middle - self.left.middle)


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def compile_expression(text: str, where: str) -> Callable[[Mapping[str, Fraction]], Fraction]:
    """A closed language: names, whole or decimal numbers, ``+ - * /``, brackets. Anything else is a RelationError."""
    if len(text) > MAX_EXPRESSION:
        raise RelationError(
            where, stored(_("The formula is longer than %(limit)s characters."), {"limit": MAX_EXPRESSION})
        )
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise RelationError(
            where,
            stored(_("The formula “%(formula)s” cannot be read: %(error)s."), {"formula": text, "error": error.msg}),
        ) from error

    def build(node: ast.AST) -> Callable[[Mapping[str, Fraction]], Fraction]:
        if isinstance(node, ast.Name):
            name = node.id
            return lambda values: values[name]
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            constant = Fraction(ast.get_source_segment(text, node) or str(node.value))
            return lambda values: constant
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = build(node.operand)
            return lambda values: -inner(values)
        if isinstance(node, ast.BinOp):
            left, right = build(node.left), build(node.right)
            if isinstance(node.op, ast.Add):
                return lambda values: left(values) + right(values)
            if isinstance(node.op, ast.Sub):
                return lambda values: left(values) - right(values)
            if isinstance(node.op, ast.Mult):
                return lambda values: left(values) * right(values)
            if isinstance(node.op, ast.Div):
                return lambda values: left(values) / right(values)
        raise RelationError(
            where,
            stored(
                _("The formula “%(formula)s” may hold only names, numbers, + - * / and brackets; take the rest out."),
                {"formula": text},
            ),
        )

    return build(tree)


def relation_from_mapping(data: Mapping[str, Any], line: int) -> Relation:
    """Read one entry of ``relations.yaml``; raises ``RelationError`` for the first thing that is wrong with it."""
    known = {"id", "kind", "figures", "constant", "left", "op", "right", "strength", "note_zh", "note_en"}
    for key in data:
        if key not in known:
            raise RelationError(
                str(key),
                stored(
                    _("The key “%(key)s” is unknown; use %(codes)s."), {"key": key, "codes": ", ".join(sorted(known))}
                ),
            )
    ident = data.get("id")
    if not isinstance(ident, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", ident) or len(ident) > 60:
        raise RelationError(
            "id",
            stored(_("The id must be small letters, digits and hyphens, 60 at most, and belong to no other relation.")),
        )
    kind = data.get("kind")
    if kind not in KINDS:
        raise RelationError(
            "kind",
            stored(
                _("The kind “%(kind)s” is unknown; use one of %(codes)s."), {"kind": kind, "codes": ", ".join(KINDS)}
            ),
        )
    strength, notes = _strength_and_notes(data)
    named = data.get("figures")
    if kind in ("same", "sum"):
        figures, left, op, right = _list_relation(kind, named, data.get("constant"))
    else:
        figures = _figures_by_role(kind, named)
        left, op, right = _formula(data, figures) if kind == "formula" else _TEMPLATES.get(kind, ("", "=", ""))
    if len(figures) > MAX_FIGURES:
        raise RelationError(
            "figures", stored(_("A relation takes at most %(limit)s figures; split it."), {"limit": MAX_FIGURES})
        )
    return Relation(ident, kind, figures, left, op, right, strength, notes["note_zh"], notes["note_en"], line)


def _strength_and_notes(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """How sure the relation is, and why: an implied one says under which assumption it holds."""
    strength = data.get("strength", "stated")
    if strength not in STRENGTHS:
        raise RelationError(
            "strength",
            stored(_("The strength “%(strength)s” is unknown; use stated or implied."), {"strength": strength}),
        )
    notes = {key: data.get(key, "") for key in ("note_zh", "note_en")}
    for key, note in notes.items():
        if not isinstance(note, str) or len(note) > MAX_NOTE:
            raise RelationError(
                key, stored(_("The note must be a text of at most %(limit)s characters."), {"limit": MAX_NOTE})
            )
    if strength == "implied" and not notes["note_zh"]:
        raise RelationError(
            "note_zh", stored(_("An implied relation needs note_zh: say under which assumption it holds."))
        )
    return strength, notes


def _figures_by_role(kind: str, named: Any) -> dict[str, str]:
    """The ids of the figures by role, with exactly the roles of the kind."""
    if not isinstance(named, dict) or not all(isinstance(value, str) for value in named.values()):
        raise RelationError("figures", stored(_("The figures must be a mapping from a role to the id of a figure.")))
    figures = {str(role): value for role, value in named.items()}
    if not all(re.fullmatch(r"[a-z_]{1,20}", role) for role in figures):
        raise RelationError("figures", stored(_("The name of a role must be small letters, 20 at most.")))
    roles = _ROLES.get(kind)
    if roles and set(figures) != set(roles):
        raise RelationError(
            "figures",
            stored(
                _("A relation of kind %(kind)s names the figures %(codes)s."),
                {"kind": kind, "codes": ", ".join(roles)},
            ),
        )
    return figures


def _formula(data: Mapping[str, Any], figures: Mapping[str, str]) -> tuple[str, str, str]:
    """Both sides of a formula and its sign, in names that stand under figures."""
    left, op, right = (data.get(key, "") for key in ("left", "op", "right"))
    if op not in ("=", "<="):
        raise RelationError("op", stored(_("The op “%(op)s” is unknown; use = or <=."), {"op": op}))
    for key, text in (("left", left), ("right", right)):
        if not isinstance(text, str) or not text:
            raise RelationError(
                key, stored(_("A formula needs %(key)s: write it in the names given under figures."), {"key": key})
            )
        compile_expression(text, key)
        if unknown := _names(ast.parse(text, mode="eval")) - set(figures):
            raise RelationError(
                key,
                stored(
                    _("The formula uses %(codes)s, which is not named under figures."),
                    {"codes": ", ".join(sorted(unknown))},
                ),
            )
    return left, op, right


def _list_relation(kind: str, named: Any, constant: Any) -> tuple[dict[str, str], str, str, str]:
    if kind == "same":
        if not isinstance(named, list) or len(named) < 2 or not all(isinstance(value, str) for value in named):
            raise RelationError("figures", stored(_("A relation of kind same lists two or more ids of figures.")))
        return {f"f{index}": value for index, value in enumerate(named, 1)}, "f1", "=", "f2"
    if not isinstance(named, dict) or not isinstance(named.get("parts"), list) or not named["parts"]:
        raise RelationError("figures", stored(_("A sum names its parts as a list, and its total.")))
    figures = {f"p{index}": value for index, value in enumerate(named["parts"], 1)}
    left = " + ".join(figures)
    if constant is not None:
        if type(constant) is not int:
            raise RelationError(
                "constant", stored(_("The constant of a sum must be a whole number, such as 1 for the whole."))
            )
        return figures, left, "=", str(constant)
    if not isinstance(named.get("total"), str):
        raise RelationError("figures", stored(_("A sum names its total as the id of a figure, or a constant.")))
    return figures | {"total": named["total"]}, left, "=", "total"


def _side(text: str, values: Mapping[str, Interval], where: str) -> Interval:
    names = sorted(_names(ast.parse(text, mode="eval")))
    if text in values:
        return values[text]
    calculate = compile_expression(text, where)
    for name in names:
        if not values[name].bounded:
            raise RelationError(
                where,
                stored(
                    _("The figure %(figure)s is printed as “at least” or “at most”, so one cannot calculate with it."),
                    {"figure": name},
                ),
            )
    middle = calculate({name: values[name].middle for name in names})
    corners = [
        calculate(dict(zip(names, corner, strict=True)))
        for corner in itertools.product(*(values[name].ends for name in names))
    ]
    return Interval(min(corners), middle, max(corners))


def check(relation: Relation, intervals: Mapping[str, Interval]) -> Outcome:
    """Check one relation against the intervals of all figures (by id).

    Raises ``RelationError`` for an id that no figure has, for an operand without a bound, and for a division by zero.
    """
    values: dict[str, Interval] = {}
    for role, ident in relation.figures.items():
        if ident not in intervals:
            raise RelationError(
                "figures", stored(_("No figure has the id %(id)s; correct the id or add the figure."), {"id": ident})
            )
        values[role] = intervals[ident]
    try:
        if relation.kind == "same":
            return _check_same(relation, values)
        if relation.kind == "whole_count":
            return _check_whole_count(relation, values)
        left, right = _side(relation.left, values, "left"), _side(relation.right, values, "right")
    except ZeroDivisionError as error:
        raise RelationError("figures", stored(_("The relation divides by zero; one of its figures is 0."))) from error
    main = relation.figures.get(relation.right) or list(relation.figures.values())[-1]
    if relation.op == "<=":
        holds = left.low is None or right.high is None or left.low <= right.high
    else:
        holds = left.meets(right)
    return Outcome(relation, holds, left, right, main)


def _check_same(relation: Relation, values: Mapping[str, Interval]) -> Outcome:
    """All intervals must have a value in common; shown are the first figure and the one that differs most from it."""
    first = values["f1"]
    others = [role for role in values if role != "f1"]
    furthest = max(others, key=lambda role: abs(values[role].middle - first.middle))
    holds = all(one.meets(two) for one, two in itertools.combinations(values.values(), 2))
    return Outcome(relation, holds, first, values[furthest], relation.figures[furthest])


def _check_whole_count(relation: Relation, values: Mapping[str, Interval]) -> Outcome:
    """Left is the nearest share that a whole number of things can have; right the share as printed."""
    share, whole = values["share"], values["whole"].middle
    nearest = Fraction(round(share.middle * whole)) / whole
    left = Interval(nearest, nearest, nearest)
    holds = left.meets(share)
    if share.low is not None and share.high is not None:
        holds = math.ceil(share.low * whole) <= math.floor(share.high * whole)
    return Outcome(relation, holds, left, share, relation.figures["share"])
