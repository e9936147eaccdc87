"""Nodes of the explanation tree for facts, expressions, conditions and targets."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.peergroup import PEER_GROUP
from scorecard.engine.exact.targets import Outcome
from scorecard.engine.language.exact import compiled, compute
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Call, E, Expression, Name, Num, children, peer_key, walk
from scorecard.engine.rulebook.conclusions import Estimate
from scorecard.engine.rulebook.labels import label, options_of, rendered, words
from scorecard.engine.rulebook.model import Definition, FactSpec, Parameter, Target
from scorecard.engine.rulebook.prepared import once, prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import answer_text
from scorecard.engine.rules.words import sentence
from scorecard.engine.values.facts import Absence, Missing, Nothing, Value
from scorecard.engine.values.numbers import show_pair, terminating_digits
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Node, Source
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.values.units import after, quantities

ABSENT_WORDS = {
    Absence.UNANSWERED: Nothing.UNANSWERED.label,
    Absence.NOT_APPLICABLE: Nothing.NOT_APPLICABLE.label,
    Absence.NOT_SUPPLIED: Text("待提供", "not yet supplied"),
    Absence.UNDEFINED: Text("无法计算", "cannot be computed"),
}


def value_text(c: Scoring, name: str, value: Value) -> Text:
    """Return the value of a name as people read it."""
    if isinstance(value, Missing):
        return ABSENT_WORDS[value.kind] if value.facts == (name,) else value.reason
    if shows_peers(c.rulebook, name):
        return NOT_SHOWN
    if isinstance(value, Fraction):
        return quantities(value, unit_of(c, name))
    return answer_text(options_of(c.rulebook, name), value)


#: In place of a figure of the peers.
NOT_SHOWN = Text("同组数据，不列数值", "a figure of the peers, which is not shown")


def shows_peers(rulebook: Rulebook, name: str) -> bool:
    """Return whether the value of a definition or an estimate would show a figure of the peers."""
    entry = rulebook.definitions.get(name) or rulebook.estimates.get(name)
    return entry is not None and prepared(rulebook).shows_peers(entry.expr.node)


def unit_of(c: Scoring, name: str) -> str:
    found = _entry(c, name)
    return found.unit if found is not None else ""


def _entry(c: Scoring, name: str) -> FactSpec | Definition | Parameter | Estimate | None:
    book = c.rulebook
    return book.facts.get(name) or book.definitions.get(name) or book.parameters.get(name) or book.estimates.get(name)


def fact_node(c: Scoring, name: str) -> Node:
    """Return a leaf with the value of a fact, or a node with the parts of a definition."""
    value = c.value(name)
    definition = c.rulebook.definitions.get(name) or c.rulebook.estimates.get(name)
    spec = c.rulebook.facts.get(name)
    text = value_text(c, name, value)
    own = label(c.rulebook, name)
    below: tuple[Node, ...] = ()
    expr = definition.expr if definition else spec.derived if spec and name not in c.inputs.facts else None
    if expr is not None:
        below = parts_of(c, expr)
        formula = words(c.rulebook, expr)
        text = Text(f"{formula.zh}＝{text.zh}", f"{formula.en} = {text.en}")
    text = Text(f"{own.zh}：{text.zh}。", f"{own.en}: {text.en}.")
    shown: Fraction | bool | str | None = None
    if isinstance(value, frozenset):
        shown = ",".join(sorted(value))
    elif not isinstance(value, Missing) and not shows_peers(c.rulebook, name):
        shown = value
    source, basis = _origin(c, name, value)
    return Node("fact", own, text, shown, unit_of(c, name), below, source, basis, ref=name)


def _origin(c: Scoring, name: str, value: Value) -> tuple[Source | None, str]:
    """Where a named value comes from, and on what basis, so that no number of ours looks like the supervisor's own. A
    value that the supervisor set for the year is theirs: the basis of a parameter is that of its default.
    """
    entry = _entry(c, name)
    if entry is None or (isinstance(entry, Parameter) and value != entry.default):
        return None, ""
    return entry.source, entry.basis


def parts_of(c: Scoring, expression: Expression) -> tuple[Node, ...]:
    """Return a node for each name that an expression uses, targets and look-backs among them."""
    known = _known_mentions(c.rulebook)
    parts = known.get(expression.text)
    if parts is None:
        parts = known[expression.text] = _mentions(c.rulebook, expression.node)
    named = (
        past_node(c, id, years)
        if years
        else target_node(c, c.rulebook.targets[id], c.outcome(id))
        if id in c.rulebook.targets
        else fact_node(c, id)
        for id, years in parts
    )
    compared = (each for each in expression.walk() if isinstance(each, Call) and FUNCTIONS[each.name].of_peers)
    return (*named, *(peers_node(c, each) for each in dict.fromkeys(call.args[0] for call in compared)))


def peers_node(c: Scoring, figure: E) -> Node:
    """Return a note with the group in which a figure is compared, its size and the bank's own place: no figure of a
    peer.
    """
    group = value_text(c, PEER_GROUP, c.value(PEER_GROUP))
    figures, place = c.peer_values(peer_key(figure)), compiled(Call("rank", (figure,)))(c)
    what, size = rendered(c.rulebook, figure), 0 if isinstance(figures, Missing) else len(figures)
    zh, en = f"与同组（{group.zh}）比较“{what.zh}”", f"“{what.en}” compared within the peer group ({group.en})"
    if isinstance(figures, Missing) or isinstance(place, Missing):
        reason = figures.reason if isinstance(figures, Missing) else cast(Missing, place).reason
        zh, en = f"{zh}：{reason.zh}。", f"{sentence(en)}: {reason.en}."
    else:
        zh, en = f"{zh}：共 {size} 家，本行第 {place} 名。", f"{sentence(en)}: place {place} of {size}."
    return Node("note", Text("同组比较", "Peer group"), Text(zh, en))


def past_node(c: Scoring, name: str, years: int) -> Node:
    """Return a leaf with the value of a name so many years back."""
    past = fact_node(c.back(years), name)
    year, year_en = ("上年", "last year") if years == 1 else (f"前{years}年", f"{years} years ago")
    own = Text(f"{year}{past.label.zh}", f"{past.label.en}, {year_en}")
    text = Text(f"{year}{past.text.zh}", f"{sentence(year_en)}: {past.text.en}")
    return replace(past, label=own, text=text, children=(), ref=f"{name}@-{years}")


@once
def _known_mentions(rulebook: Rulebook) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return what expressions mention, by their text, as far as it has been asked for."""
    return {}


