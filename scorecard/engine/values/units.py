"""Units: how a figure with its unit is written in both languages.

A unit is a word of a rulebook (万元, 户, bp). ``%`` means a plain fraction that is shown times a hundred.
"""

from __future__ import annotations

from functools import lru_cache

from scorecard.engine.values.numbers import show, terminating_digits
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text

#: unit -> its name, as it stands in the head of a column; `after` says how it follows a number.
UNIT_LABELS: dict[str, Text] = {
    "万元": Text("万元", "CNY 10,000"),
    "亿元": Text("亿元", "CNY 100 million"),
    "元": Text("元", "CNY"),
    "户": Text("户", "borrowers"),
    "家": Text("家", "institutions"),
    "人": Text("人", "people"),
    "人次": Text("人次", "cases"),
    "件": Text("件", "cases"),
    "个": Text("个", "items"),
    "次": Text("次", "times"),
    "笔": Text("笔", "loans"),
    "天": Text("天", "days"),
    "工作日": Text("个工作日", "working days"),
    "学时": Text("学时", "hours"),
    "年": Text("年", "years"),
    "名": Text("名", "places"),
    "分": Text("分", "points"),
    "bp": Text("个基点", "bp"),
    "pp": Text("个百分点", "pp"),
    "万元/户": Text("万元/户", "CNY 10,000 per borrower"),
    "%": Text("%", "%"),
    "": Text("", ""),
}


def quantity(value: Fraction, unit: str, lang: str) -> str:
    """Return a figure with its unit."""
    return quantities(value, unit).get(lang)


def quantities(value: Fraction, unit: str) -> Text:
    """Return a figure with its unit: exactly when six decimals suffice, else with four; a percentage with up to two."""
    figure = _figure(value * 100, 2, 2) if unit == "%" else _figure(value, 6, 4)
    return Text(figure + after(unit, "zh"), figure + after(unit, "en", abs(value) == 1))


@lru_cache(maxsize=512)
def after(unit: str, lang: str, one: bool = False) -> str:
    """Return a unit as it follows a number (as it follows a one), with the space between. A unit that begins with a
    number of its own is told apart from the figure: 9.1 × CNY 10,000."""
    if unit == "%":
        return "%"
    label = UNIT_LABELS.get(unit, Text(unit, unit)).get(lang)
    if not label:
        return ""
    if one and unit in UNIT_LABELS:
        label = "person" if label == "people" else label.removesuffix("s")
    return f" × {label}" if label.startswith("CNY 1") else f" {label}"


def _figure(value: Fraction, most: int, rounded: int) -> str:
    needed = terminating_digits(value)
    digits = needed if needed is not None and needed <= most else rounded
    shown = show(value, digits, grouping=True)
    # A figure that is not zero is not shown as zero: digits are added until something is left of it.
    while not shown.strip("0.") and value and digits < 40:
        digits += 1
        shown = show(value, digits, grouping=True)
    return shown
