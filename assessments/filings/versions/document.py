"""A version as a document: the whole filing, and the receipt of its submission."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.filings.versions.contents import Content, content_of, explained, parts, properties_words
from assessments.filings.versions.receipts import CHECKED, PASSED, SUBMIT, receipt_of, times_of
from assessments.models import FilingVersion
from scorecard.documents.checking import public_check
from scorecard.documents.model import Block, Document, Heading, Paragraph, Table, Terms
from scorecard.words.formats import moment, size
from scorecard.words.language import by_language, screen_language

FILING, RECEIPT = "filing", "receipt"


def version_document(version: FilingVersion, what: str) -> Document:
    """The filing or its receipt, in the language that is active."""
    return filing_document(version) if what == FILING else receipt_document(version)


def filing_document(version: FilingVersion) -> Document:
    """Everything that was signed with this version, and by whom."""
    here = version.assessment
    number = receipt_of(version).number
    subtitle = _("Filing of %(bank)s, version %(number)d") % {"bank": here.bank_name, "number": version.number}
    blocks: list[Block] = [Terms(_facts_of_signing(version, number)), *blocks_of(content_of(version))]
    return _document(version, here.round.title, subtitle, number, blocks)


def receipt_document(version: FilingVersion) -> Document:
    """The receipt (回执): that the supervisor has received this version, when, and under which number."""
    here = version.assessment
    number = receipt_of(version).number
    words = _(
        "The filing of %(bank)s for “%(round)s” was received by this system. What was signed is the version with the "
        "digest below; nobody can change it any more. A later version gets a receipt of its own."
    )
    authority = by_language(settings.AUTHORITY_NAME.strip(), settings.AUTHORITY_NAME_EN.strip())
    blocks: list[Block] = [
        Paragraph(words % {"bank": here.bank_name, "round": here.round.title}),
        Terms(_facts_of_signing(version, number)),
    ]
    if authority:
        blocks.append(Paragraph(_("Received for: %(authority)s") % {"authority": authority}))
    blocks.append(
        Paragraph(
            _(
                "The number is that of the event in the audit trail by which the filing was received. The file "
                "“receipt.json” of the same submission proves that event without this system."
            ),
            "small",
        )
    )
    return _document(version, _("Receipt of a filing"), here.round.title, number, blocks)


def _document(version: FilingVersion, title: str, subtitle: str, number: str, blocks: list[Block]) -> Document:
    here = version.assessment
    foot = [here.bank_name, _("version %(number)d") % {"number": version.number}]
    if number:
        foot.append(_("receipt %(number)s") % {"number": number})
    return Document(
        language=screen_language(),
        title=title,
        subtitle=subtitle,
        at=version.submitted_at,
        author=here.bank_name,
        blocks=blocks,
        foot=" · ".join(foot),
        pages=pgettext("document", "page {page} of {pages}"),
        check=public_check(number, version.digest) if number else None,
        keywords=(here.round.code, here.bank.code, version.digest),
    )


def _facts_of_signing(version: FilingVersion, number: str) -> list[tuple[str, str]]:
    """Bank, version, receipt, and who did what when."""
    here, times = version.assessment, times_of(version)

    def by(person: object, at: object) -> str:
        return f"{person} · {at}" if at != "—" else str(person)

    return [
        (_("Bank"), f"{here.bank_name} ({here.bank.code}) · {here.scope_words}"),
        (_("Round"), here.round.title),
        (_("Version"), str(version.number)),
        (_("Number of the receipt"), number or "—"),
        (_("Submitted at"), moment(version.submitted_at)),
        (_("Prepared by"), by(times.by(PASSED, version.prepared_by), moment(times.prepared_at))),
        (_("Checked by"), by(times.by(CHECKED, version.checked_by), moment(times.checked_at))),
        (_("Signed by"), by(times.by(SUBMIT, version.signed_by), moment(version.submitted_at))),
        (_("Digest (SHA-256)"), version.digest),
    ]


def blocks_of(content: Content) -> Iterator[Block]:
    """What was filed, page by page: figures, answers and own points, report, explanations, files."""
    if properties := properties_words(content):
        yield Heading(_("The bank"))
        yield Terms(properties)
    for part in parts(content):
        yield Heading(part.title)
        for title, rows in part.figures:
            yield Heading(title, 2)
            head = (_("Figure"), _("This year"), _("Unit"), _("Year before"))
            shown = [(row.name, row.now, row.unit, row.before) for row in rows]
            yield Table(head, shown, (5, 2, 1.6, 2), figures=(1, 3))
        for item in part.items:
            yield Heading(item.title, 2)
            said = [*item.answers, (_("Own points"), item.points)]
            if item.narrative.strip():
                said.append((_("What the bank says"), item.narrative))
            if item.files:
                said.append((_("Evidence"), "\n".join(file.name for file in item.files)))
            yield Terms(said)
    yield Heading(_("Summary report"))
    yield Paragraph(content.report or "—")
    if words := explained(content):
        yield Heading(_("Explanations of warnings"))
        yield Terms(words)
    yield Heading(_("Evidence"))
    if content.files:
        head = (_("Indicator"), _("File"), _("Size"), "SHA-256")
        files = [(file.indicator, file.name, size(file.size), file.sha256) for file in content.files]
        yield Table(head, files, (1.1, 3, 1.1, 4.6), figures=(2,), codes=(3,))
    else:
        yield Paragraph(_("No file was filed."))
    if content.self_total:
        yield Paragraph(_("Own points in total: %(points)s") % {"points": content.self_total})