def _mentions(rulebook: Rulebook, node: E) -> tuple[tuple[str, int], ...]:
    """Return what an expression mentions, each once, in order: an id and how many years back it is read."""
    named = (rulebook.facts, rulebook.definitions, rulebook.parameters, rulebook.properties, rulebook.estimates)
    found: dict[tuple[str, int], None] = {}
    for each in walk(node):
        match each:
            case Call("last", args):
                years = int(args[1].value) if len(args) == 2 and isinstance(args[1], Num) else 1
                found[cast(Name, args[0]).id, years] = None
            case Call(name, args) if FUNCTIONS[name].ids == "target":
                found.update(dict.fromkeys((a.id, 0) for a in args if isinstance(a, Name) and a.id in rulebook.targets))
            case Name(id) if any(id in group for group in named):
                found[id, 0] = None
    past = {id for id, years in found if years}
    return tuple((id, years) for id, years in found if years or id not in past or _used_now(node, id))


def _used_now(node: E, name: str) -> bool:
    """Return whether a name is used outside `last`."""
    match node:
        case Call("last", _):
            return False
        case Name(id):
            return id == name
    return any(_used_now(child, name) for child in children(node))


def expression_node(c: Scoring, expression: Expression, unit: str) -> Node:
    """Return a node that shows the formula in words, its value and its parts."""
    if isinstance(expression.node, Name):
        return fact_node(c, expression.node.id)
    value = compute(expression, c)
    formula = words(c.rulebook, expression)
    below = parts_of(c, expression)
    figure = None
    if isinstance(value, Missing):
        text = Text(f"{value.reason.zh}。", f"{sentence(value.reason.en)}.")
    elif prepared(c.rulebook).shows_peers(expression.node):
        text = Text(f"{formula.zh}：{NOT_SHOWN.zh}。", f"{sentence(formula.en)}: {NOT_SHOWN.en}.")
    else:
        figure = cast(Fraction, value)
        shown = quantities(figure, unit)
        text = Text(f"{formula.zh}＝{shown.zh}。", f"{sentence(formula.en)} = {shown.en}.")
    return Node("expression", formula, text, figure, unit, below)


