"""The words on screen: one resolver of language."""

import re
from pathlib import Path

import polib
import pytest
from django.utils import translation

from scorecard.engine.values.text import Text
from scorecard.words.language import by_language, in_language, screen_language

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted(
    path
    for app in ("scorecard", "banks", "assessments")
    for path in (ROOT / app).rglob("zh_Hans/LC_MESSAGES/django.po")
)
RESOLVER = "scorecard/words/language.py"
# The frame lists the languages to switch to by Django's own codes; it picks no text.
FRAME = "scorecard/ui/context.py"
HAND_MADE = re.compile(
    r"""get_language\(|\.startswith\(\s*\(?\s*["'](?:en|zh)["']|LANGUAGE_CODE\s*(?:==|\.startswith)|["']en["']\s+if\b"""
)


def _sources() -> list[Path]:
    return [
        path
        for folder in ("scorecard", "banks", "assessments")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not {"tests", "migrations", "engine"} & set(path.relative_to(ROOT).parts)
    ]


def test_no_module_resolves_the_language_by_hand() -> None:
    """The engine takes a language as an argument; every module above it asks the one resolver."""
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for path in _sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if HAND_MADE.search(line)
    }
    assert {place for place in found if place.rpartition(":")[0] not in (RESOLVER, FRAME)} == set()
    assert any(place.startswith(RESOLVER) for place in found), "the pattern finds what it looks for"


@pytest.mark.parametrize(("active", "expected"), [("zh-hans", "zh"), ("zh", "zh"), ("en", "en"), ("en-gb", "en")])
def test_the_language_of_the_screen(active: str, expected: str) -> None:
    with translation.override(active):
        assert screen_language() == expected


def test_without_an_active_language_the_product_speaks_chinese() -> None:
    with translation.override(None):
        assert screen_language() == "zh"
        assert in_language(Text("甲", "A")) == "甲"


def test_a_blank_text_gives_way_to_the_other_language() -> None:
    with translation.override("en"):
        assert by_language("甲", "") == "甲"
        assert in_language({"zh": "甲"}) == "甲"
        assert in_language(None) == ""
        assert in_language("A1") == "A1"


#: Words that a regulator's reader stumbles over, and what stands in their place.
RETIRED = {
    "重建": "推定",
    "有出处": "原文载明",
    "评价轮次": "年度评价",
    "本轮次": "本次评价",
    "全轮计分": "统一计分",
    "启动轮次": "启动评价",
    "确认收到": "签收",
    "采纳": "采取",
    "条款要求适用": "应当适用",
    "视情况适用": "可以适用",
    "限制前等次": "按得分等次",
    "没有触发等次限制": "未触发等次限制",
    "暂计得分": "预评得分",
    "失分较多": "扣分较多",
    "差距": "高于目标, 距目标差",
    "与目标之差": "高于目标, 距目标差",
    "执行后的效果": "办理后",
    "尚未执行": "未能提交",
    "测算其他数据": "试算其他数据",
    "资金类政策测算": "财政金融支持政策测算",
    "申诉": "异议",
    "差异化对待": "差异化考核",
    "办理中": "待银行报送, 待监管核定",
    "等次迁移": "等次变动",
    "全部目标完成": "目标均完成",
    "未予载入": "导入失败",
    "给分": "评分",
    "重构": "推定",
    "分段线性": "分段计分",
    "直线插值": "两点之间按比例计分",
    "取整与限值": "四舍五入并限于最低、最高分",
    "制度与模型的情况": "所问的问题",
    "部分满足": "居中一档",
}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_retired_word_is_shown(catalogue: Path) -> None:
    shown = [text for entry in polib.pofile(str(catalogue)) for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert shown
    assert [(word, text) for text in shown for word in RETIRED if word in text] == []
