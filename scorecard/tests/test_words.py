"""The words on screen: one resolver of language."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from scorecard.engine.values.text import Text
from scorecard.words.language import by_language, in_language, screen_language

ROOT = Path(__file__).resolve().parents[2]
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
