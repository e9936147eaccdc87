"""The forms in which the values of keys are written; `keys.py` says what a form is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.fields import BASES
from scorecard.engine.declarations.keys import (
    Form,
    Key,
    Reading,
    Schema,
    Tuner,
    entry_schema,
    expressions_of,
    is_number,
    list_schema,
    map_schema,
    read_entry,
    read_listed,
    ref,
    tunables_of,
)
from scorecard.engine.language.syntax import Expression
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.text import EMPTY, Text


def _string(r: Reading, name: str, key: Key) -> str:
    return r.fields.string(r.at, name, key.default_of(r) or "", key.required)


def string(
    about: str = "", *, words: Mapping[str, Text] | None = None, schema: Schema | None = None, names: str = ""
) -> Form:
    """A text of one line in no language: a name, a number of a document, the id of a fact."""
    made: Schema = {"type": "string", "description": about} if about else {"type": "string"}
    return Form(schema or made, _string, "", words, names)


def choice(words: Mapping[str, Text], stored: Mapping[str, str] | None = None) -> Form:
    """One of a few values, each with its words; `stored` says what some become."""

    def read(r: Reading, name: str, key: Key) -> str:
        found = r.fields.choice(r.at, name, words, key.default_of(r) or "", key.required)
        return (stored or {}).get(found, found)

    return Form({"enum": list(words)}, read, "", words)


def choices(words: Mapping[str, Text]) -> Form:
    """A list of some of a few values."""

    def read(r: Reading, name: str, key: Key) -> tuple[str, ...]:
        items = r.fields.list(r.at, name)
        for item in items:
            if item.value not in words:
                said = Text(f"“{item.value}”不是“{name}”的可选值。", f"“{item.value}” is not a value of “{name}”.")
                use = Text(f"请改为 {' 或 '.join(words)}。", f"Use one of {', '.join(words)}.")
                r.fields.report(item, "choice", said, use)
        return tuple(str(item.value) for item in items)

    return Form(list_schema({"enum": list(words)}), read, (), words)


def choices_by_name(words: Mapping[str, Text], about: str) -> Form:
    """Name -> one of a few values."""

    def read(r: Reading, name: str, key: Key) -> dict[str, str]:
        at = r.fields.mapping(r.at, name)
        return {k: r.fields.choice(at, k, words, next(iter(words))) for k, _ in at.items()}

    return Form(map_schema({"enum": list(words)}, about), read, {}, words)


def integer(low: int, high: int) -> Form:
    """A whole number of a range."""

    def read(r: Reading, name: str, key: Key) -> int:
        found = r.fields.number(r.at, name)
        if found is not None and found == int(found) and low <= found <= high:
            return int(found)
        if found is not None:
            said = Text(
                f"“{name}”应为 {low} 至 {high} 的整数。", f"“{name}” must be a whole number from {low} to {high}."
            )
            use = Text("请改为该范围内的整数。", "Use a whole number of this range.")
            r.fields.report(r.at, "number", said, use, name)
        default: int = key.default_of(r) or 0
        return default

    return Form(ref("number"), read, 0)


def texts(about: str = "") -> Form:
    """Option -> its name in both languages."""

    def read(r: Reading, name: str, key: Key) -> dict[str, Text]:
        return {option: r.fields.text_of(at) for option, at in r.fields.mapping(r.at, name).items()}

    return Form(map_schema(ref("text"), about), read, {})


def nested(entry: type) -> Form:
    """One entry within another."""

    def read(r: Reading, name: str, key: Key) -> Any:
        return read_entry(r.fields, r.fields.mapping(r.at, name, key.required), entry)

    return Form(entry_schema(entry), read)


def _text(r: Reading, name: str, key: Key) -> Text:
    if r.at.get(name) is None and not key.required:
        found: Text = key.default_of(r) or EMPTY
        return found
    return r.fields.text(r.at, name, key.required)


def _number(r: Reading, name: str, key: Key) -> Any:
    found = r.fields.number(r.at, name, key.required)
    return found if found is not None else Decimal(0) if key.required else key.default_of(r)


def _flag(r: Reading, name: str, default: bool) -> bool:
    return r.fields.choice(r.at, name, YES_NO, "true" if default else "false") == "true"


def _names(r: Reading, name: str, key: Key) -> tuple[str, ...]:
    found: tuple[str, ...] = tuple(str(v.value) for v in r.fields.list(r.at, name)) or key.default_of(r)
    return found


def _factor(r: Reading, name: str, key: Key) -> Any:
    found = r.fields.fraction(r.at, name)
    return key.default_of(r) if found is None else found


def _value_of_kind(r: Reading, name: str, key: Key) -> Any:
    if r.at.get(name) is None:
        return None
    return _flag(r, name, False) if r.values["kind"] == "bool" else r.fields.number(r.at, name)


def _span(r: Reading, name: str, key: Key) -> tuple[Decimal, Decimal] | None:
    ends = [r.fields.scalar_number(v) for v in r.fields.list(r.at, name)]
    if r.at.get(name) is not None and len(ends) != 2:
        said = Text(f"“{name}”应为两个数字。", f"“{name}” must be two numbers.")
        r.fields.report(r.at, "list", said, Text("请写成 [最低, 最高]。", "Write [lowest, highest]."), name)
    low, high = ends if len(ends) == 2 else (None, None)
    return None if low is None or high is None else (low, high)


YES_NO = {"true": Text("是", "yes"), "false": Text("否", "no")}
UP_DOWN = {"up": Text("越高越好", "higher is better"), "down": Text("越低越好", "lower is better")}
ID_SCHEMA: Schema = {"type": ["string", "integer", "number"]}
#: A name that may look like a number.
ID = string(schema=ID_SCHEMA)
STRING = string()
UNIT = string(schema=ref("unit"))
TEXT = Form(ref("text"), _text, EMPTY)
TEXTS = texts()
TEXT_LIST = Form(
    list_schema(ref("text")),
    lambda r, name, key: tuple(r.fields.text_of(each) for each in r.fields.list(r.at, name)),
    (),
)
NUMBER = Form(ref("number"), _number)
NUMBER_OR_NONE = Form({"anyOf": [ref("number"), {"type": "null"}]}, _number)
FACTOR = Form(ref("number"), _factor)
FLAG = Form(ref("flag"), lambda r, name, key: _flag(r, name, key.default), False, YES_NO)
NAMES = Form(list_schema({"type": "string"}), _names, ())
VALUE_OF_KIND = Form({"anyOf": [ref("number"), ref("flag")]}, _value_of_kind)
SPAN = Form(list_schema(ref("number"), minItems=2, maxItems=2), _span)
#: Read before the source, which carries it into results.
INSTRUMENT = Form(ref("source"), lambda r, name, key: r.fields.instrument(r.at))
SOURCE = Form(ref("source"), lambda r, name, key: r.fields.source(r.at, key.required, r.values.get("instrument")))
BASIS = Form(ref("basis"), lambda r, name, key: r.fields.choice(r.at, name, BASES, "", key.required), "")


class Bound(Form):
    """What a limit leads to: the id of a grade, or a number of points, as its `effect` says."""

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        if entry["effect"].endswith("_grade") and isinstance(key.tune, Text):
            yield t.grade(path, key.tune, raw)
        else:
            yield from super().tunables(t, path, raw, key, entry)


BOUND = Bound(ID_SCHEMA, _string, "")


class Points(Form):
    """A number of points, which can be tried otherwise when its key has words for it."""

    def read(self, r: Reading, name: str, key: Key) -> Fraction | None:
        found = r.fields.fraction(r.at, name, key.required)
        return found if found is not None else ZERO if key.required else key.default_of(r)

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        if isinstance(key.tune, Text) and key.tune != EMPTY and is_number(raw):
            yield t.points(path, key.tune, raw)


POINTS = Points(ref("number"))


FACT, TARGET = string(names="fact"), string(names="target")
#: The id of a fact that is only named, and read by nothing.
LEVER_NAMED, LEVER = string(names="lever"), string("fact that “what would change it” moves", names="lever")


class Expr(Form):
    """An expression; `unit` gives the expected type from the entry that holds it, or is that type."""

    def __init__(self, unit: str | Callable[[Any], str] = "bool") -> None:
        super().__init__(ref("expression"))
        self.unit = unit

    def read(self, r: Reading, name: str, key: Key) -> Expression | None:
        return r.fields.expression(r.at, name, key.required)

    def expressions(self, path: str, value: Any, entry: Any) -> Iterator[tuple[str, Expression, str]]:
        if value is not None:
            yield path, value, self.unit(entry) if callable(self.unit) else self.unit

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        if raw is not None:
            yield from t.literals(path)


CONDITION = Expr()
#: A figure in the unit of its entry; of an entry without one, a plain number.
FIGURE = Expr(lambda entry: entry.unit)


class Entries(Form):
    """A list of entries of one kind."""

    def __init__(self, entry: type) -> None:
        super().__init__(list_schema(entry_schema(entry)), blank=())
        self.entry = entry

    def read(self, r: Reading, name: str, key: Key) -> tuple[Any, ...]:
        return read_listed(r.fields, r.fields.list(r.at, name, key.required), self.entry)

    def expressions(self, path: str, value: Any, entry: Any) -> Iterator[tuple[str, Expression, str]]:
        for i, each in enumerate(value):
            yield from expressions_of(each, f"{path}.{i}.")

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        for i, each in enumerate(raw or ()):
            yield from tunables_of(t, self.entry, f"{path}.{i}", each)


class Pairs(Form):
    """[value, points] pairs. With fewer than `least` there is no telling what lies between: one finding says so."""

    def __init__(self, least: int = 0) -> None:
        schema = list_schema(list_schema(ref("number"), minItems=2, maxItems=2), "[value, points] pairs")
        super().__init__({**schema, "minItems": least} if least else schema)
        self.least = least

    def read(self, r: Reading, name: str, key: Key) -> tuple[tuple[Fraction, Fraction], ...]:
        f, found = r.fields, []
        items = f.list(r.at, name, required=True)
        for item in items:
            if not isinstance(item.value, list) or len(item.value) != 2:
                said = Text("此处应为两个数字。", "Two numbers are needed here.")
                f.report(item, "list", said, Text("请写成 [数值, 分值]。", "Write [value, points]."))
                continue
            numbers = [f.scalar_number(v) for v in item.value]
            if None not in numbers:
                found.append((Fraction(numbers[0] or 0), Fraction(numbers[1] or 0)))
        if len(found) < self.least:
            if len(items) < self.least:
                said = Text("分段计分至少需要两个点。", "A curve needs at least two points.")
                f.report(r.at, "curve", said, Text("请补充点。", "Add points."), name)
            found = [(Fraction(i), ZERO) for i in range(self.least)]
        return tuple(found)

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        unit = str(entry.get("unit") or "")
        for i, (x, y) in enumerate(raw, start=1):
            yield t.value(f"{path}.{i - 1}.0", Text(f"第 {i} 个分界值", f"Cut point {i}"), str(x), unit)
            words = Text(f"第 {i} 个分界值得分", f"Points at cut point {i}")
            yield t.points(f"{path}.{i - 1}.1", words, str(y))


class Scores(Form):
    """Name -> points, of the options of a fact or of years running; `said` gives the words of each."""

    def __init__(
        self, schema: Schema, said: Callable[[Tuner, Mapping[str, Any], str], Text], blank: Any = None
    ) -> None:
        super().__init__(schema, blank=blank)
        self.said = said

    def read(self, r: Reading, name: str, key: Key) -> Any:
        f = r.fields
        return {k: Fraction(f.scalar_number(v) or 0) for k, v in f.mapping(r.at, name, key.required).items()}

    def tunables(self, t: Tuner, path: str, raw: Any, key: Key, entry: Mapping[str, Any]) -> Iterator[Any]:
        for name, points in (raw or {}).items():
            yield t.points(f"{path}.{name}", self.said(t, entry, name), str(points))
