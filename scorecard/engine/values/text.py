"""Texts in both languages of the product.

Everything that the engine says to a person (a label, a reason, a message) is a :class:`Text`: simplified Chinese and
English side by side, chosen when it is shown. The engine knows nothing of Django's catalogues.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """One text in simplified Chinese (`zh`) and English (`en`)."""

    zh: str
    en: str

    def get(self, lang: str) -> str:
        """Return the text in `lang`: any code that begins with ``zh`` is Chinese, everything else English."""
        return self.zh if lang.lower().startswith("zh") else self.en

    def to_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    def __str__(self) -> str:
        return self.en


EMPTY = Text("", "")


def join(parts: list[Text], zh: str = "、", en: str = ", ") -> Text:
    """Join several texts with the separator of each language."""
    return Text(zh.join(p.zh for p in parts), en.join(p.en for p in parts))
