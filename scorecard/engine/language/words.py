"""Expressions as people read them: with the labels of facts, in both languages."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments
from scorecard.engine.values.numbers import exact
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

Labels = Callable[[str], Text]

_OPS = {"+": "＋", "-": "－", "*": "×", "/": "÷"}
_OPS_EN = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_CMP_ZH = {"<": "小于", "<=": "不高于", ">": "大于", ">=": "不低于", "==": "等于", "!=": "不等于"}
_CMP_EN = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_LEVEL = {"+": 5, "-": 5, "*": 6, "/": 6}

_CALLS: dict[str, tuple[str, str]] = {
    "min": ("{0}中的较小者", "the lower of {0}"),
    "max": ("{0}中的较大者", "the higher of {0}"),
    "abs": ("{0}的绝对值", "the absolute value of {0}"),
    "pp": ("{0}（百分点）", "{0} (percentage points)"),
    "bp": ("{0}（基点）", "{0} (basis points)"),
    "level": ("{0}的等级", "the level of {0}"),
    "count": ("{0}已满足的项数", "the number of items of {0}"),
    "answered": ("已填报{0}", "{0} is answered"),
    "met": ("{0}已完成", "{0} is met"),
    "missed": ("{0}未完成", "{0} is missed"),
    "missed_count": ("{0}中未完成的个数", "the number of {0} that are missed"),
    "missed_years": ("{0}连续未完成的年数", "the years running in which {0} is missed"),
    "points": ("{0}得分", "the points of {0}"),
    "self_points": ("{0}自评得分", "the bank's own points of {0}"),
    "share_of_max": ("{0}得分占满分之比", "the points of {0} as a share of the maximum"),
    "total": ("总分", "the total"),
    "grade_at_least": ("等次不低于{0}", "the grade is at least {0}"),
    "rank": ("{0}在同组中的名次", "the rank of {0} within the peer group"),
    "percentile": ("{0}在同组中的百分位", "the percentile of {0} within the peer group"),
    "median": ("同组{0}的中位数", "the peer group's median of {0}"),
    "peers": ("同组有{0}的家数", "the number of peers with {0}"),
}


def render(node: E, labels: Labels) -> Text:
    """Return `node` in words; `labels` gives the label of a fact, target, section, indicator or grade."""
    return Text(_render(node, labels, "zh", 0), _render(node, labels, "en", 0))


def number_text(value: Fraction) -> str:
    return str(exact(value))


def _render(node: E, labels: Labels, lang: str, outer: int) -> str:
    zh = lang == "zh"
    match node:
        case Num(_, text):
            return text
        case Str(value):
            return f"“{value}”"
        case Name(id):
            return labels(id).get(lang)
        case Unary("-", x):
            return f"－{_render(x, labels, lang, 7)}" if zh else f"−{_render(x, labels, lang, 7)}"
        case Unary(_, x):
            inner = _render(x, labels, lang, 4)
            return f"并非{inner}" if zh else f"not {inner}"
        case Bin(op, left, right):
            level = _LEVEL[op]
            a = _render(left, labels, lang, level)
            b = _render(right, labels, lang, level + (op in "-/"))
            text = f"{a} {_OPS[op] if zh else _OPS_EN[op]} {b}"
            return _wrap(text, zh) if outer > level else text
        case Cmp(op, left, right):
            a, b = _render(left, labels, lang, 4), _render(right, labels, lang, 4)
            text = f"{a}{_CMP_ZH[op]}{b}" if zh else f"{a} {_CMP_EN[op]} {b}"
            return _wrap(text, zh) if outer > 3 else text
        case In(x, options, negated):
            word = ("不属于" if negated else "属于") if zh else (" is not one of " if negated else " is one of ")
            return _render(x, labels, lang, 4) + word + ("、" if zh else ", ").join(options)
        case Bool(op, items):
            level = 2 if op == "and" else 1
            word = ("且" if op == "and" else "或") if zh else f" {op} "
            text = word.join(_render(i, labels, lang, level + 1) for i in items)
            return _wrap(text, zh) if outer > level else text
        case If(condition, then, otherwise):
            c, a, b = (_render(n, labels, lang, 0) for n in (condition, then, otherwise))
            text = f"若{c}则为{a}，否则为{b}" if zh else f"{a} if {c}, else {b}"
            return _wrap(text, zh) if outer else text
        case Call():
            return _call(node, labels, lang, outer)


def _wrap(text: str, zh: bool) -> str:
    return f"（{text}）" if zh else f"({text})"


def _call(node: Call, labels: Labels, lang: str, outer: int) -> str:
    zh = lang == "zh"
    ids = id_arguments(node)
    match node.name:
        case "unit":
            return _render(node.args[0], labels, lang, outer)
        case "clip":
            x, low, high = (_render(a, labels, lang, 0) for a in node.args)
            return f"{x}（限于{low}至{high}）" if zh else f"{x} (limited to {low} to {high})"
        case "last":
            years = node.args[1].text if len(node.args) == 2 and isinstance(node.args[1], Num) else "1"
            name = _render(node.args[0], labels, lang, 0)
            if zh:
                return f"上年{name}" if years == "1" else f"前{years}年的{name}"
            return f"last year's {name}" if years == "1" else f"{name} of {years} years ago"
        case "held":
            years = node.args[1].text if isinstance(node.args[1], Num) else ""
            inner = _render(node.args[0], labels, lang, 0)
            return f"连续{years}年{inner}" if zh else f"for {years} years running: {inner}"
        case "has":
            name = _render(node.args[0], labels, lang, 0)
            item = node.args[1].value if isinstance(node.args[1], Str) else ""
            return f"{name}包含“{item}”" if zh else f"{name} includes “{item}”"
        case "points" | "self_points" | "share_of_max" if len(ids) > 2:
            inner = ("、" if zh else ", ").join(ids)
        case (
            "points"
            | "self_points"
            | "missed_count"
            | "share_of_max"
            | "met"
            | "missed"
            | "missed_years"
            | "grade_at_least"
        ):
            inner = ("、" if zh else ", ").join(labels(i).get(lang) for i in ids)
        case _:
            inner = ("与" if zh else " and ").join(_render(a, labels, lang, 0) for a in node.args)
            if len(node.args) > 1 and outer >= 5:
                return _wrap(_CALLS[node.name][0 if zh else 1].format(inner), zh)
    return _CALLS[node.name][0 if zh else 1].format(inner)