def condition_node(c: Scoring, expression: Expression, own: Text = EMPTY) -> Node:
    """Return a node that says whether a condition holds."""
    value = compute(expression, c)
    formula = words(c.rulebook, expression)
    name = formula if own == EMPTY else own
    below = parts_of(c, expression)
    if isinstance(value, Missing):
        return Node("condition", name, Text(f"{value.reason.zh}。", f"{sentence(value.reason.en)}."), None, "", below)
    verdict = Text("成立", "holds") if value else Text("不成立", "does not hold")
    text = Text(f"{formula.zh}：{verdict.zh}。", f"{sentence(formula.en)}: this {verdict.en}.")
    return Node("condition", name, text, bool(value), "", below)


_OPS = {
    ">=": ("不低于", "is not lower than"),
    ">": ("高于", "is above"),
    "<=": ("不高于", "is not above"),
    "<": ("低于", "is below"),
}
_NOT = {
    ">=": ("低于", "is lower than"),
    ">": ("不高于", "is not above"),
    "<=": ("高于", "is above"),
    "<": ("不低于", "is not below"),
}


def pair(left: Fraction, right: Fraction, unit: str) -> tuple[Text, Text]:
    """Return both sides of a comparison with their unit; unequal sides never look equal."""
    factor = 100 if unit == "%" else 1
    a, b = left * factor, right * factor
    digits = 2
    needed = [terminating_digits(v) for v in (a, b)]
    if all(n is not None and n <= 2 for n in needed):
        digits = max(n or 0 for n in needed)
    x, y = show_pair(a, b, digits, grouping=True)
    zh = after(unit, "zh")
    return Text(x + zh, x + after(unit, "en", abs(a) == 1)), Text(y + zh, y + after(unit, "en", abs(b) == 1))


DECISION_WORDS = {
    "met": ("完成", "met"),
    "missed": ("未完成", "missed"),
    "not_applicable": ("不适用", "not applicable"),
}
UNTIL_DECIDED = Text(
    "监管部门认定前，等次按未完成设限。", " Until the supervisor decides, it limits the grade as if missed."
)


def target_shows_peers(rulebook: Rulebook, target: Target) -> bool:
    """Return whether the sides of a target would show a figure of the peers."""
    book = prepared(rulebook)
    return book.shows_peers(target.left.node) or book.shows_peers(target.right.node)


def target_reason(rulebook: Rulebook, target: Target, outcome: Outcome) -> Text:
    """Say in one sentence how a target came out."""
    if outcome.decision is not None:
        done, done_en = DECISION_WORDS[outcome.decision.outcome]
        why = outcome.decision.reason
        zh, en = (f"：{why}", f": {why}") if why else ("", "")
        return Text(f"监管部门认定{done}{zh}。", f"The supervisor decided that it is {done_en}{en}.")
    if isinstance(outcome.missed, Missing):
        reason = outcome.missed.reason
        wait = UNTIL_DECIDED if outcome.undecided else EMPTY
        return Text(f"无法判断：{reason.zh}。{wait.zh}", f"It cannot be decided: {reason.en}.{wait.en}")
    done, done_en = DECISION_WORDS["missed" if outcome.missed else "met"]
    if not isinstance(outcome.left, Fraction) or not isinstance(outcome.right, Fraction):
        return Text(f"依当年评价结果：{done}。", f"By the recorded outcome of that year: {done_en}.")
    if target_shows_peers(rulebook, target):
        return Text(f"与同组数据比较，{done}。", f"Compared with the peer group: {done_en}.")
    zh, en = (_NOT if outcome.missed else _OPS)[target.op]
    left, right = pair(outcome.left, outcome.right, target.unit)
    return Text(f"{left.zh} {zh} {right.zh}，{done}。", f"{left.en} {en} {right.en}: {done_en}.")


def target_node(c: Scoring, target: Target, outcome: Outcome) -> Node:
    sides: tuple[Node, ...] = ()
    if outcome.left is not None:
        sides = (expression_node(c, target.left, target.unit), expression_node(c, target.right, target.unit))
    value = None if isinstance(outcome.missed, Missing) else not outcome.missed
    reason = target_reason(c.rulebook, target, outcome)
    return Node("target", target.name, reason, value, "", sides, target.source, target.basis, ref=target.id)
