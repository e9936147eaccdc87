"""Values that somebody types for a tunable: read, or refused with what mends them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from scorecard.engine.declarations.fields import NUMBER
from scorecard.engine.declarations.keys import is_number
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import quoted
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text
from scorecard.engine.whatif.literals import YEARS_HELD
from scorecard.engine.whatif.tunables import GRADE, OFF, ON, PERCENT, SWITCH, YEARS, Tunable

MAX_TYPED = 16


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one chosen value, and what mends it. `path` is "" when it is about the whole."""

    path: str
    message: Text
    remedy: Text


def stored(tunable: Tunable) -> str:
    """Return today's value as it stands in the rulebook."""
    return plain(Decimal(tunable.value) / 100) if tunable.form == PERCENT else tunable.value


def same(a: str, b: str) -> bool:
    """Return whether two stored values are equal, as numbers where they are numbers."""
    return Decimal(a) == Decimal(b) if is_number(a) and is_number(b) else a == b


def read_typed(rulebook: Rulebook, tunable: Tunable, text: str, problems: list[Problem]) -> str | None:
    """Return a typed value as it stands in the rulebook; None when nothing is typed, or what is typed is wrong."""
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").replace(" ", "").strip()
    if not clean:
        return None
    if tunable.form == SWITCH:
        return OFF if clean == OFF else ON
    if tunable.form == GRADE and clean in rulebook.grade_order:
        return clean
    body = clean.removesuffix("%") if tunable.form == PERCENT else clean
    wrong = _wrong(tunable, text, body)
    if wrong is not None:
        problems.append(Problem(tunable.path, *wrong))
        return None
    return plain(Decimal(body) / 100 if tunable.form == PERCENT else Decimal(body))


def _wrong(tunable: Tunable, text: str, body: str) -> tuple[Text, Text] | None:
    """Return message and remedy of a typed value that cannot be taken."""
    name, label = tunable.name, tunable.label
    zh, en = f"“{name.zh}”的“{label.zh}”", f"“{label.en}” of “{name.en}”"
    keep = Text("留空表示不改。", " Leave it blank to keep it.")
    if tunable.form == GRADE:
        said = Text(f"“{label.zh}”不是本办法的等次。", f"“{label.en}” is no grade of this rulebook.")
        return said, Text("请从列表中选择等次。", "Choose a grade of the list.")
    if not NUMBER.fullmatch(body):
        given, such = quoted(text), tunable.value
        said = Text(f"{zh}应填数字，不能是“{given}”。", f"{en} must be a number, not “{given}”.")
        return said, Text(f"请填普通小数，例如 {such}。{keep.zh}", f"Type a plain decimal, such as {such}.{keep.en}")
    if len(body) > MAX_TYPED:
        use = Text(f"请填不超过 {MAX_TYPED} 位的数字。{keep.zh}", f"Type at most {MAX_TYPED} digits.{keep.en}")
        return Text(f"{zh}位数过多。", f"{en} has too many digits."), use
    number = Decimal(body)
    if number < 0 <= Decimal(tunable.value) and tunable.path == f"{tunable.entry}.max":
        said = Text(f"{zh}不得低于 0，现填 {plain(number)}。", f"{en} must not be below 0; it is {plain(number)}.")
        return said, Text(f"请填 0 或以上的数字。{keep.zh}", f"Type 0 or more.{keep.en}")
    low, high = (int(years) for years in YEARS_HELD)
    if tunable.form == YEARS and not (number == int(number) and low <= number <= high):
        said = Text(
            f"“{name.zh}”的年数应为 {low} 至 {high} 的整数，不能是“{quoted(text)}”。",
            f"The years of “{name.en}” must be a whole number from {low} to {high}, not “{quoted(text)}”.",
        )
        return said, Text(f"请填 {low} 至 {high} 的整数。", f"Type a whole number from {low} to {high}.")
    return None
