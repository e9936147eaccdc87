"""A case out of the plain data of a worked case. What means nothing is an error, never left out or taken for a no."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from scorecard.engine.exact.peergroup import peer_expressions
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import parse_fact
from scorecard.engine.values.facts import FactValue, Nothing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.scoring_input import MAX_YEARS_BACK, ScoringInput, TargetDecision

#: What stands after the name of a value of an earlier year: ``goal@-1``.
_YEAR = re.compile(r"@-[1-9]$")
_OUTCOMES = {"met": True, "true": True, "missed": False, "false": False}
_FLAGS = {"true": True, "false": False}


def worked_input(rulebook: Rulebook, data: Mapping[str, Any]) -> ScoringInput:
    """Make a case out of plain data. Ratios are fractions; ``null`` is unanswered, and elsewhere takes away what the
    base has. Raises FactError, KeyError (for an id that the rulebook lacks) and ValueError.
    """

    def given(setting: str, ids: Container[str], year: bool = False) -> dict[str, Any]:
        entries = _mapping(data, setting)
        for id in entries:
            _known(setting, _YEAR.sub("", id) if year else id, ids)
        return {id: value for id, value in entries.items() if value is not None}

    out = data.get("not_applicable") or ()
    if isinstance(out, str):
        raise ValueError(f"not_applicable must be a list, not {out!r}")
    for id in out:
        _known("not_applicable", id, rulebook.indicators)
    return ScoringInput(
        facts=_facts(rulebook, _mapping(data, "facts")),
        bank={k: _property(rulebook, k, v) for k, v in given("bank", rulebook.properties).items()},
        history={_year(y): _facts(rulebook, f or {}, past=True) for y, f in _mapping(data, "history").items()},
        self_points={k: _number(k, v) for k, v in given("self_points", rulebook.indicators).items()},
        judged={k: _number(k, v) for k, v in given("judged", rulebook.indicators).items()},
        not_applicable=frozenset(out),
        parameters={k: _parameter(rulebook, k, v) for k, v in given("parameters", rulebook.parameters, True).items()},
        decisions={k: TargetDecision(str(v), "") for k, v in given("decisions", rulebook.targets).items()},
        filed=_one_of("filed", data.get("filed", "true"), _FLAGS),
        peers={
            k: tuple(sorted(_fraction(k, v) for v in values))
            for k, values in given("peers", peer_expressions(rulebook)).items()
        },
    )


def _mapping(data: Mapping[str, Any], setting: str) -> Mapping[str, Any]:
    found = data.get(setting) or {}
    if not isinstance(found, Mapping):
        raise ValueError(f"{setting} must be a mapping of names to values")
    return found


def _known(setting: str, id: str, ids: Container[str]) -> None:
    if id not in ids:
        raise KeyError(f"{setting}.{id}")


def _year(text: Any) -> int:
    years = int(text)
    if not -MAX_YEARS_BACK <= years <= -1:
        raise ValueError(f"history.{text}: years back are -1 to -{MAX_YEARS_BACK}")
    return years


def _number(id: str, value: Any) -> Decimal:
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError):
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{id}: {value!r} is not a number")
    return number


def _fraction(id: str, value: Any) -> Fraction:
    try:
        return Fraction(value)
    except (ValueError, TypeError, ZeroDivisionError) as e:
        raise ValueError(f"{id}: {value!r} is not a number") from e


def _one_of(id: str, value: Any, words: Mapping[str, bool]) -> bool:
    if value not in words:
        raise ValueError(f"{id}: {value!r} is none of {', '.join(words)}")
    return words[value]


def _facts(rulebook: Rulebook, data: Any, past: bool = False) -> dict[str, FactValue]:
    if not isinstance(data, Mapping):
        raise ValueError("facts must be a mapping of names to values")
    found: dict[str, FactValue] = {}
    for name, value in data.items():
        if past and name in rulebook.targets:
            if value is not None:
                found[name] = _one_of(name, value, _OUTCOMES)
            continue
        _known("history" if past else "facts", name, rulebook.facts)
        spec = rulebook.facts[name]
        if isinstance(value, list) and spec.kind == "checklist":
            items = frozenset(str(v) for v in value)
            for item in sorted(items):
                _known(name, item, spec.options)
            found[name] = items
        elif value == "not_supplied":
            found[name] = Nothing.NOT_SUPPLIED
        elif value == "not_applicable":
            found[name] = Nothing.NOT_APPLICABLE
        elif isinstance(value, list | Mapping):
            raise ValueError(f"{name}: one value is needed for the kind {spec.kind}")
        else:
            found[name] = parse_fact(spec, value, percent=False)
    return found


def _property(rulebook: Rulebook, name: str, value: Any) -> FactValue:
    return _one_of(name, value, _FLAGS) if rulebook.properties[name].kind == "bool" else str(value)


def _parameter(rulebook: Rulebook, name: str, value: Any) -> FactValue:
    kind = rulebook.parameters[_YEAR.sub("", name)].kind
    return _one_of(name, value, _FLAGS) if kind == "bool" else _number(name, value)
