"""Whether a number and a digest belong together. Nothing else is told, of no document.

A number that was never given and a digest that is another one get the same answer, after the same work. What is given
out under a number is named by the rooms that issue: receipts of submissions, notices, letters on
objections, and circulars.
"""

import hmac
import unicodedata
from collections.abc import Callable, Iterator

from assessments.decisions.letters import notice_digest
from assessments.filings.versions.receipts import digest_of_receipt
from assessments.models import Circular, CircularCopy, Minutes, Notice, Objection, ObjectionLetter
from assessments.objections.letters import letter_digest
from scorecard.access.row_security import unbound

NOTHING = "0" * 64
SHORTEST = 16  # digits of a digest that are enough: somebody who types reads the first four groups


@unbound()  # everybody may ask, somebody of another bank too, and gets the same yes or no
def is_genuine(number: str, digest: str) -> bool:
    """Whether a document with this number and this digest was issued. Of the digest the first 16 digits are enough."""
    number, digest = clean_number(number), clean_digest(digest)
    genuine = False
    for known in _issued(number):
        whole = known or NOTHING
        part = whole[: len(digest)] if SHORTEST <= len(digest) <= len(whole) else whole
        genuine |= hmac.compare_digest(part.encode(), digest.encode()) and bool(known)
    return genuine


def clean_number(typed: str) -> str:
    """A number as it is kept: without blanks, full-width digits as plain ones, brackets of any kind as 〔〕."""
    return _without_blanks(typed).translate(str.maketrans("[]()【】", "〔〕〔〕〔〕"))


def clean_digest(typed: str) -> str:
    """A digest as it is kept: 64 digits of the hexadecimal system, without the blanks of its groups."""
    return _without_blanks(typed).replace(":", "").replace("-", "").lower()


def _without_blanks(typed: str) -> str:
    """Without blanks and what cannot be seen, which comes along where somebody copies from a file."""
    kept = (one for one in unicodedata.normalize("NFKC", typed) if unicodedata.category(one) not in ("Cf", "Cc"))
    return "".join("".join(kept).split())


def _issued(number: str) -> Iterator[str]:
    """The digest of each kind of document under this number, "" where there is none."""
    look: tuple[Callable[[str], str], ...] = (digest_of_receipt, _of_notice, _of_objection, _of_letter, _of_minutes)
    for one in look:
        yield one(number)
    # A circular and every bank's copy of it are letters of their own under one number.
    yield from Circular.objects.filter(number=number).values_list("digest", flat=True)
    yield from CircularCopy.objects.filter(number=number).values_list("digest", flat=True)


def _of_notice(number: str) -> str:
    found = Notice.objects.filter(number=number).first()
    return notice_digest(found) if found is not None else ""


def _of_objection(number: str) -> str:
    return Objection.objects.filter(number=number).exclude(number="").values_list("digest", flat=True).first() or ""


def _of_letter(number: str) -> str:
    found = ObjectionLetter.objects.filter(number=number).first()
    return letter_digest(found) if found is not None else ""


def _of_minutes(number: str) -> str:
    return Minutes.objects.filter(number=number).values_list("digest", flat=True).first() or ""
