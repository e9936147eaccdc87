"""A document as .docx, for the office that edits it: the same blocks, with the East Asian fonts named.

A word processor that finds no East Asian font named sets Chinese in a Latin one; every run therefore names both.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import docx
import segno
from django.utils import timezone
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from .model import (
    AnchoredTable,
    Annex,
    Document,
    Heading,
    Paragraph,
    Passage,
    Picture,
    PublicCheck,
    Signature,
    Table,
    Terms,
)
from .office_links import anchor, link_in, link_out
from .pictures import to_png
from .typesetting import in_groups

SONG, HEI, FANG, LATIN = "宋体", "黑体", "仿宋", "Times New Roman"
RED, QUIET, LINK = RGBColor(0xC0, 0, 0), RGBColor(0x52, 0x60, 0x6D), RGBColor(0x10, 0x56, 0x6B)


def to_docx(document: Document) -> bytes:
    """Write the document."""
    book = docx.Document()
    _Writer(book, document).write()
    made = io.BytesIO()
    book.save(made)
    return _without_clock(made.getvalue())


class _Writer:
    def __init__(self, book: Any, document: Document) -> None:
        self.book, self.document = book, document
        self.official = document.letter is not None
        self.body = FANG if self.official else SONG
        self.size = (16 if document.language == "zh" else 12) if self.official else 10.5

    def write(self) -> None:
        """Head, blocks, and what stands at the end of the first part, and the panel of the public check."""
        self._frame()
        self._head()
        told = False
        for block in self.document.blocks:
            if isinstance(block, Annex) and not told:
                self._tail()
                told = True
            self._block(block)
        if not told:
            self._tail()
        if self.document.check is not None:
            self._check(self.document.check)

    def _frame(self) -> None:
        document, section = self.document, self.book.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        margins = (37, 35, 28, 26) if self.official else (22, 24, 20, 20)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = map(Mm, margins)
        properties = self.book.core_properties
        at = timezone.localtime(document.at).replace(tzinfo=None, microsecond=0)
        properties.title, properties.author = _property(document.title), _property(document.author)
        properties.language, properties.created, properties.modified = document.language, at, at
        properties.keywords = _property(", ".join(document.keywords))
        properties.comments, properties.last_modified_by = "", ""
        normal = self.book.styles["Normal"]
        _fonts(normal.element.get_or_add_rPr(), self.body)
        normal.font.name, normal.font.size = LATIN, Pt(self.size)
        foot = section.footer.paragraphs[0]
        self._run(foot, f"{document.foot}　", HEI, 8, QUIET)
        before, _page, rest = document.pages.partition("{page}")
        between, _pages, after = rest.partition("{pages}")
        self._run(foot, before, HEI, 8, QUIET)
        _field(self._run(foot, "", HEI, 8, QUIET), "PAGE")
        self._run(foot, between, HEI, 8, QUIET)
        _field(self._run(foot, "", HEI, 8, QUIET), "NUMPAGES")
        self._run(foot, after, HEI, 8, QUIET)

    def _head(self) -> None:
        document, letter = self.document, self.document.letter
        if letter is not None:
            self._centred(letter.authority, HEI, 30 if document.language == "zh" else 20, RED)
            line = self._centred(letter.number, self.body, self.size)
            _rule(line, "C00000", 18)
            self.book.add_paragraph()
        title = self.book.add_paragraph(style="Title")
        _rule(title, None, 0)
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(title, document.title, SONG if self.official else HEI, 22 if self.official else 18, RGBColor(0, 0, 0))
        if document.subtitle:
            self._centred(document.subtitle, HEI, 11, QUIET)

    def _tail(self) -> None:
        letter = self.document.letter
        if letter is not None:
            for text in filter(None, (letter.copies, letter.printed)):
                _rule(self._text(text, 12), "000000", 6)

    def _block(self, block: Any) -> None:
        if isinstance(block, Heading):
            self._heading(block.text, block.level)
        elif isinstance(block, Paragraph):
            for line in block.text.split("\n"):
                made = self._text(line, 9 if block.style == "small" else self.size)
                if self.official and not block.style:
                    made.paragraph_format.first_line_indent = Pt(self.size * 2)
                made.paragraph_format.keep_with_next = True if block.style == "caption" else None
        elif isinstance(block, Terms):
            self._table(None, block.rows, (1, 3), ())
        elif isinstance(block, Table):
            self._table(block.head, block.rows, block.widths, block.figures)
        elif isinstance(block, Passage):
            self._passage(block)
        elif isinstance(block, AnchoredTable):
            self._anchored(block)
        elif isinstance(block, Picture):
            self._picture(block)
        elif isinstance(block, Signature):
            for text in filter(None, (block.seal, block.name, block.day)):
                made = self._text(text, self.size)
                made.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                made.paragraph_format.right_indent = Pt(self.size * 2)
        else:
            self.book.add_section(WD_SECTION.NEW_PAGE)
            self._text(block.label, self.size, HEI)
            self._heading(block.title, 1)

    def _passage(self, block: Passage) -> None:
        made = self.book.add_paragraph()
        made.paragraph_format.first_line_indent = Pt(self.size * 2)
        for span in block.spans:
            run = self._run(made, span.text, self.body, self.size, LINK if span.to else None)
            if span.gap:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            if span.to:
                link_in(run, span.to)

    def _anchored(self, block: AnchoredTable) -> None:
        table = self._table(block.head, block.rows, block.widths, block.figures)
        named = zip(list(table.rows)[1:], block.anchors, block.links, strict=True)
        for place, (row, name, link) in enumerate(named, start=1):
            cells = row.cells
            anchor(cells[0].paragraphs[0], name, place)
            if link:
                run = cells[-1].paragraphs[0].runs[0]
                run.font.color.rgb = LINK
                link_out(run, link)

    def _picture(self, block: Picture) -> None:
        self._text(block.title, self.size, HEI).paragraph_format.keep_with_next = True
        made = self.book.add_paragraph()
        made.paragraph_format.keep_with_next = bool(block.source)
        shape = made.add_run().add_picture(io.BytesIO(to_png(block.svg)), width=Mm(150))
        shape._inline.docPr.set("descr", block.words)
        if block.source:
            self._text(block.source, 8, HEI)

    def _heading(self, text: str, level: int) -> None:
        made = self.book.add_heading(level=level)
        size = self.size if self.official else {1: 14, 2: 12}.get(level, 11)
        self._run(made, text, HEI, size, RGBColor(0, 0, 0)).font.italic = False  # that of level 4 leans

    def _table(
        self, head: Sequence[str] | None, rows: Sequence[Sequence[str]], widths: Sequence[float], figures: Sequence[int]
    ) -> Any:
        size = 10.5 if self.official else 9
        table = self.book.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        line = 156 if self.official else 170
        for column, share in zip(table.columns, widths, strict=True):  # LibreOffice goes by these, Word by the cells
            column.width = Mm(line * share / sum(widths))
        for place, row in enumerate([*([head] if head is not None else []), *rows]):
            first = head is not None and place == 0
            cells = table.add_row().cells
            if first:
                _repeats(table.rows[0])
            for column, value in enumerate(row):
                cells[column].width = Mm(line * widths[column] / sum(widths))
                text = cells[column].paragraphs[0]
                self._run(text, value, HEI if first or (head is None and column == 0) else self.body, size)
                if column in figures:
                    text.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self.book.add_paragraph()
        return table

    def _check(self, check: PublicCheck) -> None:
        picture = io.BytesIO()
        segno.make(check.address, error="m", micro=False).save(picture, kind="png", border=4, scale=6)
        made = self.book.add_paragraph()
        picture.seek(0)
        shape = made.add_run().add_picture(picture, width=Mm(26))
        shape._inline.docPr.set("descr", check.words)
        self._text(check.words, 9, HEI)
        self._text(f"{check.number_label}　{check.number}", 9, HEI)
        self._text(f"{check.digest_label}　{in_groups(check.digest)}", 8, HEI)

    def _centred(self, text: str, font: str, size: float, colour: RGBColor | None = None) -> Any:
        made = self.book.add_paragraph()
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._run(made, text, font, size, colour)
        return made

    def _text(self, text: str, size: float, font: str = "") -> Any:
        made = self.book.add_paragraph()
        self._run(made, text, font or self.body, size)
        return made

    def _run(self, paragraph: Any, text: str, font: str, size: float, colour: RGBColor | None = None) -> Any:
        run = paragraph.add_run()
        for place, line in enumerate(_printable(text).split("\n")):
            if place:
                run.add_break()
            run.add_text(line)
        run.font.name, run.font.size, run.font.bold = LATIN, Pt(size), False
        _fonts(run._element.get_or_add_rPr(), font)
        if colour is not None:
            run.font.color.rgb = colour
        return run


def _printable(text: str) -> str:
    """The text without the characters that XML has no place for."""
    return "".join(one for one in text if one in "\n\t" or (one >= " " and one not in "\ufffe\uffff"))


def _property(text: str) -> str:
    """The text as a property of the file, which holds 255 characters of one line."""
    return " ".join(_printable(text).split())[:255]


def _fonts(properties: Any, east_asian: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{name}"), value)
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)


def _field(run: Any, name: str) -> None:
    """A field that the word processor works out, as the number of the page."""
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)


def _rule(paragraph: Any, colour: str | None, width: int) -> None:
    """A line under a paragraph; None takes away the one of its style."""
    properties = paragraph._element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    bottom.set(qn("w:val"), "single" if colour else "nil")
    if colour:
        bottom.set(qn("w:sz"), str(width))
        bottom.set(qn("w:space"), "4")
        bottom.set(qn("w:color"), colour)
    borders.append(bottom)
    properties.append(borders)


def _repeats(row: Any) -> None:
    """The head of a table stands on each page."""
    properties = row._tr.get_or_add_trPr()
    element = OxmlElement("w:tblHeader")
    element.set(qn("w:val"), "true")
    properties.append(element)


def _without_clock(content: bytes) -> bytes:
    """The same archive with one time for all members, so that the same content gives the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.infolist():
            after.writestr(
                zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0)), before.read(member), zipfile.ZIP_DEFLATED
            )
    return made.getvalue()
