"""Reading fields out of marks. Each reader reports what is wrong as a finding and returns something harmless, so that
one pass finds everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from scorecard.engine.declarations.source import Mark
from scorecard.engine.errors import ExpressionError
from scorecard.engine.language.syntax import Expression, Num, parse_expression
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import Source
from scorecard.engine.values.text import EMPTY, Text

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BASES = ("sourced", "reconstructed", "proposed")
ZERO_EXPRESSION = Expression("0", Num(Fraction(0), "0"))


class Fields:
    """Reads fields and gathers findings. `broken` holds paths with findings, whose consequences lint leaves out."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.broken: set[str] = {f.key for f in findings}
        self.citations: dict[str, Text] = {}
        self.marks: dict[str, Mark] = {}

    def report(self, mark: Mark, code: str, message: Text, remedy: Text, key: str = "") -> None:
        path = f"{mark.path}.{key}" if key and mark.path else key or mark.path
        line = mark.key_lines.get(key, mark.line) if key else mark.line
        child = mark.get(key) if key else None
        file = child.file if child is not None else mark.file
        if child is not None and key not in mark.key_lines:
            line = child.line
        self.findings.append(Finding(file, line, path, code, message, remedy))
        self.broken.add(path)

    def known(self, mark: Mark, allowed: Iterable[str]) -> None:
        """Report keys that nothing reads."""
        names = tuple(allowed)
        for key, _ in mark.items():
            if key not in names:
                listed = "、".join(names)
                self.report(
                    mark,
                    "unknown-key",
                    Text(f"不认识的键“{key}”。", f"The key “{key}” is not known here."),
                    Text(f"请改为以下之一：{listed}。", f"Use one of {', '.join(names)}."),
                    key,
                )

    def mapping(self, mark: Mark, key: str, required: bool = False) -> Mark:
        child = mark.get(key)
        if child is not None and isinstance(child.value, dict):
            return child
        if child is not None or required:
            self.report(
                mark,
                "mapping",
                Text(f"“{key}”应为一组键值。", f"“{key}” must be a mapping."),
                Text("请写成“键: 值”。", "Write it as “key: value”."),
                key,
            )
        return Mark({}, mark.file, mark.line, f"{mark.path}.{key}" if mark.path else key)

    def some(self, mark: Mark, key: str) -> list[Mark]:
        """Read a list that is not empty."""
        found, there = self.list(mark, key, required=True), mark.get(key)
        if there is not None and there.value == []:
            self.report(
                mark,
                "list",
                Text(f"“{key}”不能为空。", f"“{key}” must not be empty."),
                Text("请至少写一项。", "Write one entry at least."),
                key,
            )
        return found

    def list(self, mark: Mark, key: str, required: bool = False) -> list[Mark]:
        child = mark.get(key)
        if child is not None and isinstance(child.value, list):
            return child.value
        if child is not None or required:
            self.report(
                mark,
                "list",
                Text(f"“{key}”应为列表。", f"“{key}” must be a list."),
                Text("请以“-”逐行列出。", "Write one line with “-” for each."),
                key,
            )
        return []

    def string(self, mark: Mark, key: str, default: str = "", required: bool = False) -> str:
        child = mark.get(key)
        if child is None or child.value is None:
            if required:
                self.report(
                    mark,
                    "missing-key",
                    Text(f"缺少“{key}”。", f"“{key}” is missing."),
                    Text(f"请补充“{key}”。", f"Add “{key}”."),
                    key,
                )
            return default
        if isinstance(child.value, str):
            return child.value
        self.report(
            mark,
            "scalar",
            Text(f"“{key}”应为单个值。", f"“{key}” must be a single value."),
            Text("请写成一个值。", "Write one value."),
            key,
        )
        return default

    def choice(self, mark: Mark, key: str, options: Iterable[str], default: str = "", required: bool = False) -> str:
        value = self.string(mark, key, default, required)
        names = tuple(options)
        if value in names or (value == default and mark.get(key) is None):
            return value
        self.report(
            mark,
            "choice",
            Text(f"“{key}”的值“{value}”无效。", f"“{value}” is not a value of “{key}”."),
            Text(f"请使用以下之一：{'、'.join(names)}。", f"Use one of {', '.join(names)}."),
            key,
        )
        return default

    def flag(self, mark: Mark, key: str, default: bool = False) -> bool:
        return self.choice(mark, key, ("true", "false"), "true" if default else "false") == "true"

    def scalar_number(self, mark: Mark) -> Decimal | None:
        """Return a scalar mark as a decimal; report it when it is none."""
        if isinstance(mark.value, str) and NUMBER.fullmatch(mark.value) and len(mark.value) <= 30:
            try:
                return Decimal(mark.value)
            except InvalidOperation:
                pass
        shown = mark.value if isinstance(mark.value, str) else ""
        self.report(
            mark,
            "number",
            Text(f"“{shown}”不是数字。", f"“{shown}” is not a number."),
            Text("请写成普通小数，例如 0.5。", "Write a plain decimal, such as 0.5."),
        )
        return None

    def number(self, mark: Mark, key: str, default: Decimal | None = None, required: bool = False) -> Decimal | None:
        child = mark.get(key)
        if child is None or child.value is None:
            if required:
                self.report(
                    mark,
                    "missing-key",
                    Text(f"缺少“{key}”。", f"“{key}” is missing."),
                    Text(f"请补充“{key}”。", f"Add “{key}”."),
                    key,
                )
            return default
        found = self.scalar_number(child)
        return default if found is None else found

    def need_number(self, mark: Mark, key: str) -> Decimal:
        return self.number(mark, key, None, required=True) or Decimal(0)

    def fraction(
        self, mark: Mark, key: str, default: Fraction | None = None, required: bool = False
    ) -> Fraction | None:
        found = self.number(mark, key, None, required)
        return default if found is None else Fraction(found)

    def integer(self, mark: Mark, key: str, default: int, low: int, high: int) -> int:
        found = self.number(mark, key)
        if found is None:
            return default
        if found != int(found) or not low <= found <= high:
            self.report(
                mark,
                "number",
                Text(f"“{key}”应为 {low} 至 {high} 的整数。", f"“{key}” must be a whole number from {low} to {high}."),
                Text("请改为该范围内的整数。", "Use a whole number of this range."),
                key,
            )
            return default
        return int(found)

    def text_of(self, mark: Mark) -> Text:
        """Read a bilingual text: a mapping with zh and en, both filled."""
        self.known(mark, ("zh", "en"))
        texts = {}
        for lang, name in (("zh", "中文"), ("en", "英文")):
            child = mark.get(lang)
            value = child.value.strip() if child is not None and isinstance(child.value, str) else ""
            if not value:
                self.report(
                    mark,
                    "language",
                    Text(f"缺少{name}文本。", f"The text in {'Chinese' if lang == 'zh' else 'English'} is missing."),
                    Text(f"请在“{lang}”下补充。", f"Add it under “{lang}”."),
                    lang,
                )
            texts[lang] = value
        return Text(texts["zh"], texts["en"])

    def text(self, mark: Mark, key: str, required: bool = False) -> Text:
        child = mark.get(key)
        if child is None:
            if required:
                self.report(
                    mark,
                    "missing-key",
                    Text(f"缺少“{key}”。", f"“{key}” is missing."),
                    Text(f"请补充中英文的“{key}”。", f"Add “{key}” with zh and en."),
                    key,
                )
            return EMPTY
        if not isinstance(child.value, dict):
            self.report(
                mark,
                "language",
                Text(f"“{key}”应有中文和英文。", f"“{key}” must be in both languages."),
                Text("请写成 {zh: …, en: …}。", "Write {zh: …, en: …}."),
                key,
            )
            return EMPTY
        return self.text_of(child)

    def texts(self, mark: Mark, key: str) -> dict[str, Text]:
        return {k: self.text_of(v) for k, v in self.mapping(mark, key).items()}

    def expression(self, mark: Mark, key: str, required: bool = True) -> Expression | None:
        child = mark.get(key)
        if child is None and not required:
            return None
        text = self.string(mark, key, "", required)
        if not text:
            return ZERO_EXPRESSION
        try:
            return parse_expression(text)
        except ExpressionError as e:
            self.report(
                mark,
                "expression",
                e.message,
                Text(
                    "请按 docs/rules.md 所列语法修改表达式。", "Change the expression to the language in docs/rules.md."
                ),
                key,
            )
            return ZERO_EXPRESSION

    def need_expression(self, mark: Mark, key: str) -> Expression:
        return self.expression(mark, key) or ZERO_EXPRESSION

    def source(self, mark: Mark, required: bool = True) -> Source | None:
        """Read `source: document § article`."""
        text = self.string(mark, "source", "", required)
        if not text:
            return None
        name, _, article = (part.strip() for part in text.partition("§"))
        cite = self.citations.get(name)
        if cite is None:
            self.report(
                mark,
                "reference",
                Text(f"没有编号为“{name}”的文件。", f"There is no document “{name}”."),
                Text("请在“documents”中登记，或改正编号。", "Add it under “documents”, or correct the id."),
                "source",
            )
            return None
        if not article:
            return Source(name, "", cite)
        return Source(name, article, Text(f"{cite.zh}{article}", f"{cite.en}, {article}"))

    def basis(self, mark: Mark, key: str = "basis", required: bool = True) -> str:
        return self.choice(mark, key, BASES, "", required)
