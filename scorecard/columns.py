"""The columns of lists: text, exact figures, states, instants and deadlines; each says what its exports hold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import django_tables2
from django.utils.html import format_html
from django.utils.safestring import SafeString

from scorecard.engine.values.rational import Fraction
from scorecard.ui.templatetags.ui import DASH, chip, deadline_tag
from scorecard.words import formats


class Column(django_tables2.Column):
    """A column of text. ``css`` is the class of its cells; ``export_only`` columns stand in files alone."""

    css = ""

    def __init__(self, *args: Any, css: str | None = None, export_only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if css is not None:
            self.css = css
        self.export_only = export_only

    @property
    def unit_label(self) -> str:
        """The unit that stands in the head, under the title."""
        return ""

    def value(self, value: Any, **kwargs: Any) -> Any:
        """What goes into an export: the raw value, never markup."""
        return value


class FigureColumn(Column):
    """Exact figures, right-aligned, the unit in the head.

    ``unit`` is the unit of the data, ``shown_in`` the one of the column (万元 shown in 亿元; ``fraction`` shown in
    percent by itself). Cells are rounded for reading, with every digit in the title; exports keep every digit.
    """

    css = "num"
    empty_values = (None, "")

    def __init__(
        self,
        *args: Any,
        unit: str = "",
        shown_in: str = "",
        digits: int | None = None,
        sign: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("initial_sort_descending", True)
        super().__init__(*args, **kwargs)
        self.unit, self.digits, self.sign = unit, digits, sign
        self.shown_in = shown_in or ("percent" if unit == "fraction" else unit)
        self.factor = {
            ("fraction", "percent"): Fraction(100),
            ("万元", "亿元"): Fraction(1, 10_000),
            ("元", "万元"): Fraction(1, 10_000),
            ("户", "万户"): Fraction(1, 10_000),
        }.get((unit, self.shown_in), Fraction(1))
        if self.factor == 1 and unit != self.shown_in:
            raise ValueError(f"A column in {self.shown_in} cannot show figures in {unit}.")
        if digits is None and self.shown_in in ("亿元", "万元", "percent", "pp", "万户"):
            self.digits = 2

    @property
    def unit_label(self) -> str:
        return formats.unit_name(self.shown_in)

    def scaled(self, value: Any) -> Decimal | Fraction | None:
        """The figure in the column's unit, exact."""
        number = formats.to_number(value)
        if number is None or self.factor == 1:
            return number
        if isinstance(number, Decimal):
            return number * self.factor.numerator if self.factor > 1 else number.scaleb(-4)
        return number * self.factor

    def render(self, value: Any, **kwargs: Any) -> Any:
        number = self.scaled(value)
        if number is None:
            return DASH
        digits = self.digits
        if digits is None:
            text = formats.exact_text(number)
            digits = 2 if "/" in text else min(4, len(text.partition(".")[2]))
        shown = formats.grouped(formats.rounded(number, digits), sign=self.sign)
        exact = formats.exact_text(number)
        if exact == shown:
            return shown
        whole = f"{exact} {formats.unit_after(self.shown_in)}".strip()
        return format_html('<span title="{}">{}</span>', whole, shown)

    def value(self, value: Any, **kwargs: Any) -> Any:
        return self.scaled(value)


class ChipColumn(Column):
    """A state as a chip: ``kinds`` gives the meaning of each code; a code that is not listed is neutral. ``words`` is
    the attribute that says a state whose code does not say all, on the screen and in the file.
    """

    css = "nowrap"

    def __init__(
        self, *args: Any, kinds: Mapping[str, str] | None = None, words: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kinds, self.words = kinds or {}, words

    def render(self, value: Any, record: Any, bound_column: Any, **kwargs: Any) -> SafeString:
        code = bound_column.accessor.resolve(record, quiet=True)
        said = getattr(record, self.words) if self.words else value
        return chip(said, self.kinds.get(str(code), "neutral"))


class MomentColumn(Column):
    """An instant, in Shanghai time."""

    css = "num"

    def render(self, value: Any, **kwargs: Any) -> str:
        return formats.moment(value)


class DeadlineColumn(Column):
    """A deadline in words and as a date."""

    css = "nowrap"

    def render(self, value: Any, **kwargs: Any) -> SafeString:
        return deadline_tag(value)
