"""What every letter of the authority has: head, number, copies, the place of the seal, the public check."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scorecard.documents.checking import public_check
from scorecard.documents.model import Block, Document, LetterHead, Signature
from scorecard.words.language import in_language


def official(
    title: str, number: str, at: datetime, body: dict[str, Any], digest: str, blocks: Sequence[Block]
) -> Document:
    """A letter with its head (发文机关标志、发文字号), to whom a copy goes (抄送) and when it was printed (印发)."""
    authority = authority_of(body)
    copies = in_language(body.get("copies"))
    return Document(
        language="zh",
        title=title,
        at=at,
        blocks=blocks,
        author=authority,
        foot=number,
        pages=pgettext("document", "page {page} of {pages}"),
        check=public_check(number, digest),
        letter=LetterHead(
            authority=authority,
            number=number,
            copies=_("Copies to: %(names)s") % {"names": copies} if copies else "",
            printed=_("%(authority)s, sent on %(day)s") % {"authority": authority, "day": day_of(at)},
        ),
        keywords=(number, digest),
    )


def authority_of(body: dict[str, Any]) -> str:
    """Who wrote the letter, as it was named then."""
    return in_language(body.get("authority")) or _("The supervisor")


def day_of(at: datetime) -> str:
    """The day of a letter in Shanghai, as an official letter writes it."""
    local = timezone.localtime(at)
    return f"{local.year}年{local.month}月{local.day}日"


def signature(body: dict[str, Any], at: datetime) -> Signature:
    """Who signs and when, with the place of the seal where the office keeps one free."""
    return Signature(authority_of(body), day_of(at), in_language(body.get("seal")))
