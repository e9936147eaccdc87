"""Warnings of a standing, by the rules of ``scorecard/watching/rules.yaml`` (``docs/readings.md``, Warnings)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assessments.readings.rules import watching
from scorecard.engine import Text
from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.conclusions import Check
from scorecard.engine.values.facts import Absence, Missing, Value
from scorecard.engine.values.rational import Fraction

UNKNOWN = Missing(Absence.NOT_SUPPLIED, Text("尚不可知", "not known"))
PLACE = re.compile(r"\{([a-z_]+)\}")


class _Names:
    """The context of a condition: names with their values; what is None is not known."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def value(self, name: str) -> Value:
        """The value of a name."""
        found = self.values[name]
        if found is None:
            return UNKNOWN
        return found if isinstance(found, bool) else Fraction(found)


def of_target(target: str, values: Mapping[str, Any], words: Mapping[str, Text]) -> Iterator[dict[str, Any]]:
    """The warnings of one target."""
    for rule in watching().of_targets.values():
        if _warns(rule, values):
            yield _kept(rule, target, words)


def of_bank(values: Mapping[str, Any], words: Mapping[str, Text]) -> Iterator[dict[str, Any]]:
    """The warnings of the bank as a whole."""
    for rule in watching().of_banks.values():
        if _warns(rule, values):
            yield _kept(rule, "", words)


def _warns(rule: Check, values: Mapping[str, Any]) -> bool:
    """Whether the condition does not hold; one that cannot be decided warns of nothing."""
    return compute(rule.holds, _Names(values)) is False  # type: ignore[arg-type]


def _kept(rule: Check, target: str, words: Mapping[str, Text]) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "target": target,
        "severity": rule.severity,
        "text": {"zh": _filled(rule.message.zh, words, "zh"), "en": _filled(rule.message.en, words, "en")},
        "source": rule.source.to_json() if rule.source else None,
        "basis": rule.basis,
        "bank_reads": rule.id not in watching().supervisor_only,
    }


def _filled(message: str, words: Mapping[str, Text], lang: str) -> str:
    return PLACE.sub(lambda found: words[found.group(1)].get(lang), message)
