"""The amounts that a scheme would pay, allow or release, as results."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from scorecard.engine.exact.context import Scoring
from scorecard.engine.explain.nodes import expression_node
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.numbers import to_decimal
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import EstimateResult, Node
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities


def estimate_result(c: Scoring, estimate_id: str, explain: bool = True) -> EstimateResult:
    """Return one estimate with its clause and its years; with `explain` also how it comes about."""
    spec = c.rulebook.estimates[estimate_id]
    value = c.value(estimate_id)
    cite = spec.source.clause if spec.source else Text("", "")
    clause = Text(f"（测算，依据{cite.zh}，适用于{spec.years}年）", f" (an estimate by {cite.en}, for {spec.years})")
    amount: Decimal | None = None
    if isinstance(value, Fraction):
        amount, figure = to_decimal(value), quantities(value, spec.unit)
        text = Text(f"{spec.label.zh}为 {figure.zh}{clause.zh}。", f"{spec.label.en}: {figure.en}{clause.en}.")
    else:
        why = cast(Missing, value).reason
        text = Text(
            f"{spec.label.zh}暂不能测算：{why.zh}{clause.zh}。", f"{spec.label.en}: none yet, {why.en}{clause.en}."
        )
    trace = None
    if explain:
        formula = expression_node(c, spec.expr, spec.unit)
        trace = Node(
            "estimate", spec.label, text, amount, spec.unit, (formula,), spec.source, spec.basis, ref=estimate_id
        )
    return EstimateResult(estimate_id, spec.label, amount, spec.unit, text, spec.years, spec.source, spec.basis, trace)
