"""Reading fields out of marks. Each reader reports what is wrong as a finding and returns something harmless, so that
one pass finds everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from scorecard.engine.declarations.source import Mark
from scorecard.engine.errors import ExpressionError
from scorecard.engine.language.syntax import Expression, Num, parse_expression
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Instrument, Source
from scorecard.engine.values.text import EMPTY, Text

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
BASES = ("sourced", "reconstructed", "proposed")
ZERO_EXPRESSION = Expression("0", Num(Fraction(0), "0"))


_NUMERALS = ("", *"一二三四五六七八九十", *(f"十{n}" for n in "一二三四五六七八九"), "二十")


def article_words(article: str) -> Text:
    """Return a place in a report as people write it: ``5-4`` is 第五章第四节; any other article stands as it is."""
    parts = [int(part) for part in article.split("-") if part.isdecimal()]
    if len(parts) < 2 or len(parts) != article.count("-") + 1 or not all(0 < n < len(_NUMERALS) for n in parts):
        return Text(article, article)
    chapter, section, *more = parts
    zh = f"第{_NUMERALS[chapter]}章第{_NUMERALS[section]}节" + (f"（{_NUMERALS[more[0]]}）" if more else "")
    en = f"chapter {chapter}, section {section}" + (f" ({more[0]})" if more else "")
    rest = "".join(f".{n}" for n in more[1:]).removeprefix(".")
    return Text(zh + rest, f"{en} {rest}".rstrip())


def cited(text: str, documents: Mapping[str, Any]) -> tuple[str, str, Text | None]:
    """Return the document and the article that `document § article` names, and how both are cited together; None for
    that where there is no such document.
    """
    name, _, article = (part.strip() for part in text.partition("§"))
    if name not in documents:
        return name, article, None
    cite, place = documents[name].cite, article_words(article)
    return name, article, Text(f"{cite.zh}{place.zh}", f"{cite.en}, {place.en}") if article else cite


class Fields:
    """Reads fields and gathers findings. `broken` holds paths with findings, whose consequences lint leaves out."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.broken: set[str] = {f.key for f in findings}
        #: The documents that may be cited, and the one under which rules are carried out that name none.
        self.documents: Mapping[str, Any] = {}
        self.under = ""
        self.marks: dict[str, Mark] = {}

    def report(self, mark: Mark, code: str, message: Text, remedy: Text, key: str = "") -> None:
        path = f"{mark.path}.{key}" if key and mark.path else key or mark.path
        at = (mark.get(key) if key else None) or mark
        line = mark.key_lines.get(key, at.line) if key else mark.line
        self.findings.append(Finding(at.file, line, path, code, message, remedy))
        self.broken.add(path)

    def missing(self, mark: Mark, key: str, remedy: Text | None = None) -> None:
        """Report a key that must be there and is not."""
        add = remedy or Text(f"请补充“{key}”。", f"Add “{key}”.")
        self.report(mark, "missing-key", Text(f"缺少“{key}”。", f"“{key}” is missing."), add, key)

    def known(self, mark: Mark, allowed: Iterable[str]) -> None:
        """Report keys that nothing reads."""
        names = tuple(allowed)
        for key, _ in mark.items():
            if key not in names:
                said = Text(f"不认识的键“{key}”。", f"The key “{key}” is not known here.")
                use = Text(f"请改为以下之一：{'、'.join(names)}。", f"Use one of {', '.join(names)}.")
                self.report(mark, "unknown-key", said, use, key)

    def mapping(self, mark: Mark, key: str, required: bool = False) -> Mark:
        child = mark.get(key)
        if child is not None and isinstance(child.value, dict):
            return child
        if child is not None or required:
            said = Text(f"“{key}”应为一组键值。", f"“{key}” must be a mapping.")
            self.report(mark, "mapping", said, Text("请写成“键: 值”。", "Write it as “key: value”."), key)
        return Mark({}, mark.file, mark.line, f"{mark.path}.{key}" if mark.path else key)

    def some(self, mark: Mark, key: str) -> list[Mark]:
        """Read a list that is not empty."""
        found, there = self.list(mark, key, required=True), mark.get(key)
        if there is not None and there.value == []:
            said = Text(f"“{key}”不能为空。", f"“{key}” must not be empty.")
            self.report(mark, "list", said, Text("请至少写一项。", "Write one entry at least."), key)
        return found

    def list(self, mark: Mark, key: str, required: bool = False) -> list[Mark]:
        child = mark.get(key)
        if child is not None and isinstance(child.value, list):
            return child.value
        if child is not None or required:
            said = Text(f"“{key}”应为列表。", f"“{key}” must be a list.")
            self.report(mark, "list", said, Text("请以“-”逐行列出。", "Write one line with “-” for each."), key)
        return []

    def string(self, mark: Mark, key: str, default: str = "", required: bool = False) -> str:
        child = mark.get(key)
        if child is None or child.value is None:
            if required:
                self.missing(mark, key)
            return default
        if isinstance(child.value, str):
            return child.value
        said = Text(f"“{key}”应为单个值。", f"“{key}” must be a single value.")
        self.report(mark, "scalar", said, Text("请写成一个值。", "Write one value."), key)
        return default

    def choice(self, mark: Mark, key: str, options: Iterable[str], default: str = "", required: bool = False) -> str:
        value = self.string(mark, key, default, required)
        names = tuple(options)
        if value in names or (value == default and mark.get(key) is None):
            return value
        said = Text(f"“{key}”的值“{value}”无效。", f"“{value}” is not a value of “{key}”.")
        use = Text(f"请使用以下之一：{'、'.join(names)}。", f"Use one of {', '.join(names)}.")
        self.report(mark, "choice", said, use, key)
        return default

    def scalar_number(self, mark: Mark) -> Decimal | None:
        """Return a scalar mark as a decimal; report it when it is none."""
        shown = mark.value if isinstance(mark.value, str) else ""
        if NUMBER.fullmatch(shown) and len(shown) <= 30:
            return Decimal(shown)
        said = Text(f"“{shown}”不是数字。", f"“{shown}” is not a number.")
        self.report(mark, "number", said, Text("请写成普通小数，例如 0.5。", "Write a plain decimal, such as 0.5."))
        return None

    def number(self, mark: Mark, key: str, required: bool = False) -> Decimal | None:
        child = mark.get(key)
        if child is not None and child.value is not None:
            return self.scalar_number(child)
        if required:
            self.missing(mark, key)
        return None

    def fraction(self, mark: Mark, key: str, required: bool = False) -> Fraction | None:
        found = self.number(mark, key, required)
        return None if found is None else Fraction(found)

    def text_of(self, mark: Mark) -> Text:
        """Read a bilingual text: a mapping with zh and en, both filled."""
        self.known(mark, ("zh", "en"))
        texts = {}
        for lang, name in (("zh", "中文"), ("en", "英文")):
            child = mark.get(lang)
            value = child.value.strip() if child is not None and isinstance(child.value, str) else ""
            if not value:
                said = Text(f"缺少{name}文本。", f"The text in {'Chinese' if lang == 'zh' else 'English'} is missing.")
                self.report(mark, "language", said, Text(f"请在“{lang}”下补充。", f"Add it under “{lang}”."), lang)
            texts[lang] = value
        return Text(texts["zh"], texts["en"])

    def text(self, mark: Mark, key: str, required: bool = False) -> Text:
        child = mark.get(key)
        if child is not None and isinstance(child.value, dict):
            return self.text_of(child)
        if child is not None:
            said = Text(f"“{key}”应有中文和英文。", f"“{key}” must be in both languages.")
            self.report(mark, "language", said, Text("请写成 {zh: …, en: …}。", "Write {zh: …, en: …}."), key)
        elif required:
            self.missing(mark, key, Text(f"请补充中英文的“{key}”。", f"Add “{key}” with zh and en."))
        return EMPTY

    def expression(self, mark: Mark, key: str, required: bool = True) -> Expression | None:
        """Read an expression; one that is not required may be missing."""
        if mark.get(key) is None and not required:
            return None
        text = self.string(mark, key, "", required)
        if not text:
            return ZERO_EXPRESSION
        try:
            return parse_expression(text)
        except ExpressionError as e:
            use = Text(
                "请按 docs/rules.md 所列语法修改表达式。", "Change the expression to the language in docs/rules.md."
            )
            self.report(mark, "expression", e.message, use, key)
            return ZERO_EXPRESSION

    def source(self, mark: Mark, required: bool = True, instrument: Instrument | None = None) -> Source | None:
        """Read `source: document § article`."""
        found = self._cited(mark, "source", self.string(mark, "source", "", required))
        return Source(*found, instrument) if found else None

    def instrument(self, mark: Mark) -> Instrument | None:
        """Read `instrument: document § article`; without it the one of the rulebook's head holds."""
        found = self._cited(mark, "instrument", self.string(mark, "instrument") or self.under)
        return Instrument(found[2], self.documents[found[0]].text) if found else None

    def _cited(self, mark: Mark, key: str, text: str) -> tuple[str, str, Text] | None:
        """Return the document, the article and the citation of both."""
        if not text:
            return None
        name, article, cite = cited(text, self.documents)
        if cite is None:
            said = Text(f"没有编号为“{name}”的文件。", f"There is no document “{name}”.")
            add = Text("请在“documents”中登记，或改正编号。", "Add it under “documents”, or correct the id.")
            self.report(mark, "reference", said, add, key)
            return None
        return name, article, cite
