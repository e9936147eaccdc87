"""The logins of the demonstration, out of ``fixtures/demo/logins.json``. Imported by the settings: no models here."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import lazystr

from scorecard.words.language import by_language

FILE = Path(__file__).resolve().parents[1] / "fixtures" / "demo" / "logins.json"


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def password() -> str:
    """The one password of every demonstration login."""
    return str(_content()["password"])


class _InLanguage:
    """A role in the language of the screen, decided when it is written out."""

    def __init__(self, row: dict[str, str]) -> None:
        self.row = row

    def __str__(self) -> str:
        return by_language(self.row["role_zh"], self.row["role_en"])


def demo_logins() -> list[dict[str, Any]]:
    """Role, user name and password of each login that the sign-in page of a demonstration shows."""
    return [
        {"role": lazystr(_InLanguage(row)), "username": row["username"], "password": password()}
        for row in _content()["people"]
    ]
