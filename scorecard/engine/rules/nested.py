"""Rules within rules: a rule as a value, cases with conditions, the points otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scorecard.engine.declarations.forms import CONDITION, Points
from scorecard.engine.declarations.keys import Form, Key, Reading, Tuner, is_number, list_schema, ref, tunables_of
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rules.base import KINDS, Rule
from scorecard.engine.rules.fixed import Fixed
from scorecard.engine.values.rational import ZERO
from scorecard.engine.values.text import EMPTY, Text

OTHERWISE = Text("其余得分", "Points otherwise")


def _fixed(r: Reading, name: str) -> Fixed:
    return Fixed(points=r.fields.fraction(r.at, name, required=True) or ZERO)


def read_rule(r: Reading) -> Rule:
    """Read the rule at a place; the range of its indicator limits some kinds."""
    f, at = r.fields, r.at
    if not isinstance(at.value, dict):
        said = Text("规则应为一组键值。", "A rule must be a mapping.")
        f.report(at, "mapping", said, Text("请写明 kind 及其参数。", "Write its kind and parameters."))
        return Fixed(points=ZERO)
    if at.get("kind") is None and at.get("points") is not None and len(at.value) == 1:
        return Fixed(points=f.fraction(at, "points") or ZERO)
    kind = f.choice(at, "kind", KINDS, "", required=True)
    return KINDS[kind].make(r) if kind else Fixed(points=ZERO)


class RuleForm(Form):
    """A rule of any kind."""

    def read(self, r: Reading, name: str, key: Key) -> Rule:
        at = r.at.get(name)
        if at is None:
            r.fields.missing(r.at, name, Text("请补充计分规则。", "Add the rule."))
            at = from_plain({"points": "0"}, r.at.file, f"{r.at.path}.{name}")
        return read_rule(r.within(at))

    def rules(self, path: str, value: Any) -> Iterator[tuple[str, Rule]]:
        if value is not None:
            yield path, value

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        yield from tunables_of(t, KINDS[raw.get("kind", "fixed")], path, raw)


RULE = RuleForm(ref("rule"))


class OtherwisePoints(Points):
    """The points when nothing else holds."""

    def __init__(self) -> None:
        super().__init__({"anyOf": [ref("number"), ref("rule")]})

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        if is_number(raw):
            yield t.points(path, OTHERWISE, raw)


class Otherwise(OtherwisePoints):
    """The points or the rule when no case holds."""

    def read(self, r: Reading, name: str, key: Key) -> Rule:  # type: ignore[override]
        other = r.at.get(name)
        if other is not None and isinstance(other.value, dict):
            return read_rule(r.within(other))
        return _fixed(r, name)

    def rules(self, path: str, value: Any) -> Iterator[tuple[str, Rule]]:
        yield from RULE.rules(path, value)

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        if isinstance(raw, Mapping):
            yield from RULE.tunables(t.under(Text("其余：", "otherwise: ")), path, raw, key, entry)
        else:
            yield from super().tunables(t, path, raw, key, entry)


OTHERWISE_POINTS = OtherwisePoints()


@dataclass(frozen=True, slots=True)
class Branch:
    """One case: its condition (None = always holds), its rule, and the name under which it is explained."""

    when: Expression | None
    rule: Rule
    label: Text = EMPTY


class Cases(Form):
    """Cases, each with points or a rule. `conditional` says that each must have a condition."""

    def __init__(self, *, conditional: bool) -> None:
        super().__init__(list_schema(ref("case"), "cases, read in order", minItems=1))
        self.conditional = conditional

    def read(self, r: Reading, name: str, key: Key) -> tuple[Branch, ...]:
        return tuple(self._branch(r.within(item)) for item in r.fields.some(r.at, name))

    def _branch(self, r: Reading) -> Branch:
        f, at = r.fields, r.at
        f.known(at, ("when", "points", "rule", "label"))
        when = f.expression(at, "when", required=self.conditional)
        label = f.text(at, "label")
        nested = at.get("rule")
        if nested is None:
            return Branch(when, _fixed(r, "points"), label)
        if at.get("points") is not None:
            said = Text("“points”与“rule”不能并存。", "“points” and “rule” exclude each other.")
            f.report(at, "unknown-key", said, Text("请只保留其中一项。", "Keep one of them."), "points")
        return Branch(when, read_rule(r.within(nested)), label)

    def expressions(self, path: str, value: Any, entry: Any) -> Iterator[tuple[str, Expression, str]]:
        for i, branch in enumerate(value):
            yield from CONDITION.expressions(f"{path}.{i}.when", branch.when, branch)

    def rules(self, path: str, value: Any) -> Iterator[tuple[str, Rule]]:
        for i, branch in enumerate(value):
            yield f"{path}.{i}.rule", branch.rule

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        for i, item in enumerate(raw):
            yield from t.literals(f"{path}.{i}.when")
            when = t.rendered(str(item["when"])) if item.get("when") else Text("其他情形", "otherwise")
            inner = t.under(Text(f"{when.zh}：", f"{when.en}: "))
            if item.get("rule") is not None:
                yield from RULE.tunables(inner, f"{path}.{i}.rule", item["rule"], key, item)
            elif is_number(item.get("points")):
                yield inner.points(f"{path}.{i}.points", Text("得分", "points"), item["points"])


class Rules(Form):
    """A list of rules that is not empty."""

    def read(self, r: Reading, name: str, key: Key) -> tuple[Rule, ...]:
        found = tuple(read_rule(r.within(item)) for item in r.fields.some(r.at, name))
        return found or (Fixed(points=ZERO),)

    def rules(self, path: str, value: Any) -> Iterator[tuple[str, Rule]]:
        for i, rule in enumerate(value):
            yield f"{path}.{i}", rule

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        for i, item in enumerate(raw):
            inner = t.under(Text(f"规则 {i + 1}：", f"rule {i + 1}: "))
            yield from RULE.tunables(inner, f"{path}.{i}", item, key, entry)


RULES = Rules(list_schema(ref("rule"), minItems=1))
