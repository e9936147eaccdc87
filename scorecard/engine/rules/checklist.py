"""Points for each item that is fulfilled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.forms import CONDITION, FACT, POINTS, TEXT
from scorecard.engine.declarations.keys import Form, Key, Reading, Tuner, key, map_schema, read_entry, ref
from scorecard.engine.language.exact import Context, all_known, compute
from scorecard.engine.language.syntax import Expression
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rules.base import Checker, Explainer, Improvements, Measured, Wording, rule_kind
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import Node
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


ITEMS = Items(map_schema({"anyOf": [ref("number"), ref("item")]}))


@rule_kind("checklist", "清单", "checklist", place=8)
@dataclass(frozen=True, slots=True)
class Checklist(Measured[list[Item]]):
    """Points for each item that is fulfilled, added up."""

    title = Text("清单计分", "Checklist")
    fact: str = key(FACT, worded=False)
    items: tuple[Item, ...] = key(ITEMS, required=True, label=Text("事项", "Items"))

    def _label(self, c: Explainer, item: Item) -> Text:
        return c.option(self.fact, item.id) if item.when is None and self.fact else item.label

    def _outcomes(self, c: Context) -> list[tuple[Item, bool | Missing]]:
        """Return the items, each with whether it is fulfilled."""
        ticked = c.value(self.fact) if self.fact else frozenset()
        found: list[tuple[Item, bool | Missing]] = []
        for item in self.items:
            done = ticked if item.when is None else compute(item.when, c)
            if item.when is None and isinstance(done, frozenset):
                done = item.id in done
            found.append((item, done if isinstance(done, Missing) else bool(done)))
        return found

    def measure(self, c: Context) -> list[Item] | Missing:
        outcomes = self._outcomes(c)
        known = all_known(done for _, done in outcomes)
        return known if isinstance(known, Missing) else [item for item, done in outcomes if done]

    def at(self, found: list[Item]) -> Fraction:
        return sum((item.points for item in found), ZERO)

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

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        computed = (c.condition_node(item.when, item.label) for item in self.items if item.when is not None)
        return (*([c.fact_node(self.fact)] if self.fact else ()), *computed)

    def reason(self, c: Explainer, found: list[Item]) -> Text:
        if not found:
            return Text("各项均未满足", "no item is fulfilled")
        listed = join([self._label(c, item) for item in found], "、", "; ")
        return Text(f"满足 {len(found)} 项（{listed.zh}）", f"{len(found)} items are fulfilled ({listed.en})")

    def bounds(self) -> tuple[Fraction, Fraction]:
        points = [item.points for item in self.items]
        return sum((min(ZERO, p) for p in points), ZERO), sum((max(ZERO, p) for p in points), ZERO)

    def lines(self, w: Wording) -> Iterator[str]:
        yield "; ".join(
            f"{w.option(self.fact if i.when is None else '', i.id, i.label)}: {w.points(i.points)}" for i in self.items
        )

    def check(self, r: Checker) -> None:
        ticked = {i.id for i in self.items if i.when is None}
        if self.fact:
            r.options(self.fact, "checklist", ticked, "items")
        elif ticked:
            said = Text(
                "清单没有对应的填报项，各项须有“when”。", "The checklist has no fact, so each item needs “when”."
            )
            r.report("", "reference", said, Text("请补充“fact”或“when”。", "Add “fact” or “when”."))

    def improve(self, c: Explainer) -> Improvements:
        found = []
        for item, done in self._outcomes(c):
            if done is False and item.points > 0:
                label, fact = self._label(c, item), self.fact if item.when is None else ""
                how = Text(f"满足“{label.zh}”", f"Fulfilling “{label.en}”")
                found.append(self.gain(c, how, item.points, fact, None, item.id if fact else None))
        return tuple(found)
