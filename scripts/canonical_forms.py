"""What the engine gives, as plain data with one meaning each.

Each form is written out by hand, field by field. When a module of the engine moves, an import changes here; when a
field is renamed, one line of a form does. The keys on the left are those of the stored results, and stay. Numbers are
exact texts, texts are [Chinese, English].
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scorecard.engine import EngineError, Finding, Nothing, Result
from scorecard.engine.values.rational import Fraction

Plain = Any


def text(value: Any) -> Plain:
    """A text in both languages."""
    return value and [value.zh, value.en]


def number(value: Decimal | Fraction | bool | str | None) -> Plain:
    """An exact number as text, without exponent or idle noughts; p/q where its decimals never end."""
    if value is None or isinstance(value, bool | str):
        return value
    exact = Fraction(value)
    rest, digits = exact.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        digits = max(digits, count)
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    units = abs(exact.numerator) * 10**digits // exact.denominator
    whole = str(units).rjust(digits + 1, "0")
    return ("-" if exact < 0 else "") + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)


def value_form(value: Any) -> Plain:
    """A value of a fact; the kinds of nothing are told apart from texts."""
    if isinstance(value, Nothing):
        return {"nothing": value.value}
    return sorted(value) if isinstance(value, frozenset) else number(value)


def source(value: Any) -> Plain:
    """Where a rule comes from."""
    return value and {"document": value.document, "article": value.article, "cite": text(value.cite)}


def finding(value: Finding) -> Plain:
    """One finding of lint."""
    return [value.file, value.line, value.key, value.code, text(value.message), text(value.remedy)]


def failure(error: Exception) -> Plain:
    """A failure as part of the result: its type and its text, in both languages where it has both."""
    said = text(error.message) if isinstance(error, EngineError) else str(error)
    return {"failed": type(error).__name__, "text": said}


def need_form(need: Any) -> Plain:
    """The smallest increase that meets a target."""
    return need and {
        "fact": need.fact,
        "now": number(need.now),
        "then": number(need.then),
        "increase": number(need.increase),
        "unit": need.unit,
        "text": text(need.text),
    }


def improvement(value: Any) -> Plain:
    """One change that would bring points."""
    return [value.fact, number(value.now), number(value.then), number(value.gain), text(value.text)]


def node_form(node: Any) -> Plain:
    """A step of the explanation with all below it."""
    return node and [
        node.kind,
        node.ref,
        text(node.label),
        text(node.text),
        number(node.value),
        node.unit,
        source(node.source),
        node.basis,
        [node_form(child) for child in node.children],
    ]


def result_form(result: Result, *, tree: bool) -> Plain:
    """A whole result."""
    return {
        "total": number(result.total),
        "range": [number(result.min), number(result.max)],
        "pending": number(result.pending),
        "parts": {key: number(value) for key, value in result.parts.items()},
        "values": {key: number(value) for key, value in result.values.items()},
        "sections": {key: _section(value) for key, value in result.sections.items()},
        "indicators": {key: _indicator(value, tree) for key, value in result.indicators.items()},
        "targets": {key: _target(value, tree) for key, value in result.targets.items()},
        "grade": _grade(result.grade),
        "adjustment": _adjustment(result.adjustment),
        "measures": [_measure(value) for value in result.measures],
        "missing": [[m.fact, m.state, text(m.label), list(m.indicators), list(m.targets)] for m in result.missing],
        "checks": [
            [c.id, c.severity, text(c.message), list(c.facts), source(c.source), c.basis] for c in result.checks
        ],
        "estimates": {key: _estimate(value, tree) for key, value in result.estimates.items()},
        **({"tree": node_form(result.trace)} if tree else {}),
        # The order of a result is the order of pages and notices.
        "order": [list(result.sections), list(result.indicators), list(result.targets), list(result.values)],
    }


def _section(value: Any) -> Plain:
    return {
        "parent": value.parent,
        "points": number(value.points),
        "range": [number(value.min), number(value.max)],
        "state": value.state,
        "shared_out": number(value.shared_out),
    }


def _indicator(value: Any, tree: bool) -> Plain:
    found = {
        "section": value.section,
        "state": value.state,
        "points": number(value.points),
        "system": number(value.system_points),
        "self": number(value.self_points),
        "judged": number(value.judged_points),
        "range": [number(value.min), number(value.max)],
        "reason": text(value.reason),
    }
    if tree:
        found["tree"] = node_form(value.trace)
        found["improve"] = [improvement(each) for each in value.improve]
    return found


def _target(value: Any, tree: bool) -> Plain:
    return {
        "state": value.state,
        "left": number(value.left),
        "right": number(value.right),
        "margin": number(value.margin),
        "unit": value.unit,
        "op": value.op,
        "reason": text(value.reason),
        "counts_as_missed": value.counts_as_missed,
        "needed": need_form(value.needed),
        "source": source(value.source),
        "basis": value.basis,
        **({"tree": node_form(value.trace)} if tree else {}),
    }


def _grade(value: Any) -> Plain:
    return {
        "before": value.before,
        "after": value.after,
        "caps": [[c.id, c.effect, c.from_, c.to, text(c.because), source(c.source), c.basis] for c in value.applied],
        "holding": list(value.holding),
        "provisional": value.provisional,
    }


def _adjustment(value: Any) -> Plain:
    return value and {
        "points": number(value.points),
        "because": text(value.because),
        "source": source(value.source),
        "basis": value.basis,
        "range": value.range and [number(end) for end in value.range],
        "label": text(value.label),
    }


def _measure(value: Any) -> Plain:
    return {
        "id": value.id,
        "tool": value.tool,
        "label": text(value.label),
        "because": text(value.because),
        "options": {key: text(option) for key, option in value.options.items()},
        "source": source(value.source),
        "basis": value.basis,
        "case_by_case": value.case_by_case,
        "needs_filing": value.needs_filing,
    }


def _estimate(value: Any, tree: bool) -> Plain:
    return {
        "label": text(value.label),
        "value": number(value.value),
        "unit": value.unit,
        "text": text(value.text),
        "years": value.years,
        "source": source(value.source),
        "basis": value.basis,
        **({"tree": node_form(value.trace)} if tree else {}),
    }
