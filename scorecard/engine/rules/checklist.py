"""Points for each item that is fulfilled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.forms import CONDITION, FACT, POINTS, TEXT
from scorecard.engine.declarations.keys import (
    Form,
    Key,
    Reading,
    Schema,
    Tuner,
    key,
    map_schema,
    read_entry,
    ref,
)
from scorecard.engine.language.exact import compute
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rules.base import (
    Checker,
    Explainer,
    Points,
    Rule,
    RuleContext,
    Wording,
    missing_node,
    points_texts,
    result_node,
    rule_kind,
)
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Improvement, Node
from scorecard.engine.values.text import Text, join


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist: ticked in the fact, or computed when `when` is given."""

    id: str
    label: Text = key(TEXT)
    points: Fraction = key(POINTS, required=True)
    when: Expression | None = key(CONDITION)


class Items(Form):
    """Id -> item, or its points alone."""

    def schema(self) -> Schema:
        return map_schema({"anyOf": [ref("number"), ref("item")]})

    def read(self, r: Reading, name: str, key: Key) -> tuple[Item, ...]:
        return tuple(_item(r.fields, id, at) for id, at in r.fields.mapping(r.at, name, required=True).items())

    def expressions(self, path: str, value: Any, entry: Any) -> Iterator[tuple[str, Expression, str]]:
        for item in value:
            if item.when is not None:
                yield f"{path}.{item.id}.when", item.when, "bool"

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        options = t.options(entry["fact"]) if entry.get("fact") else {}
        for id, item in raw.items():
            whole = isinstance(item, Mapping)
            own = item.get("label") if whole else None
            words = Text(own["zh"], own["en"]) if own else options.get(id, Text(id, id))
            place, points = (f"{path}.{id}.points", item["points"]) if whole else (f"{path}.{id}", item)
            yield t.points(place, Text(f"“{words.zh}”得分", f"Points of “{words.en}”"), str(points))
            yield from t.literals(f"{path}.{id}.when")


def _item(f: Fields, id: str, at: Any) -> Item:
    if isinstance(at.value, dict):
        item: Item = read_entry(f, at, Item, id=id)
        return item if at.get("label") is not None else replace(item, label=Text(id, id))
    return Item(id=id, label=Text(id, id), points=Fraction(f.scalar_number(at) or 0))


@rule_kind("checklist", "清单", "checklist", place=8)
@dataclass(frozen=True, slots=True)
class Checklist(Rule):
    """Points for each item that is fulfilled, added up."""

    kind: ClassVar[str] = "checklist"
    fact: str = key(FACT, worded=False)
    items: tuple[Item, ...] = key(Items(), required=True, label=Text("事项", "Items"))

    def _fulfilled(self, c: RuleContext, item: Item, ticked: frozenset[str] | Missing) -> bool | Missing:
        if item.when is None:
            return ticked if isinstance(ticked, Missing) else item.id in ticked
        value = compute(item.when, c)
        return value if isinstance(value, Missing) else bool(value)

    def _label(self, c: Explainer, item: Item) -> Text:
        return c.option(self.fact, item.id) if item.when is None and self.fact else item.label

    def _ticked(self, c: RuleContext) -> frozenset[str] | Missing:
        value = c.value(self.fact) if self.fact else frozenset()
        return value if isinstance(value, frozenset | Missing) else frozenset()

    def evaluate(self, c: RuleContext) -> Points:
        ticked = self._ticked(c)
        total = ZERO
        absent: Missing | None = None
        for item in self.items:
            done = self._fulfilled(c, item, ticked)
            if isinstance(done, Missing):
                absent = done if absent is None else absent | done
            elif done:
                total += item.points
        return total if absent is None else absent

    def lower(self, b: Builder) -> Value:
        parts: list[Value] = []
        if self.fact:
            answer = b.name(self.fact)
            if answer.kind != "items":
                raise NoForm("items of another kind")
            worths = {item.id: item.points * b.scale for item in self.items if item.when is None}
            parts.append(b.worth(answer, [worths.get(option, ZERO) for option in answer.options]))
        computed = [(item.when, item.points * b.scale) for item in self.items if item.when is not None]
        if computed or not parts:
            parts.append(b.tally(ZERO, [(b.expression(when.node), points) for when, points in computed]))
        return b.add(*parts)

    def explain(self, c: Explainer) -> Node:
        label = Text("清单计分", "Checklist")
        ticked = self._ticked(c)
        nodes = [c.fact_node(self.fact)] if self.fact else []
        done_items: list[Text] = []
        for item in self.items:
            done = self._fulfilled(c, item, ticked)
            if item.when is not None:
                nodes.append(c.condition_node(item.when, item.label))
            if done is True:
                done_items.append(self._label(c, item))
        total = self.evaluate(c)
        if isinstance(total, Missing):
            return missing_node("rule", label, total, tuple(nodes))
        if done_items:
            listed = join(done_items, "、", "; ")
            why = Text(
                f"满足 {len(done_items)} 项（{listed.zh}）", f"{len(done_items)} items are fulfilled ({listed.en})"
            )
        else:
            why = Text("各项均未满足", "no item is fulfilled")
        return result_node(label, why, total, tuple(nodes))

    def bounds(self) -> tuple[Fraction, Fraction]:
        zero = ZERO
        return sum((min(zero, i.points) for i in self.items), zero), sum(
            (max(zero, i.points) for i in self.items), zero
        )

    def lines(self, w: Wording) -> Iterator[str]:
        yield "; ".join(
            f"{w.option(self.fact if i.when is None else '', i.id, i.label)}: {w.points(i.points)}" for i in self.items
        )

    def check(self, r: Checker) -> None:
        ticked = {i.id for i in self.items if i.when is None}
        if self.fact:
            r.options(self.fact, "checklist", ticked, "items")
        elif ticked:
            r.report(
                "",
                "reference",
                Text(
                    "清单没有对应的填报项，各项须有“when”。",
                    "The checklist has no fact, so each item needs “when”.",
                ),
                Text("请补充“fact”或“when”。", "Add “fact” or “when”."),
            )

    def improve(self, c: Explainer) -> tuple[Improvement, ...]:
        ticked = self._ticked(c)
        found = []
        for item in self.items:
            if self._fulfilled(c, item, ticked) is False and item.points > 0:
                label = self._label(c, item)
                gain = points_texts(item.points)
                text = Text(f"满足“{label.zh}”可多得 {gain.zh}。", f"Fulfilling “{label.en}” gains {gain.en}.")
                fact = self.fact if item.when is None else ""
                found.append(Improvement(fact, None, item.id if fact else None, c.points(item.points), text))
        return tuple(found)
