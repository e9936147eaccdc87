"""Values that the supervisor sets for the year: how they are written, and which rules use them."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from scorecard.engine import FactValue, Rulebook, format_fact
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.dependencies import rule_expressions
from scorecard.engine.rulebook.model import FactSpec, Parameter
from scorecard.engine.rulebook.typed import number_text

FIRST_YEAR = 1949  # as of a rulebook's own year: below it a number of years is a duration


def parameter_spec(parameter: Parameter) -> FactSpec:
    """The parameter as a fact, so that it is typed and written like every other figure."""
    return FactSpec(
        id=parameter.id,
        label=parameter.label,
        kind=parameter.kind,
        unit=parameter.unit,
        supplied_by="supervisor",
        source=parameter.source,
        basis=parameter.basis,
    )


def shown_parameter(parameter: Parameter, value: FactValue | None, lang: str) -> str:
    """A value of the parameter with its unit; "" where there is none. A year of the calendar is no count of years: in
    English it stands alone."""
    if lang == "en" and parameter.unit == "年" and isinstance(value, Decimal) and value >= FIRST_YEAR:
        return number_text(parameter_spec(parameter), value)
    return "" if value is None else format_fact(parameter_spec(parameter), value, lang)


@lru_cache(maxsize=64)
def users_of_parameters(rulebook: Rulebook) -> dict[str, tuple[str, ...]]:
    """Parameter → the ids of the indicators and targets whose rules use it, directly or through definitions."""
    found: dict[str, list[str]] = {name: [] for name in rulebook.parameters}
    rules: list[tuple[str, Iterable[Expression]]] = [
        (each.id, list(rule_expressions(each.rule))) for each in rulebook.indicators.values()
    ]
    rules += [(each.id, [each.left, each.right]) for each in rulebook.targets.values()]
    for owner, expressions in rules:
        for name in _names(rulebook, expressions):
            if name in found:
                found[name].append(owner)
    return {name: tuple(owners) for name, owners in found.items()}


def _names(rulebook: Rulebook, expressions: Iterable[Expression]) -> set[str]:
    names: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for name in waiting.pop().names:
            if name not in names:
                names.add(name)
                if name in rulebook.definitions:
                    waiting.append(rulebook.definitions[name].expr)
    return names
