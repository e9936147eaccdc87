"""Bilingual texts of a rulebook in the language of the screen."""

from django.utils.translation import get_language

from scorecard.engine.values.text import Text


def in_screen_language(text: Text) -> str:
    """The text in the language of the screen."""
    return text.en if (get_language() or "").startswith("en") else text.zh
