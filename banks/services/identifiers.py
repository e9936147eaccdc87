"""Identifiers of banks: what their form says, and what only warns.

Nothing here refuses a code. The register must take a bank as it is; a code that looks wrong is shown with a warning and
with what would mend it.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

# GB 32100-2015, table 3: 31 characters, without I, O, S, V and Z, which are easily misread.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# The weight of place i (from 0) is 3 to the power i, modulo 31 (GB 32100-2015, 5.2 and table 2).
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_LICENCE = re.compile(r"[A-Z][0-9]{4}[A-Z][0-9]{9}")
_PBOC = re.compile(r"[A-Z][0-9]{13}")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def normalise_code(text: str) -> str:
    """A code as it is kept: half-width, upper case, without blanks or hyphens."""
    return re.sub(r"[\s\u3000\-]+", "", text.translate(_FULL_WIDTH)).upper()


def one_line(text: str) -> str:
    """A name or another short text as it is kept: one line, without characters that show nothing. A line break of a
    spreadsheet's cell in a name would be one in the subject of each e-mail that names it, which no server takes.
    """
    shown = "".join(one for one in text if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf"))
    return " ".join(shown.split())


def uscc_check_digit(first: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015, 5.2: 31 − Σ cᵢ·wᵢ mod 31, with 31 written as 0).

    Raises ``ValueError`` where ``first`` is not 17 characters of the standard's alphabet.
    """
    if len(first) != 17 or any(char not in USCC_ALPHABET for char in first):
        raise ValueError("The check digit is computed over 17 characters of the alphabet of GB 32100.")
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(first, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def uscc_warnings(code: str) -> list[Any]:
    """What is odd about a unified social credit code, in full sentences; nothing for a sound or an empty one."""
    if not code:
        return []
    if len(code) != 18:
        return [
            _(
                "The unified social credit code has %(length)d characters; it should have 18. "
                "Compare it with the business licence."
            )
            % {"length": len(code)}
        ]
    if foreign := sorted({char for char in code if char not in USCC_ALPHABET}):
        return [
            _(
                "The unified social credit code contains %(characters)s, which GB 32100 does not use. "
                "Compare it with the business licence; 0 and O, 1 and I, 2 and Z are easily mistaken."
            )
            % {"characters": ", ".join(foreign)}
        ]
    expected = uscc_check_digit(code[:17])
    if code[17] != expected:
        return [
            _(
                "The check digit of the unified social credit code does not fit: the first 17 characters ask for "
                "%(expected)s, the code ends in %(given)s. Compare it with the business licence; if the licence says "
                "the same, keep it."
            )
            % {"expected": expected, "given": code[17]}
        ]
    return []


def licence_warnings(code: str) -> list[Any]:
    """What is odd about a financial licence code (one letter, four digits, one letter, nine digits)."""
    if not code or _LICENCE.fullmatch(code):
        return []
    return [
        _(
            "The financial licence code usually has a letter, four digits, a letter and nine digits "
            "(B0000H231000000). Compare it with the licence; if the licence says the same, keep it."
        )
    ]


def pboc_warnings(code: str) -> list[Any]:
    """What is odd about a PBoC institution code (one letter and thirteen digits)."""
    if not code or _PBOC.fullmatch(code):
        return []
    return [
        _(
            "The PBoC institution code usually has a letter and thirteen digits (C1000031000000). "
            "Compare it with the certificate; if the certificate says the same, keep it."
        )
    ]


def identifier_warnings(values: Mapping[str, str]) -> dict[str, list[Any]]:
    """The warnings by field for ``uscc``, ``licence_code`` and ``pboc_code``; fields without one are left out."""
    found = {
        "uscc": uscc_warnings(values.get("uscc", "")),
        "licence_code": licence_warnings(values.get("licence_code", "")),
        "pboc_code": pboc_warnings(values.get("pboc_code", "")),
    }
    return {field: warnings for field, warnings in found.items() if warnings}
