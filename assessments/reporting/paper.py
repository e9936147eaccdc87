"""The draft on paper, for the office that edits it. Always Chinese, as the report is.

Each figure leads to its row in the first annex: query, scope, value, and the address of its page.
"""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from assessments.reporting.drawings import drawn
from assessments.reporting.listed import Listed
from assessments.reporting.places import page_of, path_of
from assessments.reporting.queries import PLACES, only_of
from assessments.reporting.selectors import Draft, Number, composed
from assessments.reporting.sources import Sources
from scorecard.charts import WIDE
from scorecard.charts.pictures import standalone
from scorecard.documents.model import (
    AnchoredTable,
    Annex,
    Block,
    Document,
    Heading,
    Paragraph,
    Passage,
    Picture,
    Span,
    Table,
)
from scorecard.links import Link
from scorecard.words.formats import moment


def draft_document(sources: Sources, chosen: frozenset[str]) -> Document:
    """The chosen chapters with their annexes."""
    with override("zh-hans"):
        draft = composed(sources, chosen)
        title = _("Draft of the report on inclusive finance, %(year)s") % {"year": draft.round.year}
        return Document(
            language="zh",
            title=title,
            at=sources.at,
            blocks=[*_opening(draft), *_chapters(draft), *_annexes(draft)],
            author=settings.AUTHORITY_NAME.strip() or _("The supervisor"),
            subtitle=_("%(round)s; figures as of %(at)s") % {"round": draft.round, "at": moment(sources.at)}
            + (_("; ") + only_of(sources.kind) if sources.kind else ""),
            foot=_("Draft for editing; not for publication"),
            pages=pgettext("document", "page {page} of {pages}"),
            keywords=(draft.round.code, *(chapter.chapter.id for chapter in draft.chapters)),
        )


def _opening(draft: Draft) -> Iterator[Block]:
    words = _(
        "%(held)d figures are printed; each leads to its row of annex 1 with query, scope and page. What the system "
        "does not hold stands as a gap with its name: %(gaps)d. %(differing)d figures differ from the report of the "
        "year."
    ) % {
        "held": len(draft.held),
        "gaps": len(draft.gaps) + len(draft.missing_tables),
        "differing": len(draft.differing),
    }
    yield Paragraph(words, "small")
    if draft.sources.kind:
        kind = only_of(draft.sources.kind)
        yield Paragraph(_("The sums and counts of this draft are not the city's: %(kind)s.") % {"kind": kind}, "small")


def _chapters(draft: Draft) -> Iterator[Block]:
    tables = charts = 0
    for chapter in draft.chapters:
        yield Heading(chapter.chapter.title, 1)
        for part in chapter.parts:
            yield Heading(part.part.title, part.part.level + 1)
            for sentence in part.sentences:
                yield Passage([_span(piece) for piece in sentence])
            for name in part.part.charts:
                if (chart := drawn(name, draft.sources)) is not None:
                    charts += 1
                    words = str(chart.finding)
                    scope = _("Scope: %(scope)s") % {"scope": chart.source}
                    title = _("Chart %(number)d") % {"number": charts}
                    yield Picture(standalone(chart.layout(WIDE), words), title, words, scope)
            for table in part.tables:
                tables += 1
                yield from _table(table, tables)


def _span(piece: str | Number) -> Span:
    if isinstance(piece, str):
        return Span(piece)
    return Span(piece.shown, gap=True) if piece.is_gap else Span(piece.text, _anchor(piece))


def _anchor(number: Number) -> str:
    return f"n{number.order}"


def _table(table: Listed, number: int) -> Iterator[Block]:
    yield Paragraph(_("Table %(number)d: %(words)s") % {"number": number, "words": table.title}, "caption")
    if not table.rows:
        yield Passage([Span(f"【缺：{table.title}】", gap=True), Span(table.why)])
        return
    yield Table(table.head, table.rows, table.widths, figures=table.figures)
    yield Paragraph(table.note + _("Scope: %(scope)s") % {"scope": table.scope}, "small")


def _annexes(draft: Draft) -> Iterator[Block]:
    yield Annex(_("Annex %(number)d") % {"number": 1}, _("Where the figures of the draft come from"))
    places = {scope: place for place, scope in enumerate(draft.scopes, start=1)}
    for scope, place in places.items():
        yield Paragraph(_("Scope %(number)d: %(words)s") % {"number": place, "words": scope}, "small")
    pages = [page_of(one.place, draft.sources, None if one.reported else one.figure) for one in draft.held]
    yield AnchoredTable(
        (_("No."), _("Figure"), pgettext("draft", "Printed"), _("Asked of"), _("Scope"), _("Page")),
        [
            (str(one.order), one.label, one.text, one.query, str(places[one.scope]), path_of(page))
            for one, page in zip(draft.held, pages, strict=True)
        ],
        (0.6, 2.5, 1.4, 2.6, 0.6, 3.4),
        [_anchor(one) for one in draft.held],
        [_address(page) for page in pages],
        figures=(0, 2, 4),
    )
    yield Annex(_("Annex %(number)d") % {"number": 2}, _("Gaps, and figures that differ from the report of the year"))
    yield Heading(_("Gaps"), 2)
    gaps = [(one.label, one.query, one.why) for one in draft.gaps]
    gaps += [(table.title, str(PLACES[table.place]), table.why) for table in draft.missing_tables]
    asked = (_("Figure"), _("Asked of"), _("Why it is missing"))
    yield Table(asked, gaps, (2.4, 2.6, 2.4)) if gaps else Paragraph(_("Nothing is missing"))
    yield Heading(_("Figures that differ from the report of the year"), 2)
    rows = [(one.label, one.text, one.reported, str(places[one.scope])) for one in draft.differing]
    head = (_("Figure"), _("The draft"), _("The report states"), _("Scope"))
    yield Table(head, rows, (3, 1.4, 1.4, 0.7), figures=(1, 2, 3)) if rows else Paragraph(_nothing(draft))


def _nothing(draft: Draft) -> str:
    compared = sum(bool(one.reported) for one in draft.held)
    if draft.sources.kind:
        return _("Not compared: the report tells of all institutions")
    if not compared:
        return _("No report of the year is loaded")
    return _("None: %(n)d figures were compared as printed.") % {"n": compared}


def _address(link: Link) -> str:
    """The whole address; "" where the site's name is not set."""
    site = settings.SITE_URL.rstrip("/")
    return f"{site}{path_of(link)}" if site else ""
