"""Lint of caps and floors: limits that never act, that read what later ones change, that undo or contradict others."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from scorecard.engine.declarations.keys import is_number
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.reach import implies
from scorecard.engine.language.syntax import Call, E, children
from scorecard.engine.lint.reporter import Reporter
from scorecard.engine.rulebook.conclusions import Cap
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text

TOTAL_FIRST = Text("请把限制总分的各项放在限制等次的各项之前。", "Put limits on the total before those on the grade.")


def limits(rulebook: Rulebook, r: Reporter) -> None:
    best = rulebook.grades[0].id if rulebook.grades else ""
    worst = rulebook.grades[-1].id if rulebook.grades else ""
    for i, cap in enumerate(rulebook.caps):
        path = f"caps.{i}"
        if (cap.effect == "cap_grade" and cap.to == best) or (cap.effect == "floor_grade" and cap.to == worst):
            said = Text("该限制永远不起作用。", "This limit can never act.")
            r.report(f"{path}.to", "unreachable", said, Text("请改正目标等次。", "Correct the grade."))
        for j, later in enumerate(rulebook.caps[i + 1 :], i + 1):
            if _reads(cap) & _changes(later):
                said = Text(
                    f"条件取决于等次或总分，而其后的第 {j + 1} 项“{later.name.zh}”还会改变它。",
                    f"The condition reads the grade or total, which limit {j + 1} “{later.name.en}” after it still "
                    f"changes.",
                )
                remedy = Text("请把读取等次或总分的限制放在最后。", "Put limits that read the grade or total last.")
                r.report(f"{path}.when", "cap-cycle", said, remedy)
            if _undoes(cap, later):
                said = Text(
                    f"此项按新总分重定等次，会使其前第 {i + 1} 项“{cap.name.zh}”失效。",
                    f"It grades the new total anew and so undoes limit {i + 1} “{cap.name.en}” before it.",
                )
                r.report(f"caps.{j}.effect", "cap-order", said, TOTAL_FIRST)
            if _contradict(rulebook, cap, later):
                said = Text(
                    "同一条件下，下限高于上限，两项互相矛盾。",
                    "Under the same condition the floor is above the cap: the two contradict each other.",
                )
                r.report(f"{path}.to", "cap-cycle", said, Text("请改正其中一项。", "Correct one of them."))
    _range_of_total(rulebook, r)


def _contradict(rulebook: Rulebook, a: Cap, b: Cap) -> bool:
    """Return whether one of two limits is a floor above the other, a cap, whenever one of their conditions holds."""
    if not (implies(a.when.node, b.when.node) or implies(b.when.node, a.when.node)):
        return False
    floor, cap = (a, b) if a.effect.startswith("floor_") else (b, a)
    if {floor.effect, cap.effect} == {"floor_grade", "cap_grade"}:
        order = rulebook.grade_order
        return floor.to in order and cap.to in order and order[floor.to] < order[cap.to]
    if {floor.effect, cap.effect} == {"floor_total", "cap_total"}:
        return is_number(floor.to) and is_number(cap.to) and Decimal(floor.to) > Decimal(cap.to)
    return False


def _range_of_total(rulebook: Rulebook, r: Reporter) -> None:
    """Report limits that the total cannot reach, and floors above ceilings."""
    low, high = rulebook.min, rulebook.max
    for i, cap in enumerate(rulebook.caps):
        if not cap.effect.endswith("_total") or not is_number(cap.to):
            continue
        to, outside = Decimal(cap.to), not low <= Decimal(cap.to) <= high
        if outside or to == (high if cap.effect == "cap_total" else low):
            idle = not outside or (to > high) == (cap.effect == "cap_total")
            word = Text("永远不起作用", "never acts") if idle else Text("超出总分范围", "leaves that range")
            said = Text(
                f"总分为 {plain(low)} 至 {plain(high)} 分，{plain(to)} 分的限制{word.zh}。",
                f"The total goes from {plain(low)} to {plain(high)}: a limit of {plain(to)} {word.en}.",
            )
            code, remedy = "unreachable" if idle else "range", Text("请改正分数。", "Correct the number of points.")
            r.report(f"caps.{i}.to", code, said, remedy)
    ends = [("rulebook.total", rulebook.floor, rulebook.ceiling)]
    ends += [(f"sections.{s.id}", s.floor, s.ceiling) for s in rulebook.sections.values()]
    for path, floor, ceiling in ends:
        if floor is not None and ceiling is not None and floor > ceiling:
            said = Text(
                f"下限 {plain(floor)} 高于上限 {plain(ceiling)}。",
                f"The floor, {plain(floor)}, is above the ceiling, {plain(ceiling)}.",
            )
            r.report(f"{path}.floor", "range", said, Text("请改正其中一项。", "Correct one of them."))


#: effect on the total -> effects on the grade that it would take back, were they before it.
_TAKEN_BACK = {"floor_total": ("cap_grade", "set_grade"), "cap_total": ("floor_grade", "set_grade")}


def _undoes(cap: Cap, later: Cap) -> bool:
    """Return whether a later limit on the total undoes one on the grade. Of two banks the one with fewer points, whose
    total it moves, would get the better grade, or the one with more the worse. One that reads the grade must be later.
    """
    return cap.effect in _TAKEN_BACK.get(later.effect, ()) and "grade" not in _reads(later)


def _reads(cap: Cap) -> set[str]:
    called = set(_called(cap.when.node))
    return {what for name, what in (("grade_at_least", "grade"), ("total", "total")) if name in called}


def _called(node: E) -> Iterator[str]:
    """Yield the functions that a condition calls. Peers are compared by what they have before any limit, so what is
    compared with them is changed by none.
    """
    if isinstance(node, Call):
        yield node.name
        if FUNCTIONS[node.name].of_peers:
            return
    for child in children(node):
        yield from _called(child)


def _changes(cap: Cap) -> set[str]:
    return {"grade"} if cap.effect.endswith("_grade") else {"total", "grade"}
