"""Expressions as people read them: with the labels of facts, in both languages."""

from __future__ import annotations

from collections.abc import Callable

from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Bool, Call, Cmp, E, If, In, Name, Num, Str, Unary, id_arguments
from scorecard.engine.values.text import Text

Labels = Callable[[str], Text]

_OPS = {"+": Text("＋", "+"), "-": Text("－", "−"), "*": Text("×", "×"), "/": Text("÷", "÷")}
_CMP_ZH = {"<": "小于", "<=": "不高于", ">": "大于", ">=": "不低于", "==": "等于", "!=": "不等于"}
_CMP_EN = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_LEVEL = {"+": 5, "-": 5, "*": 6, "/": 6}


def render(node: E, labels: Labels) -> Text:
    """Return `node` in words; `labels` gives the label of a fact, target, section, indicator or
    grade, and of an option under ``name.option``.
    """
    return Text(_render(node, labels, "zh", 0), _render(node, labels, "en", 0))


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
            return f"{_OPS['-'].get(lang)}{_render(x, labels, lang, 7)}"
        case Unary(_, x):
            inner = _render(x, labels, lang, 4)
            return f"并非{inner}" if zh else f"not {inner}"
        case Bin(op, left, right):
            level = _LEVEL[op]
            a = _render(left, labels, lang, level)
            b = _render(right, labels, lang, level + (op in "-/"))
            text = f"{a} {_OPS[op].get(lang)} {b}"
            return _wrap(text, zh) if outer > level else text
        case Cmp(op, left, right):
            a, b = _beside(left, right, labels, lang, 4), _beside(right, left, labels, lang, 4)
            text = f"{a}{_CMP_ZH[op]}{b}" if zh else f"{a} {_CMP_EN[op]} {b}"
            return _wrap(text, zh) if outer > 3 else text
        case In(x, options, negated):
            word = ("不属于" if negated else "属于") if zh else (" is not one of " if negated else " is one of ")
            names = (_beside(Str(option), x, labels, lang).strip("“”") for option in options)
            return _render(x, labels, lang, 4) + word + ("、" if zh else ", ").join(names)
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


def _beside(node: E, other: E, labels: Labels, lang: str, outer: int = 0) -> str:
    """Return one side of a comparison; a text beside a name is an option of it, shown by the option's name."""
    if isinstance(node, Str) and isinstance(other, Name):
        return f"“{labels(f'{other.id}.{node.value}').get(lang)}”"
    return _render(node, labels, lang, outer)


def _wrap(text: str, zh: bool) -> str:
    return f"（{text}）" if zh else f"({text})"


def _call(node: Call, labels: Labels, lang: str, outer: int) -> str:
    zh, function = lang == "zh", FUNCTIONS[node.name]
    own = function.words(node, lambda part, level: _render(part, labels, lang, level), zh, outer)
    if own is not None:
        return own
    said = function.said.get(lang)
    if function.ids:
        return said.format(("、" if zh else ", ").join(labels(i).get(lang) for i in id_arguments(node)))
    parts = [_beside(a, node.args[0], labels, lang) for a in node.args]
    if "{1}" in said:
        return said.format(*parts)
    text = said.format(("与" if zh else " and ").join(parts))
    return _wrap(text, zh) if len(node.args) > 1 and outer >= 5 else text
