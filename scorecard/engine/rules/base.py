"""What every rule kind offers.

A rule kind is one class in a file of this folder, named by :func:`rule_kind`. Its keys are declared as its fields
(`declarations/keys.py`); reader, JSON Schema, checks of names and types, dependencies and tunables follow from them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Generic, Protocol, TypeVar

from scorecard.engine.declarations.forms import FIGURE, UNIT
from scorecard.engine.declarations.keys import Reading, expressions_of, key, keys_of, read_keys
from scorecard.engine.language.exact import Context, compute, number
from scorecard.engine.language.syntax import Expression
from scorecard.engine.language.words import render
from scorecard.engine.lowering.builder import Builder
from scorecard.engine.lowering.program import NoForm, Value
from scorecard.engine.rules.words import AMONG_PEERS, points_texts, sentence
from scorecard.engine.values.facts import Missing
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Improvement, Need, Node
from scorecard.engine.values.text import EMPTY, Text
from scorecard.engine.values.units import quantity

Points = Fraction | Missing
Improvements = tuple[Improvement, ...]
Shown = Decimal | str | None


class Explainer(Context, Protocol):
    """What a rule may ask to explain its points and to say what would raise them. `explain/explainer.py` has it."""

    def points(self, value: Fraction) -> Decimal: ...

    def option(self, fact: str, option: str) -> Text: ...

    def render(self, expression: Expression) -> Text: ...

    def shows_peers(self, expression: Expression) -> bool:
        """Return whether the value of an expression would show a figure of the peers, and so is not said."""
        ...

    def fact_node(self, fact: str) -> Node: ...

    def expression_node(self, expression: Expression, unit: str) -> Node: ...

    def condition_node(self, expression: Expression, label: Text = EMPTY) -> Node: ...

    def target_node(self, target: str) -> Node: ...

    def target_need(self, target: str) -> Need | None: ...

    def improvement(
        self,
        x: Expression,
        unit: str,
        now: Fraction,
        goal: Fraction,
        gain: Fraction,
        lever: str,
        against: Expression | None = None,
    ) -> Improvements:
        """Return what brings a figure from `now` to `goal`, which is the value of `against` where that is given."""
        ...


@dataclass(frozen=True, slots=True)
class Wording:
    """Says the parts of a rule in one language, for people who sign a rulebook.

    label    the name of anything by its id
    options  the options of a fact
    """

    lang: str
    label: Callable[[str], Text]
    options: Callable[[str], Mapping[str, Text]]

    def either(self, zh: str, en: str) -> str:
        return Text(zh, en).get(self.lang)

    def name(self, id: str) -> str:
        return self.label(id).get(self.lang)

    def words(self, expression: Expression) -> str:
        return render(expression.node, self.label).get(self.lang)

    def option(self, fact: str, option: str, label: Text = EMPTY) -> str:
        options = self.options(fact) if fact else {}
        return options.get(option, label).get(self.lang)

    def quantity(self, value: Fraction, unit: str) -> str:
        return quantity(value, unit, self.lang)

    def points(self, value: Fraction) -> str:
        return quantity(value, "分", self.lang)


class Checker(Protocol):
    """What lint offers a rule kind for its own checks; paths are within the rule."""

    def options(self, fact: str, kind: str, used: set[str], key: str) -> None:
        """Report a fact of another kind, and options that it has not or that are not used under `key`."""
        ...

    def report(self, path: str, code: str, message: Text, remedy: Text) -> None: ...


@dataclass(frozen=True, slots=True)
class Rule(ABC):
    """One rule.

    `evaluate` gives exact points or the reason why there are none; `explain` gives the same with its tree. `title` is
    what the kind is called there, `kind_name` where kinds are chosen.
    """

    kind: ClassVar[str] = ""
    kind_name: ClassVar[Text] = EMPTY
    place: ClassVar[int] = 99
    title: ClassVar[Text] = EMPTY

    @classmethod
    def make(cls, r: Reading) -> Rule:
        """Read the rule at a place."""
        return cls(**read_keys(r, cls, ("kind",)))

    @abstractmethod
    def evaluate(self, c: Context) -> Points:
        """Return the points, exact and unrounded."""

    def lower(self, b: Builder) -> Value:
        """Return the points in units, unrounded, as operations on many banks at once. Raises NoForm: then every bank is
        evaluated exactly, which is slow and right.
        """
        raise NoForm(self.kind)

    @abstractmethod
    def explain(self, c: Explainer) -> Node:
        """Return the node whose value is what `evaluate` returns (None when there are no points)."""

    def bounds(self) -> tuple[Fraction, Fraction]:
        """Return lowest and highest points that the rule can give: its limits, where a kind says nothing else."""
        low, high = self.limits()
        if low is None or high is None:
            raise NotImplementedError(self.kind)
        return low, high

    @abstractmethod
    def lines(self, w: Wording) -> Iterator[str]:
        """Yield the rule in words, one or a few lines."""

    def check(self, r: Checker) -> None:  # noqa: B027  most kinds have nothing to add
        """Report what is wrong with the rule itself beyond names and types: order, limits, options."""

    def meaning(self, r: Checker) -> None:  # noqa: B027
        """Report what stands in the rule and cannot be meant: points that fall where they must rise, idle cases."""

    def limits(self) -> tuple[Fraction | None, Fraction | None]:
        """Return the lowest points that a key states and the highest, which must not lie below it."""
        return None, None

    def compared(self) -> tuple[Expression, ...]:
        """Return the figures that are compared with those of the peer group, outside expressions."""
        return ()

    def improve(self, c: Explainer) -> Improvements:
        """Return what would raise the points, the smallest change first."""
        return ()

    # ---- what kinds say alike

    def missing(self, reason: Missing, nodes: tuple[Node, ...]) -> Node:
        """Return the node of the rule when it has no points."""
        said = reason.reason
        return Node("rule", self.title, Text(f"{said.zh}。", f"{sentence(said.en)}."), None, "分", nodes)

    def gain(
        self, c: Explainer, how: Text, points: Fraction, fact: str = "", now: Shown = None, then: Shown = None
    ) -> Improvement:
        """Return what would raise the points by so many, as a sentence that begins with `how`."""
        said = points_texts(points)
        text = Text(f"{how.zh}可多得 {said.zh}。", f"{how.en} gains {said.en}.")
        return Improvement(fact, now, then, c.points(points), text)

    # ---- what follows from the keys

    def expressions(self) -> tuple[tuple[str, Expression, str], ...]:
        """Return (key, expression, expected type) of the rule itself; the type is ``bool``, a unit, or ``*``."""
        return tuple(expressions_of(self))

    def named(self, what: str) -> tuple[str, ...]:
        """Return the ids that keys give outside expressions: of "fact", "target" or "lever"."""
        keys = keys_of(type(self)).items()
        return tuple(id for name, each in keys if each.form.names == what and (id := getattr(self, name)))

    def parts(self) -> tuple[tuple[str, Rule], ...]:
        """Return nested rules with their path."""
        keys = keys_of(type(self)).items()
        return tuple(part for name, each in keys for part in each.form.rules(name, getattr(self, name)))

    def walk(self, path: str = "") -> Iterator[tuple[str, Rule]]:
        """Yield this rule and all in it, each with its path, this one's being `path`."""
        yield path, self
        for name, nested in self.parts():
            yield from nested.walk(f"{path}.{name}" if path else name)


