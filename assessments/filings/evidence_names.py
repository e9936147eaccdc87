"""Many files in one go: each goes to the indicators whose codes its name begins with (docs/filing.md, Taking files)."""

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.evidence import add_evidence, reuse_evidence
from assessments.models import Evidence
from banks.models import User
from scorecard.access.decisions import Refused

#: Between two codes, and between the last one and the words of the name.
_BETWEEN = re.compile(r"[\s_,，、;；+&－—-]+")
_ASCII = re.compile(r"[A-Za-z0-9]")


def indicators_in(name: str, known: Collection[str]) -> list[str]:
    """The codes with which a file's name begins, each once, in their order: “A1 …”, “A1_B2、c3 …”.

    Full-width and small letters count as the codes do. A code ends before a sign, a blank or a letter that is no ASCII
    one: “A10 …” does not begin with A1, “A1定价制度” does.
    """
    rest = unicodedata.normalize("NFKC", name).lstrip()
    longest_first = sorted(known, key=len, reverse=True)
    found: list[str] = []
    while rest:
        code = next((one for one in longest_first if _begins(rest, one)), None)
        if code is None:
            break
        found += [code] if code not in found else []
        rest = _BETWEEN.sub("", rest[len(code) :], count=1) if _BETWEEN.match(rest[len(code) :]) else ""
    return found


def _begins(text: str, code: str) -> bool:
    return text[: len(code)].upper() == code.upper() and not _ASCII.match(text[len(code) :])


def add_by_name(*, actor: User, assessment_id: int, upload: Any, known: Collection[str]) -> list[Evidence]:
    """Keep a file for every indicator that its name begins with; it stays once on the disk.

    Raises ``Refused``: for a name that begins with no code nothing is kept; an indicator that does not take it is
    named, and the others have it.
    """
    codes = indicators_in(upload.name or "", known)
    if not codes:
        example = min(known, default="A1")
        raise Refused(
            [
                _(
                    "The name begins with no indicator of this round. Name the file “%(code)s …”, with several codes "
                    "“%(code)s_B2 …”, or add it at its indicator."
                )
                % {"code": example}
            ]
        )
    kept: list[Evidence] = []
    reasons: list[Any] = []
    for code in codes:
        here: dict[str, Any] = {"actor": actor, "assessment_id": assessment_id, "indicator": code}
        try:
            if kept:
                kept.append(reuse_evidence(evidence_id=kept[0].pk, **here))
            else:
                kept.append(add_evidence(upload=upload, **here))
        except Refused as refused:
            reasons += [f"{code}{_(': ')}{why}" for why in refused.reasons]
    if reasons:
        raise Refused(reasons)
    return kept
