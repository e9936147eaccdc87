"""The receipt of an objection, and the letters on it, on paper. Always Chinese, as the letters themselves."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from assessments.letters.frame import official, signature
from assessments.models import Objection, ObjectionLetter
from assessments.objections.letters import letter_digest
from assessments.objections.selectors import subject_label
from scorecard.documents.model import Block, Document, Heading, Paragraph, Table, Terms
from scorecard.words.formats import moment, size
from scorecard.words.language import in_language


def receipt_document(objection: Objection) -> Document:
    """That the objection was received, when, and of what it consists."""
    with override("zh-hans"):
        at = objection.lodged_at
        if at is None:
            raise ValueError("A draft of an objection has no receipt.")
        body = {
            "authority": {"zh": settings.AUTHORITY_NAME.strip(), "en": ""},
            "seal": settings.LETTER_SEAL.strip(),
        }
        blocks = [*_received(objection), signature(body, at)]
        return official(_("Receipt of an objection"), objection.number, at, body, objection.digest, blocks)


def _received(objection: Objection) -> Iterator[Block]:
    here = objection.notice.rating.assessment
    yield Paragraph(f"{here.bank.name_zh}{pgettext('letter', ':')}", "flush")
    words = _("Your bank's objection to notice %(notice)s was received on %(at)s under the number %(number)s.")
    known = {"notice": objection.notice.number, "at": moment(objection.lodged_at), "number": objection.number}
    yield Paragraph(words % known + _("You get a letter with the decision."))
    yield Heading(_("What the bank asks for"))
    yield Paragraph(objection.statement)
    yield Heading(_("Grounds"))
    yield Terms([(in_language(subject_label(here, ground.subject)), ground.text) for ground in objection.grounds.all()])
    files = list(objection.documents.filter(withdrawn_at=None).order_by("id"))
    if files:
        yield Heading(_("Files"))
        rows = [(file.name, size(file.size), file.sha256) for file in files]
        yield Table((_("File"), _("Size"), "SHA-256"), rows, (3, 1.1, 4.6), figures=(1,), codes=(2,))


def reply_document(letter: ObjectionLetter) -> Document:
    """The decision on an objection, or that the result stays after a new examination."""
    with override("zh-hans"):
        unchanged = letter.kind == ObjectionLetter.Kind.UNCHANGED
        title = _("Result of the new examination after an objection") if unchanged else _("Decision on an objection")
        blocks = [*_reply(letter, letter.body, unchanged), signature(letter.body, letter.issued_at)]
        return official(title, letter.number, letter.issued_at, letter.body, letter_digest(letter), blocks)


def _reply(letter: ObjectionLetter, body: dict[str, Any], unchanged: bool) -> Iterator[Block]:
    yield Paragraph(f"{in_language(body['bank'])}{pgettext('letter', ':')}", "flush")
    known = {
        "at": moment(parse_datetime(body["objection"]["lodged_at"])),
        "number": body["objection"]["number"],
        "notice": body["notice"]["number"],
        "noticed": moment(parse_datetime(body["notice"]["issued_at"])),
    }
    words = _("On %(at)s your bank objected (receipt %(number)s) to notice %(notice)s of %(noticed)s.")
    yield Paragraph(words % known)
    if unchanged:
        yield Paragraph(
            _(
                "The grounds that were upheld have been examined again. The result is the same as was told, and the "
                "notice holds."
            )
        )
    else:
        outcomes = {
            "upheld": _("The objection is upheld."),
            "partly": _("The objection is upheld in part."),
            "refused": _("The objection is refused."),
        }
        yield Paragraph(outcomes[body["outcome"]])
        for place, ground in enumerate(body["grounds"], start=1):
            outcome = _("upheld") if ground["outcome"] == "upheld" else _("refused")
            yield Paragraph(
                f"{place}. {in_language(ground['label'])}{_(': ')}{outcome}{pgettext('letter', '.')}\n"
                f"{_('Ground')}{_(': ')}{ground['text']}\n{_('Answer')}{_(': ')}{ground['answer']}"
            )
    yield Paragraph(f"{_('Reason')}{_(': ')}{body['reason']}")
    if not unchanged:
        yield Paragraph(
            _("The notice holds.")
            if body["outcome"] == "refused"
            else _(
                "The case is examined again. Where that changes the result, a corrected notice replaces the one that "
                "was sent; until then that one holds."
            )
        )