#: Every rule kind by its name; the package loads the files of this folder.
KINDS: dict[str, type[Rule]] = {}
R = TypeVar("R", bound=type[Rule])


def rule_kind(name: str, zh: str, en: str, place: int = 99) -> Callable[[R], R]:
    """Name a rule kind. `place` orders them where all are listed."""

    def register(rule: R) -> R:
        rule.kind, rule.kind_name, rule.place = name, Text(zh, en), place
        known: list[type[Rule]] = sorted([*KINDS.values(), rule], key=lambda each: each.place)
        KINDS.clear()
        KINDS.update((each.kind, each) for each in known)
        return rule

    return register


M = TypeVar("M")


class Measured(Rule, Generic[M]):
    """A rule that first measures something, such as a figure or what is fulfilled, and then gives points for it."""

    __slots__ = ()

    @abstractmethod
    def measure(self, c: Context) -> M | Missing:
        """Return what the points follow from, or the reason why it is not known."""

    @abstractmethod
    def at(self, found: M) -> Fraction:
        """Return the points of what was measured."""

    @abstractmethod
    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        """Return the nodes of what the rule reads."""

    @abstractmethod
    def reason(self, c: Explainer, found: M) -> Text:
        """Say what was measured."""

    def better(self, c: Explainer, found: M) -> Improvements:
        """Return what would raise the points of what was measured."""
        return ()

    def evaluate(self, c: Context) -> Points:
        found = self.measure(c)
        return found if isinstance(found, Missing) else self.at(found)

    def explain(self, c: Explainer) -> Node:
        nodes, found = self.nodes(c), self.measure(c)
        if isinstance(found, Missing):
            return self.missing(found, nodes)
        why, points = self.reason(c, found), self.at(found)
        got = points_texts(points)
        text = Text(f"{why.zh}，得 {got.zh}。", f"{why.en}: {got.en}.")
        return Node("rule", self.title, text, points, "分", nodes)

    def improve(self, c: Explainer) -> Improvements:
        found = self.measure(c)
        return () if isinstance(found, Missing) else self.better(c, found)


@dataclass(frozen=True, slots=True)
class FigureRule(Measured[Fraction]):
    """A rule whose points follow from one figure."""

    x: Expression = key(FIGURE, required=True, worded=False)
    unit: str = key(UNIT, worded=False)

    @abstractmethod
    def why(self, x: Fraction) -> Text:
        """Say where a figure lies."""

    def measure(self, c: Context) -> Points:
        return number(compute(self.x, c))

    def nodes(self, c: Explainer) -> tuple[Node, ...]:
        return (c.expression_node(self.x, self.unit),)

    def reason(self, c: Explainer, found: Fraction) -> Text:
        return AMONG_PEERS if c.shows_peers(self.x) else self.why(found)

    def nearest(self, c: Explainer, x: Fraction, goals: list[Fraction], lever: str) -> Improvements:
        """Return what brings the figure to the nearest of the goals that have more points."""
        if not goals:
            return ()
        goal = min(goals, key=lambda g: abs(g - x))
        return c.improvement(self.x, self.unit, x, goal, self.at(goal) - self.at(x), lever)


def monotone(r: Checker, path: str, direction: str, values: list[Fraction]) -> None:
    """Report points that do not rise (`up`) or fall (`down`) as declared; nothing where nothing is declared."""
    if direction and any((a > b) if direction == "up" else (a < b) for a, b in pairwise(values)):
        word, word_en = ("递增", "rise") if direction == "up" else ("递减", "fall")
        said = Text(f"声明为{word}，但分值并不{word}。", f"It is declared to {word_en}, but its points do not.")
        r.report(path, "monotone", said, Text("请改正分值，或改正“direction”。", "Correct the points, or “direction”."))
