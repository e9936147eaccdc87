"""Find every number with a unit in the text of a report, with its place in the report.

The scanner is how we know that the fixtures miss nothing: it reads the text of the 2017 report of Shanghai on
inclusive finance, follows its headings (chapter, section, item, sub-item, 专题 box) and emits each printed quantity
as ``Token(section, value, unit, ...)``. What it finds is compared with the records under ``fixtures/report_2017``.
The text of the report is not part of this repository; ``fixtures/report_2017/coverage.csv`` holds the scanner's
counts (facts only), so that the comparison runs everywhere, and a test repeats the scan where the text is at hand.

Section codes: ``1-2-1-3`` is 第一章, 二、, （一）, 3.; ``2-1-z`` is the 专题 box after section 2-1, ``5-4-z-3`` a
numbered part of such a box; text before the first section of a chapter carries ``0``. Units are as printed; a number
that opens a range takes the unit of its end.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from dataclasses import dataclass

CHINESE_DIGITS = {char: number for number, char in enumerate("一二三四五六七八九十", 1)}

_HEADINGS = (
    ("chapter", re.compile(r"^第([一二三四五六七八])章")),
    ("section", re.compile(r"^([一二三四五六七八九十])、")),
    ("item", re.compile(r"^[（(]([一二三四五六七八九十])[）)]")),
    ("sub", re.compile(r"^(\d{1,2})\. ?(?=\D)")),
    ("box", re.compile(r"^【专题】")),
)

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNITS = (
    "个百分点|%|人次|家次|件次|个工作日|个月|个|家|户|人|名|笔|台|件|起|只|辆|张|周岁|岁|天|年|公里|所|份|册|例|条|项|篇|场|次|款|"
    "大类|分|倍|位|小时|元"
)
_QUANTITY = re.compile(
    rf"(?P<number>{_NUMBER})(?P<scale>万亿|万|亿)?(?P<more>余|多)?(?P<scale2>万|亿)?(?P<unit>{_UNITS})?"
)
_RANGE_TAIL = re.compile(rf"^(?:-|至)(?:{_NUMBER})(?P<unit>{_UNITS})")
_SOFTENER_BEFORE = re.compile(r"(约|近|接近|超过|超|突破|高于|不超过|不足|仅|不少于|最高)(?:占|为|承保)?$")
_SOFTENER_AFTER = re.compile(r"^(以上|以下|以内|及以下|左右)")
_YEAR = re.compile(r"(?:19|20)\d\d$")

_CHINESE = re.compile(
    r"(?<![第十一二三四五六七八九〇零上下每任之前])(?P<number>[一二两三四五六七八九十百千]+)"
    r"(?P<unit>个月|个|家|户|人|名|项|所|款|类|大|部委|年|方面|方|级|次|种|笔|区|亿)"
)
# "One of a kind" is an article in Chinese, not a figure: 一个, 一种, 一次 …
_CHINESE_ARTICLE = frozenset(
    ["个", "家", "项", "种", "次", "类", "方面", "方", "级", "大", "区", "名", "款", "户", "人", "笔", "所", "部委"]
)


@dataclass(frozen=True)
class Token:
    """One printed quantity: where it stands, as it is printed, the word that softens it, and the text around it."""

    section: str
    value: str
    unit: str
    qualifier: str
    before: str
    after: str


def sections(text: str) -> OrderedDict[str, str]:
    """Split the body of the report (after its table of contents) by section code; white space is removed."""
    body = text[text.index("\n前言\n") :] if "\n前言\n" in text else text
    chapter = section = item = sub = 0
    box: int | None = None
    found: OrderedDict[str, list[str]] = OrderedDict()
    for raw in body.split("\n"):
        line = raw.strip().replace("**", "")
        if not line:
            continue
        kind, match = next(((name, hit) for name, pattern in _HEADINGS if (hit := pattern.match(line))), ("", None))
        if match is None:
            pass
        elif kind == "chapter":
            chapter, section, item, sub, box = CHINESE_DIGITS[match[1]], 0, 0, 0, None
        elif kind == "section":
            number = CHINESE_DIGITS[match[1]]
            if box is not None and number == box + 1:
                box = number
            else:
                box, section, item, sub = None, number, 0, 0
        elif kind == "item":
            item, sub = CHINESE_DIGITS[match[1]], 0
        elif kind == "sub":
            sub = int(match[1])
        elif kind == "box":
            box, item, sub = 0, 0, 0
        if match is not None:
            line = line[match.end() :]
        parts = [str(chapter), str(section)]
        if box is not None:
            parts += ["z"] + ([str(box)] if box else [])
        else:
            parts += [str(part) for part in (item, sub) if part]
        found.setdefault("-".join(parts), []).append(line)
    return OrderedDict((code, re.sub(r"\s", "", "".join(lines))) for code, lines in found.items())


def _is_not_a_quantity(text: str, match: re.Match[str]) -> bool:
    """Dates, document numbers, hot lines and names that contain digits are not figures of the report."""
    number, unit = match["number"], match["unit"] or ""
    before, after = text[: match.start()], text[match.end() :]
    bare = not (match["scale"] or match["scale2"])
    if bare and _YEAR.match(number) and (unit == "年" or after[:1] in ("〕", "]", "-", "、", "至", "–", "）")):
        return True
    if before.endswith("第"):  # an ordinal: 第98次
        return True
    if bare and not unit:
        if after[:1] in ("月", "日", "号") or re.match(r"-\d+月", after):
            return True
        if "热线" in before[-2:] or "热线" in after[:2]:  # telephone numbers
            return True
        if after[:1] in ("·", ".") or before[-1:] in ("·", ".") or before[-1:] in ("“", "”"):  # 3·15, “7.8”, “4465”
            return True
        if before[-1:] in ("+", "P", "H") or after[:1] == "+":  # 6+6, 1+N, P2P, H5
            return True
    return False


def _token(code: str, body: str, start: int, end: int, value: str, unit: str, more: str = "") -> Token:
    before, after = body[max(0, start - 30) : start], body[end : end + 20]
    soft_before, soft_after = _SOFTENER_BEFORE.search(before), _SOFTENER_AFTER.match(after)
    if more:
        qualifier = more
    elif soft_before:
        qualifier = soft_before[1]
    else:
        qualifier = soft_after[1] if soft_after else ""
    return Token(code, value, unit, qualifier, before, after)


def scan(text: str) -> list[Token]:
    """Every printed quantity of the report in reading order, Arabic and Chinese numerals alike."""
    tokens: list[Token] = []
    for code, body in sections(text).items():
        hits: list[tuple[int, Token]] = []
        skip_until = 0
        for match in _QUANTITY.finditer(body):
            start, end = match.span()
            if start < skip_until or _is_not_a_quantity(body, match):
                continue
            number = match["number"]
            unit = (match["scale"] or "") + (match["scale2"] or "") + (match["unit"] or "")
            rest = body[end:]
            if not unit and (tail := _RANGE_TAIL.match(rest)):
                unit = tail["unit"]
            if ratio := re.match(r":(\d+)的比例", rest):
                hits.append((start, _token(code, body, start, end, number, "比例")))
                hits.append((end + 1, _token(code, body, end + 1, end + ratio.end(1), ratio[1], "比例")))
                skip_until = end + ratio.end()
            elif fraction := re.match(r"/(\d+)", rest):
                skip_until = end + fraction.end()
                hits.append((start, _token(code, body, start, skip_until, f"{number}/{fraction[1]}", "")))
            else:
                hits.append((start, _token(code, body, start, end, number, unit, match["more"] or "")))
        for match in _CHINESE.finditer(body):
            if match["number"] == "一" and match["unit"] in _CHINESE_ARTICLE:
                continue
            hits.append((match.start(), _token(code, body, *match.span(), match["number"], match["unit"])))
        tokens.extend(token for _, token in sorted(hits, key=lambda hit: hit[0]))
    return tokens


def coverage(tokens: list[Token]) -> Counter[tuple[str, str, str]]:
    """How often each (section, value, unit) is printed."""
    return Counter((token.section, token.value, token.unit) for token in tokens)
