"""Answers and years: levels, items of a checklist, whether something is answered, earlier years."""

from __future__ import annotations

from typing import Any, cast

from scorecard.engine.language.exact import Compiled, Context, compiled, strict
from scorecard.engine.language.function import Function
from scorecard.engine.language.syntax import Call, Name, Num, Str, wrong
from scorecard.engine.language.types import BOOL, PLAIN, Checker, Type
from scorecard.engine.values.facts import Missing, Value
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text


class OfAnswer(Function):
    """A function of the answer to one fact."""

    of_fact = True
    wanted, result = "items", PLAIN

    def type(self, checker: Checker, call: Call) -> Type:
        t = checker.type(call.args[0])
        if t.kind != self.wanted:
            raise wrong(f"“{self.name}”不能用于{t.words.zh}。", f"“{self.name}” does not work on {t.words.en}.")
        return self.result

    def of(self, answer: Any, call: Call) -> Value:
        """Return its value for an answer that is there."""
        raise NotImplementedError

    def compile(self, call: Call) -> Compiled:
        return strict(lambda answers: self.of(answers[0], call), call.args[:1])


class Level(OfAnswer):
    name, wanted = "level", "level"
    said = Text("{0}的等级", "the level of {0}")

    def of(self, answer: Any, call: Call) -> Value:
        return Fraction(str(answer))

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        spec = rulebook.facts.get(cast(Name, call.args[0]).id)
        levels = [Fraction(o) for o in spec.options if o.isdecimal()] if spec else []
        return (min(levels), max(levels), True) if levels else (None, None, False)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        answer = builder.expression(call.args[0], years)
        if not answer.options or not all(option.isdecimal() for option in answer.options):
            return None
        return builder.worth(answer, [Fraction(option) for option in answer.options])


class Has(OfAnswer):
    name, fewest, most, result = "has", 2, 2, BOOL
    said = Text("{0}包含{1}", "{0} includes {1}")

    def problem(self, call: Call) -> Text | None:
        if isinstance(call.args[1], Str):
            return None
        return Text(
            "函数“has”的第二个参数应为带引号的选项编号。", "The second argument of “has” must be a quoted option id."
        )

    def of(self, answer: Any, call: Call) -> Value:
        return cast(Str, call.args[1]).value in answer if isinstance(answer, frozenset) else False

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.ticked(builder.expression(call.args[0], years), cast(Str, call.args[1]).value)


class Count(OfAnswer):
    name, unit = "count", "个"
    said = Text("{0}已满足的项数", "the number of items of {0}")

    def of(self, answer: Any, call: Call) -> Value:
        return Fraction(len(answer) if isinstance(answer, frozenset) else 0)

    def span(self, rulebook: Any, call: Call) -> tuple[Any, Any, bool]:
        spec = rulebook.facts.get(cast(Name, call.args[0]).id)
        return (Fraction(0), Fraction(len(spec.options)), True) if spec else (None, None, False)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        answer = builder.expression(call.args[0], years)
        return builder.worth(answer, [Fraction(1)] * len(answer.options)) if answer.kind == "items" else None


class Answered(Function):
    name, of_fact, decides = "answered", True, True
    said = Text("已填报{0}", "{0} is answered")

    def type(self, checker: Checker, call: Call) -> Type:
        checker.type(call.args[0])
        return BOOL

    def compile(self, call: Call) -> Compiled:
        fact = cast(Name, call.args[0]).id
        return lambda c: not isinstance(c.value(fact), Missing)

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.answered(builder.expression(call.args[0], years))


def years_of(call: Call) -> int:
    """Return the years that a call of `last` or `held` names."""
    return int(cast(Num, call.args[1]).value) if len(call.args) == 2 else 1


class OfYears(Function):
    """A function over years, whose second argument says how many."""

    most = 2

    def problem(self, call: Call) -> Text | None:
        years = call.args[1] if len(call.args) == 2 else Num(Fraction(1), "1")
        if isinstance(years, Num) and years.value.denominator == 1 and 1 <= years.value <= 5:
            return None
        return Text(
            f"函数“{self.name}”的年数应为 1 至 5 的整数。",
            f"The years of “{self.name}” must be a whole number from 1 to 5.",
        )


class Last(OfYears):
    """A fact so many years back, one when nothing is said."""

    name, of_fact, passes = "last", True, True

    def type(self, checker: Checker, call: Call) -> Type:
        return checker.type(call.args[0])

    def compile(self, call: Call) -> Compiled:
        fact, years = cast(Name, call.args[0]).id, years_of(call)
        return lambda c: c.back(years).value(fact)

    def words(self, call: Call, say: Any, zh: bool, outer: int) -> str:
        years, name = years_of(call), say(call.args[0], 0)
        if years == 1:
            return f"上年{name}" if zh else f"last year's {name}"
        return f"前{years}年的{name}" if zh else f"{name} of {years} years ago"

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        return builder.expression(call.args[0], years + years_of(call))


class Held(OfYears):
    """True when the condition holds this year and in each of the years before; a year without a record has not held."""

    name, fewest = "held", 2

    def type(self, checker: Checker, call: Call) -> Type:
        return checker.bool(call.args[0])

    def compile(self, call: Call) -> Compiled:
        condition, years = compiled(call.args[0]), years_of(call)

        def held(c: Context) -> Value:
            absent: Missing | None = None
            for back in range(years):
                v = condition(c.back(back) if back else c)
                if isinstance(v, Missing):
                    if back:
                        return False
                    absent = v
                elif not v:
                    return False
            return True if absent is None else absent

        return held

    def words(self, call: Call, say: Any, zh: bool, outer: int) -> str:
        years, inner = years_of(call), say(call.args[0], 0)
        return f"连续{years}年{inner}" if zh else f"for {years} years running: {inner}"

    def lower(self, builder: Any, call: Call, years: int) -> Any:
        now, *before = (builder.expression(call.args[0], years + back) for back in range(years_of(call)))
        return builder.every(now, *(builder.presume(each, holds=False) for each in before))
