"""The closed lists of the report fixtures: units, topics, kinds, dimensions, qualifiers, chapters.

A value outside these lists is an error of the fixture, not a new code: the lists are what filters, charts and relations
rely on. Labels are English msgids; the Chinese stands in ``scorecard/figures/locale``. Source of the terms:
2017年上海市普惠金融发展报告 (上海银监局, 上海保监局, June 2018).
No database access here; Django only words the labels.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scorecard.engine.values.rational import Fraction

CHAPTERS = {
    1: _("1 Inclusive finance in Shanghai at a glance"),
    2: _("2 Institutions"),
    3: _("3 Products and services"),
    4: _("4 Internet"),
    5: _("5 Infrastructure and environment"),
    6: _("6 Policy support"),
    7: _("7 Supervisory policy"),
    8: _("8 Education and consumer protection"),
}

TOPICS = {
    "outlets": _("Outlets and institutions"),
    "staff": _("Staff"),
    "devices": _("Self-service devices"),
    "sme_credit": _("SME lending"),
    "tech_credit": _("Technology lending"),
    "rural": _("Rural finance"),
    "poverty": _("Poverty relief"),
    "special_groups": _("Special groups"),
    "insurance": _("Insurance"),
    "securities": _("Securities and capital market"),
    "futures": _("Futures"),
    "funds": _("Funds and equity investment"),
    "guarantee": _("Financing guarantees"),
    "microcredit": _("Micro-credit companies"),
    "pawn": _("Pawn companies"),
    "leasing": _("Finance leases"),
    "p2p": _("Online lending"),
    "consumer_finance": _("Consumer and car finance"),
    "digital": _("Digital finance"),
    "payment": _("Payment"),
    "bank_tax": _("Bank-tax cooperation"),
    "credit_information": _("Credit information"),
    "evaluation": _("Evaluation of banks"),
    "policy": _("Policy"),
    "fiscal": _("Public funds and tax"),
    "monetary": _("Monetary policy tools"),
    "education": _("Financial education"),
    "consumer_protection": _("Consumer protection"),
    "enforcement": _("Enforcement"),
}

KINDS = {
    "level": pgettext_lazy("kind of figure", "Level"),
    "flow": pgettext_lazy("kind of figure", "Amount over a period"),
    "change": pgettext_lazy("kind of figure", "Change"),
    "growth": pgettext_lazy("kind of figure", "Growth rate"),
    "difference": pgettext_lazy("kind of figure", "Difference"),
    "share": pgettext_lazy("kind of figure", "Share"),
    "rate": pgettext_lazy("kind of figure", "Price or rate"),
    "average": pgettext_lazy("kind of figure", "Average"),
    "threshold": pgettext_lazy("kind of figure", "Threshold or limit"),
    "target": pgettext_lazy("kind of figure", "Plan or target"),
    "number": pgettext_lazy("kind of figure", "Count or multiple"),
}

DIMENSIONS = {
    "coverage": _("Coverage"),
    "availability": _("Availability"),
    "satisfaction": _("Satisfaction"),
    "none": _("None of the three"),
}

# Words that soften a printed number, as printed. 起 and 至 mark the two ends of a range.
QUALIFIERS = frozenset(
    [
        "约",
        "近",
        "接近",
        "余",
        "多",
        "超",
        "超过",
        "突破",
        "高于",
        "以上",
        "以下",
        "以内",
        "及以下",
        "不超过",
        "不足",
        "不少于",
        "仅",
        "最高",
        "最长",
        "左右",
        "之后",
        "起",
        "至",
    ]
)

# What a figure may be compared with besides a date or period.
COMPARISONS = {
    "all_loans": _("all loans"),
    "national": _("the whole country"),
    "ordinary_loans": _("ordinary loans"),
    "tech_loans": _("all technology loans"),
}

UNITS = {
    "CNY": pgettext_lazy("unit of a figure", "yuan"),
    "ratio": pgettext_lazy("unit of a figure", "ratio"),
    "pp": pgettext_lazy("unit of a figure", "percentage points"),
    "multiple": pgettext_lazy("unit of a figure", "times"),
    "household": pgettext_lazy("unit of a figure", "households"),
    "person": pgettext_lazy("unit of a figure", "people"),
    "person_time": pgettext_lazy("unit of a figure", "person-times"),
    "institution": pgettext_lazy("unit of a figure", "institutions"),
    "institution_time": pgettext_lazy("unit of a figure", "institution-times"),
    "transaction": pgettext_lazy("unit of a figure", "deals"),
    "device": pgettext_lazy("unit of a figure", "devices"),
    "vehicle": pgettext_lazy("unit of a figure", "vehicles"),
    "case": pgettext_lazy("unit of a figure", "cases"),
    "count": pgettext_lazy("unit of a figure", "items"),
    "time": pgettext_lazy("unit of a figure", "occasions"),
    "day": pgettext_lazy("unit of a figure", "days"),
    "working_day": pgettext_lazy("unit of a figure", "working days"),
    "month": pgettext_lazy("unit of a figure", "months"),
    "year": pgettext_lazy("unit of a figure", "years"),
    "hour": pgettext_lazy("unit of a figure", "hours"),
    "year_of_age": pgettext_lazy("unit of a figure", "years of age"),
    "km": pgettext_lazy("unit of a figure", "kilometres"),
    "point": pgettext_lazy("unit of a figure", "points"),
    "rank": pgettext_lazy("unit of a figure", "rank"),
}

# Measure words of the report and the normalised unit(s) each may stand for; the first is the usual one.
_MEASURES: dict[str, tuple[str, ...]] = {
    "元": ("CNY",),
    "": ("CNY", "count", "person", "ratio"),
    "%": ("ratio",),
    "比例": ("ratio",),
    "个百分点": ("pp",),
    "倍": ("multiple",),
    "户": ("household",),
    "人": ("person",),
    "名": ("person",),
    "人次": ("person_time",),
    "家": ("institution",),
    "部委": ("institution",),
    "家次": ("institution_time",),
    "笔": ("transaction",),
    "台": ("device",),
    "辆": ("vehicle",),
    "件": ("case",),
    "起": ("case",),
    "例": ("case",),
    "件次": ("case",),
    "个": ("count", "person"),
    "次": ("time",),
    "场": ("time",),
    "个月": ("month",),
    "年": ("year",),
    "天": ("day",),
    "个工作日": ("working_day",),
    "小时": ("hour",),
    "岁": ("year_of_age",),
    "周岁": ("year_of_age",),
    "公里": ("km",),
    "分": ("point",),
    "位": ("rank",),
} | dict.fromkeys(
    ["只", "项", "条", "款", "篇", "册", "张", "所", "份", "大类", "类", "区", "大", "方面", "方", "级", "种"],
    ("count",),
)

_SCALES = {"万亿": 10**12, "亿": 10**8, "万": 10**4}

_CHINESE_NUMBERS = {char: number for number, char in enumerate("一二三四五六七八九", 1)} | {"两": 2}


def unit_of(printed: str) -> tuple[Fraction, tuple[str, ...]]:
    """The factor and normalised units that a printed unit may stand for: 亿元 → (10⁸, CNY), 万户 → (10⁴, household).

    A percentage is a ratio (factor 1/100); percentage points stay percentage points (pp). Raises ``KeyError`` with the
    printed unit when it is unknown.
    """
    scale, measure = Fraction(1), printed
    for word, factor in _SCALES.items():
        if printed.startswith(word):
            scale, measure = Fraction(factor), printed[len(word) :]
            break
    if measure in ("%", "比例"):
        scale = Fraction(1, 100)
    if measure not in _MEASURES:
        raise KeyError(printed)
    return scale, _MEASURES[measure]


def number(printed: str) -> Fraction:
    """The number that a printed value states: ``13270.79``, ``12,201``, ``1/4``, ``十五``; else ``ValueError``."""
    if re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?|\d+(\.\d+)?", printed):
        return Fraction(Decimal(printed.replace(",", "")))
    if re.fullmatch(r"\d+/[1-9]\d*", printed):
        return Fraction(printed)
    if printed == "百":
        return Fraction(100)
    match = re.fullmatch(r"([一二两三四五六七八九])?(十)?([一二三四五六七八九])?", printed)
    if match and printed:
        tens, ten, ones = match.groups()
        if ten:
            return Fraction(10 * _CHINESE_NUMBERS.get(tens or "一", 1) + _CHINESE_NUMBERS.get(ones or "", 0))
        if bool(tens) != bool(ones):
            return Fraction(_CHINESE_NUMBERS[tens or ones])
    raise ValueError(printed)
