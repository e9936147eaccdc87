"""The language of the screen, resolved in this one place.

A request, a job or a command activates a language (``zh-hans`` or ``en``). Whoever picks one of two texts asks here;
``scorecard/tests/test_words.py`` refuses every other reading of Django's active language.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from django.conf import settings
from django.utils.translation import get_language, override

from scorecard.engine.values.text import Text

Language = Literal["zh", "en"]
CODES: dict[Language, str] = {"zh": "zh-hans", "en": "en"}  # as Django names them
T = TypeVar("T")


def screen_language() -> Language:
    """Return the language of the screen as the engine names it; the product's own where none is active."""
    return "zh" if (get_language() or settings.LANGUAGE_CODE).lower().startswith("zh") else "en"


def language_code() -> str:
    """Return the code of the active language as Django names it, for work that is to speak it later."""
    return get_language() or settings.LANGUAGE_CODE


def by_language(zh: str, en: str) -> str:
    """Return one of two stored texts in the language of the screen, the other one where it is blank."""
    return (zh or en) if screen_language() == "zh" else (en or zh)


def in_language(text: Text | Mapping[str, Any] | str | None) -> str:
    """Return a text of both languages (``{"zh": …, "en": …}`` too) in the language of the screen, "" for None.

    A text of one language is returned as it is.
    """
    if isinstance(text, Text):
        return by_language(text.zh, text.en)
    if isinstance(text, Mapping):
        return by_language(str(text.get("zh") or ""), str(text.get("en") or ""))
    return "" if text is None else str(text)


def in_both(words: Callable[[], T]) -> dict[str, T]:
    """Return the same words in each language, for those who read them later in theirs."""
    found: dict[str, T] = {}
    for language, code in CODES.items():
        with override(code):
            found[language] = words()
    return found
