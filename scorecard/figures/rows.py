"""One figure of a report as its fixture states it, and everything that can be wrong with it. No database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_noop as _

from scorecard.engine.values.rational import Fraction

from . import codes
from .intervals import Interval, interval
from .stored_message import StoredMessage, stored

_ID = re.compile(r"r\d{4}(?:-(?:\d{1,2}|z)){2,4}-\d{3}")
_SECTION = re.compile(r"[1-9](?:-(?:0|[1-9]|[12]\d|3[0-8]|z)){1,3}")
_PERIOD = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True)
class Row:
    """One figure as the fixture states it. ``value`` and ``unit`` exactly as printed; the rest is ours."""

    id: str
    chapter: str
    section: str
    topic: str
    institution: str
    indicator_zh: str
    indicator_en: str
    value: str
    unit: str
    normalised_value: str
    normalised_unit: str
    qualifier: str
    as_of: str
    compared_with: str
    kind: str
    dimension: str

    def interval(self) -> Interval:
        """What the printed value stands for, in base units (percentage points as hundredths)."""
        return interval(
            self.value,
            self.unit,
            self.qualifier,
            Fraction(Decimal(self.normalised_value)),
            self.normalised_unit,
            average=self.kind == "average",
        )


COLUMNS = tuple(column.name for column in fields(Row))
_MAX_LENGTH = {"institution": 60, "indicator_zh": 100, "indicator_en": 160, "value": 30, "unit": 10}


def row_problems(row: Row) -> Iterable[tuple[str, StoredMessage]]:
    """Everything wrong with one figure, as (field, message)."""
    if not _ID.fullmatch(row.id):
        yield "id", stored(_("The id must look like r2017-1-2-1-1-003: report, section and a three-digit number."))
    if not _SECTION.fullmatch(row.section):
        yield "section", stored(_("The section must look like 1-2-1-1, with z for a special topic, such as 2-1-z."))
    elif not row.id.startswith(f"{row.id[:5]}-{row.section}-") or row.id.count("-") != row.section.count("-") + 2:
        yield "id", stored(_("The id must contain the section %(section)s."), {"section": row.section})
    if not (row.chapter.isdecimal() and int(row.chapter) in codes.CHAPTERS):
        yield "chapter", stored(_("The chapter must be a number from 1 to %(last)d."), {"last": max(codes.CHAPTERS)})
    elif row.section.partition("-")[0] != row.chapter:
        yield "chapter", stored(_("The chapter must be the first number of the section."))
    for name, allowed in (("topic", codes.TOPICS), ("kind", codes.KINDS), ("dimension", codes.DIMENSIONS)):
        if getattr(row, name) not in allowed:
            yield (
                name,
                stored(
                    _("“%(value)s” is not a known code; use one of: %(codes)s."),
                    {"value": getattr(row, name), "codes": ", ".join(allowed)},
                ),
            )
    if not row.indicator_zh:
        yield "indicator_zh", stored(_("The name of the indicator is missing; give it in Chinese."))
    for name, length in _MAX_LENGTH.items():
        if len(getattr(row, name)) > length:
            yield name, stored(_("The text is longer than %(length)d characters; shorten it."), {"length": length})
    if row.qualifier and row.qualifier not in codes.QUALIFIERS:
        yield (
            "qualifier",
            stored(
                _("“%(value)s” is not a known word of precision; leave it blank or use one of the list."),
                {"value": row.qualifier},
            ),
        )
    if not _is_period(row.as_of):
        yield (
            "as_of",
            stored(_("The date must be a day, month, year or a span of them, such as 2017-12-31 or 2016/2017.")),
        )
    if row.compared_with and row.compared_with not in codes.COMPARISONS and not _is_period(row.compared_with):
        yield (
            "compared_with",
            stored(
                _("It must be blank, a date as in as_of, or one of: %(codes)s."),
                {"codes": ", ".join(codes.COMPARISONS)},
            ),
        )
    yield from _value_problems(row)


def _value_problems(row: Row) -> Iterable[tuple[str, StoredMessage]]:
    """The normalised value must be the printed value times its unit, exactly; the sign marks a fall."""
    printed = scale = None
    try:
        printed = codes.number(row.value)
    except ValueError:
        yield "value", stored(_("“%(value)s” is not a number as the report prints it."), {"value": row.value})
    try:
        scale, allowed = codes.unit_of(row.unit)
    except KeyError:
        yield (
            "unit",
            stored(
                _("The unit “%(unit)s” is unknown; write it as printed, without the word of precision."),
                {"unit": row.unit},
            ),
        )
    else:
        if row.normalised_unit not in allowed:
            yield (
                "normalised_unit",
                stored(
                    _("The unit “%(unit)s” is normalised to %(allowed)s."),
                    {
                        "unit": row.unit,
                        "allowed": ", ".join(allowed),
                    },
                ),
            )
    if not re.fullmatch(r"-?\d+(\.\d+)?", row.normalised_value):
        yield (
            "normalised_value",
            stored(_("“%(value)s” is not a plain decimal number."), {"value": row.normalised_value}),
        )
        return
    try:
        stated = Fraction(Decimal(row.normalised_value))
    except InvalidOperation:  # pragma: no cover - the pattern above admits decimals only
        return
    if len(row.normalised_value.lstrip("-").replace(".", "")) > 24:
        yield "normalised_value", stored(_("The number has more than 24 digits."))
    if stated < 0 and row.kind not in ("change", "growth", "difference"):
        yield "normalised_value", stored(_("Only a change, a growth rate or a difference can be negative."))
    if printed is not None and scale is not None and abs(stated) != printed * scale:
        yield (
            "normalised_value",
            stored(
                _("%(value)s %(unit)s is %(expected)s in the normalised unit, not %(stated)s."),
                {
                    "value": row.value,
                    "unit": row.unit,
                    "expected": _plain(printed * scale),
                    "stated": row.normalised_value,
                },
            ),
        )


def _plain(value: Fraction) -> str:
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _is_period(text: str) -> bool:
    parts = text.split("/")
    return len(parts) <= 2 and all(_is_date(part) for part in parts) and (len(parts) == 1 or parts[0] <= parts[1][:10])


def _is_date(text: str) -> bool:
    if not _PERIOD.fullmatch(text):
        return False
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
