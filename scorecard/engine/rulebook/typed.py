"""Facts as people type them and read them.

Typed text may use full-width digits and signs, thousands separators, spaces and the unit itself. A ratio or rate is
typed as a percentage ("45", "45%" and "45.0％" all mean 0.45), because the form shows the percent sign beside the box.
Files between machines (CSV of `score`) hold the fraction: `parse_fact(..., percent=False)` reads a bare "0.45" as
0.45 and "45%" as 0.45.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from scorecard.engine.errors import FactError
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.facts import FactValue, Nothing
from scorecard.engine.values.numbers import exact, plain, show, terminating_digits, to_decimal
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text, join
from scorecard.engine.values.units import UNIT_LABELS, after, quantities

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE][+-]?\d{1,2}")
_NOT_APPLICABLE = {"不适用", "n/a", "na", "not applicable"}
_NOT_SUPPLIED = {"待提供", "待监管部门提供", "not supplied"}
_YES = {"是", "yes", "y", "true", "1", "√", "有"}
_NO = {"否", "no", "n", "false", "0", "×", "无"}
_EMPTY_SET = {"无", "none", "[]", "-"}
_SEPARATORS = re.compile(r"[,，、;；|/\n\r\t]+")
#: What an amount may be typed in, in yuan: every unit in which a page shows amounts.
_YUAN = {
    "元": 1,
    "千元": 10**3,
    "万元": 10**4,
    "百万元": 10**6,
    "千万元": 10**7,
    "亿元": 10**8,
    "十亿元": 10**9,
    "万亿元": 10**12,
    "CNY": 1,
    "thousand CNY": 10**3,
    "CNY 10,000": 10**4,
    "million CNY": 10**6,
    "CNY 100 million": 10**8,
    "billion CNY": 10**9,
}
#: Units that are counted, and so in tens of thousands too.
_COUNTED = frozenset({"户", "家", "人", "人次", "件", "个", "次", "笔"})
#: Other words for units that pages and people use.
_ALSO = {"pp": ("百分点", "percentage points"), "bp": ("基点", "basis points"), "工作日": ("天", "days")}
YES, NO, NONE = Text("是", "yes"), Text("否", "no"), Text("无", "none")
MAX_DIGITS = 24
MAX_QUOTED = 40


def _error(spec: FactSpec, zh: str, en: str) -> FactError:
    return FactError(Text(f"“{spec.label.zh}”{zh}", f"“{spec.label.en}” {en}"))


def quoted(text: str) -> str:
    """What was typed, as a message repeats it: the beginning of a long text says enough."""
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def parse_fact(spec: FactSpec, text: str | int | float | Decimal | bool | None, *, percent: bool = True) -> FactValue:
    """Read a value of a fact from typed text or a spreadsheet cell.

    A cell that is already a number (Decimal, int, float) is taken as the stored value: a ratio as a fraction. Blank is
    UNANSWERED, "不适用" or "N/A" is NOT_APPLICABLE. Raises FactError with one bilingual sentence that names the fact.
    """
    if text is None:
        return Nothing.UNANSWERED
    if isinstance(text, bool):
        text = "是" if text else "否"
    if isinstance(text, int | float | Decimal):
        percent = False
        text = _cell_text(spec, text)
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u00a0", " ").strip()
    if not clean:
        return Nothing.UNANSWERED
    if clean.lower() in _NOT_APPLICABLE:
        return Nothing.NOT_APPLICABLE
    if clean.lower() in _NOT_SUPPLIED:
        return Nothing.NOT_SUPPLIED
    if spec.is_number:
        return _number(spec, clean, percent)
    if spec.kind == "bool":
        if clean.lower() in _YES:
            return True
        if clean.lower() in _NO:
            return False
        raise _error(spec, f"应填“是”或“否”，不能是“{quoted(clean)}”。", f"must be yes or no, not “{quoted(clean)}”.")
    if spec.kind == "level":
        return _level(spec, clean)
    if spec.kind == "checklist":
        return _checklist(spec, clean)
    return clean


def _cell_text(spec: FactSpec, number: int | float | Decimal) -> str:
    number = Decimal(repr(number) if isinstance(number, float) else number)
    if not number.is_finite():
        raise _error(spec, "不是有效数字。", "is not a valid number.")
    return plain(number)


def _number(spec: FactSpec, text: str, percent: bool) -> Decimal:
    body, factor = _without_unit(spec, text)
    compact = body.replace(" ", "")
    if compact.endswith("%"):
        if spec.unit != "%":
            raise _error(spec, "不是比率，不能带百分号。", "is not a ratio, so it takes no percent sign.")
        compact, factor = compact[:-1], Fraction(1, 100)
    elif spec.unit == "%" and percent:
        factor = Fraction(1, 100)
    if _GROUPED.fullmatch(compact):
        compact = compact.replace(",", "")
    if not (_PLAIN.fullmatch(compact) or _SCIENTIFIC.fullmatch(compact)):
        unit = UNIT_LABELS.get(spec.unit, Text(spec.unit, spec.unit))
        raise _error(
            spec,
            f"应填数字（单位：{unit.zh or '无'}），不能是“{quoted(text)}”。",
            f"must be a number{f' in {unit.en}' if unit.en else ''}, not “{quoted(text)}”.",
        )
    if len(compact) > MAX_DIGITS + 4:
        raise _too_long(spec)
    number = Fraction(Decimal(compact)) * factor
    if abs(number) >= 10**18 or (terminating_digits(number) or 0) > 20:
        raise _too_long(spec)
    message = range_message(spec, number)
    if message is not None:
        raise FactError(message)
    return to_decimal(number)


def range_message(spec: FactSpec, value: Fraction) -> Text | None:
    """Return a message when a figure is outside the range of its fact."""
    for bound, outside, zh, en in (
        (spec.min, spec.min is not None and value < Fraction(spec.min), "不得低于", "must not be below"),
        (spec.max, spec.max is not None and value > Fraction(spec.max), "不得高于", "must not be above"),
    ):
        if outside and bound is not None:
            edge, now = quantities(Fraction(bound), spec.unit), quantities(value, spec.unit)
            return Text(
                f"“{spec.label.zh}”{zh} {edge.zh}，现填 {now.zh}。",
                f"“{spec.label.en}” {en} {edge.en}; it is {now.en}.",
            )
    if spec.kind == "count" and spec.digits == 0 and value.denominator != 1:
        return Text(f"“{spec.label.zh}”应为整数。", f"“{spec.label.en}” must be a whole number.")
    return None


def _too_long(spec: FactSpec) -> FactError:
    return _error(
        spec,
        "位数过多：整数部分请不超过 18 位，小数部分不超过 6 位，并请核对单位。",
        "has too many digits: type at most 18 before the point and 6 after it, and check the unit.",
    )


@lru_cache(maxsize=64)
def typed_units(unit: str) -> tuple[tuple[str, Fraction], ...]:
    """Return what may follow a figure of this unit, with how many of the unit it is; the longest first."""
    if unit in ("", "%"):
        return ()
    label = UNIT_LABELS.get(unit, Text(unit, unit))
    one = after(unit, "en", True).lstrip(" ×")
    found = dict.fromkeys((unit, label.zh, label.en, one, *_ALSO.get(unit, ())), Fraction(1))
    if unit in _YUAN:
        found |= {name: Fraction(worth, _YUAN[unit]) for name, worth in _YUAN.items()}
    elif unit in _COUNTED:
        found |= {f"万{unit}": Fraction(10000), f"10,000 {label.en}": Fraction(10000)}
    return tuple(sorted(found.items(), key=lambda each: -len(each[0])))


def _without_unit(spec: FactSpec, text: str) -> tuple[str, Fraction]:
    for typed, factor in typed_units(spec.unit):
        body = text[: -len(typed)]
        # 110,000 borrowers are not one of “10,000 borrowers”.
        apart = not typed[0].isdigit() or body.endswith((" ", "×"))
        if body and apart and text[-len(typed) :].casefold() == unicodedata.normalize("NFKC", typed).casefold():
            return body.rstrip(" ×"), factor
    return text, Fraction(1)


def _option(spec: FactSpec, text: str) -> str | None:
    if text in spec.options:
        return text
    for id, label in spec.options.items():
        names = (label.zh, label.en)
        if text in (*names, *(f"{id}{dot} {name}" for dot in ("", ".") for name in names)):
            return id
        if unicodedata.normalize("NFKC", label.zh) == text:
            return id
    return None


def _level(spec: FactSpec, text: str) -> str:
    found = _option(spec, text) or (_option(spec, text[:-2]) if text.endswith(".0") else None)
    if found is None:
        listed = "、".join(f"{i}（{t.zh}）" for i, t in spec.options.items())
        listed_en = ", ".join(f"{i} ({t.en})" for i, t in spec.options.items())
        raise _error(
            spec,
            f"没有等级“{quoted(text)}”，可填：{listed}。",
            f"has no level “{quoted(text)}”; use one of {listed_en}.",
        )
    return found


def _checklist(spec: FactSpec, text: str) -> frozenset[str]:
    if text.lower() in _EMPTY_SET:
        return frozenset()
    whole = _option(spec, text)
    if whole is not None:
        return frozenset((whole,))
    found = set()
    for part in (p.strip() for p in _SEPARATORS.split(text)):
        if not part:
            continue
        option = _option(spec, part)
        if option is None:
            listed = "、".join(spec.options)
            raise _error(
                spec,
                f"没有选项“{quoted(part)}”，可填：{listed}，或“无”。",
                f"has no item “{quoted(part)}”; use {', '.join(spec.options)}, or “none”.",
            )
        found.add(option)
    return frozenset(found)


def format_fact(spec: FactSpec, value: FactValue | None, lang: str) -> str:
    """Return a value of a fact as people read it, with its unit; `format_fact` never hides digits that were filed."""
    if value is None:
        value = Nothing.UNANSWERED
    if isinstance(value, Nothing):
        return value.label.get(lang)
    if isinstance(value, Decimal):
        return number_text(spec, value) + after(spec.unit, lang)
    return answer_text(spec.options, value).get(lang)


def answer_text(options: Mapping[str, Text], value: bool | str | frozenset[str]) -> Text:
    """Return an answer that is no number as people read it: options by their names."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, frozenset):
        listed = [label for id, label in options.items() if id in value]
        return join(listed, "、", "; ") if listed else NONE
    return options.get(value) or Text(value, value)


def number_text(spec: FactSpec, value: Decimal) -> str:
    """Return the figure without its unit, grouped, a ratio times a hundred; with at least the digits that were
    filed.
    """
    shown = Fraction(value) * (100 if spec.unit == "%" else 1)
    needed = terminating_digits(shown) or 0
    return show(shown, max(needed, 0 if needed == 0 else min(spec.digits, 2)), grouping=spec.unit != "年")


def input_text(spec: FactSpec, value: FactValue | None) -> str:
    """Return a value as it stands in a form's box, so that `parse_fact` reads it back unchanged."""
    if value is None or value is Nothing.UNANSWERED:
        return ""
    if isinstance(value, Nothing):
        return value.label.zh
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return str(exact(Fraction(value) * (100 if spec.unit == "%" else 1)))
    if isinstance(value, frozenset):
        return ",".join(id for id in spec.options if id in value) or "无"
    return value
