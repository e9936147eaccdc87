"""Formats and template tags."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from scorecard.engine.values.rational import Fraction
from scorecard.ui import nav
from scorecard.ui.icons import icon
from scorecard.words import formats

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def draw(source: str, **context: Any) -> str:
    return Template("{% load ui i18n %}" + source).render(Context(context)).strip()


# --- Formats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "chinese", "english"),
    [
        ("13270790.125", "万元", "1,327.08 亿元", "132.71 billion CNY"),
        ("9999.994", "万元", "9,999.99 万元", "100.00 million CNY"),
        ("10000", "万元", "1.00 亿元", "100.00 million CNY"),
        ("-23.4", "亿元", "−23.40 亿元", "−2.34 billion CNY"),
        ("3.5", "万元", "3.50 万元", "35.00 thousand CNY"),
        ("0", "万元", "0.00 万元", "0.00 thousand CNY"),
        ("0.0087", "fraction", "0.87 %", "0.87 %"),
        ("185/238", "fraction", "77.73 %", "77.73 %"),
        ("-0.4", "pp", "−0.40 个百分点", "−0.40 percentage points"),
        ("1188", "户", "1,188 户", "1,188 borrowers"),
        ("2.35", "point", "2.35 分", "2.35 points"),
        ("1/3", "point", "0.33 分", "0.33 points"),
        ("12", "公里", "12 公里", "12 公里"),
        (-0, "", "0", "0"),
        (Decimal("-0.001"), "pp", "0.00 个百分点", "0.00 percentage points"),
    ],
)
def test_figures_as_a_reader_expects_them(value: Any, unit: str, chinese: str, english: str) -> None:
    assert str(formats.show(value, unit)) == chinese
    with override("en"):
        assert str(formats.show(value, unit)) == english


def test_every_digit_is_kept_beside_the_rounded_figure() -> None:
    shown = formats.show("13270790.125", "万元")
    assert shown is not None
    assert shown.exact == "13270790.125 万元"
    assert formats.exact_text(Fraction(1, 3)) == "1/3"
    assert formats.exact_text(Fraction(1, 1024)) == str(Decimal(1) / 1024)
    assert formats.exact_text(Decimal("1E+3")) == "1000"
    assert formats.exact_text(Decimal("2.500")) == "2.5"


def test_unit_is_kept_where_it_stands_elsewhere() -> None:
    assert str(formats.show("11463650", "万元", keep=True)) == "11,463,650.00 万元"


def test_half_up_and_both_signs() -> None:
    assert formats.rounded(Decimal("0.125"), 2) == Decimal("0.13")
    assert formats.rounded(Decimal("-0.125"), 2) == Decimal("-0.13")
    assert formats.rounded(Fraction(1, 8), 2) == Decimal("0.13")
    assert formats.rounded(Fraction(-1, 8), 2) == Decimal("-0.13")


@pytest.mark.parametrize("nothing", [None, "", "abc", True])
def test_what_is_no_number_is_none(nothing: Any) -> None:
    assert formats.show(nothing, "万元") is None


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        formats.show(0.1, "万元")


@pytest.mark.parametrize(
    ("left", "chinese", "english", "kind"),
    [
        (timedelta(days=3, hours=8), "还剩 3 天", "3 days left", "neutral"),
        (timedelta(days=3), "还剩 3 天", "3 days left", "attention"),
        (timedelta(days=1), "还剩 1 天", "1 day left", "attention"),
        (timedelta(hours=23, minutes=59), "还剩 23 小时", "23 hours left", "attention"),
        (timedelta(minutes=59), "还剩 59 分钟", "59 minutes left", "attention"),
        (timedelta(seconds=5), "还剩 1 分钟", "1 minute left", "attention"),
        (timedelta(0), "已逾期 1 分钟", "Overdue by 1 minute", "bad"),
        (timedelta(days=-2), "已逾期 2 天", "Overdue by 2 days", "bad"),
    ],
)
def test_deadline_in_words(left: timedelta, chinese: str, english: str, kind: str) -> None:
    due = formats.deadline(NOW + left, NOW)
    assert (due.words, due.kind) == (chinese, kind)
    with override("en"):
        assert formats.deadline(NOW + left, NOW).words == english


def test_moments_are_in_shanghai() -> None:
    assert formats.moment(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) == "2026-12-01 17:00"
    assert formats.moment(None) == "—"


def test_sizes() -> None:
    assert [formats.size(n) for n in (0, 1023, 2048, 5 * 1024 * 1024)] == ["0 B", "1023 B", "2 KB", "5.0 MB"]


# --- Tags ---------------------------------------------------------------------------------------------------------


def test_chip_has_colour_icon_and_word_and_escapes() -> None:
    text = draw("{% chip state 'bad' %}", state="<未达标>")
    assert "chip-bad" in text
    assert "<svg" in text
    assert "&lt;未达标&gt;" in text
    with pytest.raises(KeyError):
        draw("{% chip 'x' 'purple' %}")


def test_chip_of_nothing_is_a_dash() -> None:
    assert "—" in draw("{% chip '' %}")


def test_deadline_tag() -> None:
    at = timezone.now() + timedelta(days=30, minutes=1)
    text = draw("{% deadline at '提交' %}", at=at)
    assert "提交 · 还剩 30 天 · <time" in text
    assert formats.moment(at) in text
    assert "—" in draw("{% deadline at %}", at=None)


def test_figure_and_change() -> None:
    assert 'title="13270790.125 万元"' in draw("{% figure v '万元' %}", v=Decimal("13270790.125"))
    assert "—" in draw("{% figure v '万元' %}", v=None)
    assert "−0.40" in draw("{% change '0.0087' '0.0127' 'fraction' %}")
    assert "个百分点" in draw("{% change '0.0087' '0.0127' 'fraction' %}")
    assert "+180.71" in draw("{% change '13270790' '11463650' '万元' %}")
    assert "—" in draw("{% change None '1' '万元' %}")


def test_basis_says_that_it_is_not_the_supervisors_own() -> None:
    for code in ("reconstructed", "proposed"):
        assert "并非监管部门的原数" in draw(f"{{% basis '{code}' %}}")
    assert "并非" not in draw("{% basis 'sourced' %}")
    assert draw("{% basis '' %}") == ""
    with pytest.raises(KeyError):
        draw("{% basis 'invented' %}")


def test_text_in_the_language_of_the_screen() -> None:
    text = {"zh": "差别定价", "en": "Differentiated pricing"}
    assert draw("{{ t|in_language }}", t=text) == "差别定价"
    with override("en"):
        assert draw("{{ t|in_language }}", t=text) == "Differentiated pricing"
        assert draw("{{ t|in_language }}", t={"zh": "只有中文"}) == "只有中文"


def test_breadcrumb_and_empty_state() -> None:
    text = draw("{% breadcrumb '首页' '/' name '' %}", name="<b>")
    assert '<a href="/">首页</a>' in text
    assert "&lt;b&gt;" in text
    text = draw("{% empty_state '尚无银行' '请导入名录。' '/import/' '导入' %}")
    assert "请导入名录。" in text
    assert 'href="/import/"' in text


def test_query_keeps_the_other_parameters() -> None:
    request = RequestFactory().get("/?category=city&category=rural&page=3&sort=name")
    text = draw("{% query sort='-name' page=None %}", request=request)
    assert QueryDict(text.replace("&amp;", "&")[1:]) == QueryDict("category=city&category=rural&sort=-name")


def test_explanation_reads_down_to_the_facts() -> None:
    from .gallery import TREE

    text = draw("{% explanation tree 2 %}", tree=TREE)
    assert text.count("<details") == 4
    assert text.count("<details open>") == 2
    assert "77.73 %" in text
    assert "74.00 亿元" in text
    assert text.count("并非监管部门的原数") == 1
    assert "评价办法第二十一条" in text
    assert "尚未计分" in draw("{% explanation tree %}", tree=None)


def test_explanation_says_yes_and_no_in_words() -> None:
    node = {"kind": "condition", "label": {"zh": "达标"}, "text": {"zh": ""}, "value": False}
    assert "否" in draw("{% explanation n %}", n=node)


# --- Icons and rail -----------------------------------------------------------------------------------------------


def test_icons_are_inline_hidden_and_without_style() -> None:
    drawn = icon("clock")
    assert drawn.startswith("<svg")
    assert 'aria-hidden="true"' in drawn
    assert "style=" not in drawn


def test_every_entry_of_the_rail_has_a_policy_an_address_and_an_icon() -> None:
    from django.urls import reverse

    from scorecard.access.policy import url_policy

    for item in nav.nav_items():
        assert item.url_name in url_policy(), item
        assert reverse(item.url_name).startswith("/"), item
        assert icon(item.icon), item


def test_rail_shows_only_what_the_policy_admits(monkeypatch: pytest.MonkeyPatch) -> None:
    from scorecard.access.policy import SIGNED_IN, only

    items = (
        nav.NavItem("work", "账户", "profile", "user"),
        nav.NavItem("administration", "密码", "password-change", "key"),
        nav.NavItem("administration", "无规则", "login", "key"),
    )
    monkeypatch.setattr(nav, "nav_items", lambda: items)
    rules = {"profile": SIGNED_IN, "password-change": only("administrator")}
    monkeypatch.setattr(nav, "url_policy", lambda: rules)
    seen = nav.rail(["auditor"], "/profile/")
    assert [[link.title for link in links] for _section, links in seen] == [["账户"]]
    seen = nav.rail(["administrator"], "/profile/password/")
    assert [(link.title, link.current) for _s, links in seen for link in links] == [("账户", False), ("密码", True)]


def test_a_checklist_in_an_explanation_shows_its_words_and_not_its_codes() -> None:
    from scorecard.ui.templatetags.ui import node_value

    node = {"kind": "fact", "value": "green_channel,promise", "text": {"zh": "限时承诺：公开承诺。", "en": "Promise."}}
    assert node_value(node) == ""
    assert node_value(node | {"value": "3"}) == "3"
    assert node_value({"kind": "target", "value": "met", "text": {"zh": "达到", "en": "Met"}}) == "met"


def test_every_unit_of_the_rule_language_has_a_name_in_english() -> None:
    from django.utils.translation import override

    from scorecard.engine.values.units import UNIT_LABELS
    from scorecard.words.formats import unit_name

    for unit, label in UNIT_LABELS.items():
        with override("en"):
            assert unit_name(unit).isascii(), unit
        with override("zh-hans"):
            assert unit_name(unit) == label.zh
