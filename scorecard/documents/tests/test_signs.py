"""Whatever somebody types comes onto paper: one character that no font shows kept whole filings and letters off it."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import docx
import pylopdf_fonts_zh_cn
import pytest
from docx.document import Document as Book
from hypothesis import example, given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from scorecard.documents.fonts import shown
from scorecard.documents.model import Document, Heading, Paragraph, Table, Terms
from scorecard.documents.office import to_docx
from scorecard.documents.tests.paper import plain
from scorecard.documents.typesetting import to_pdf

ODD = {
    "an emoji": ("办得好😀。", "办得好[U+1F600]。"),
    "a family": ("👨\u200d👩", "[U+1F468]\u200d[U+1F469]"),
    "a rare name": ("𠮷野支行", "[U+20BB7]野支行"),
    "Tibetan": ("བོད་", "[U+0F56][U+0F7C][U+0F51][U+0F0B]"),
    "Uyghur": ("ئۇ", "[U+0626][U+06C7]"),
    "bell and escape": ("甲\x07\x1b乙", "甲乙"),
    "C1": ("甲\x9b乙", "甲乙"),
    "no character": ("甲\uffff\ufffe乙", "甲[U+FFFF][U+FFFE]乙"),
    "not assigned": ("甲\u0378乙", "甲[U+0378]乙"),
}


def paper(text: str) -> Document:
    return Document(
        language="zh",
        title="自评材料",
        at=datetime(2018, 1, 5, 2, 3, 4, tzinfo=UTC),
        author="某银行",
        blocks=[
            Heading("一、说明"),
            Paragraph(text),
            Terms([("填报人", text)]),
            Table(("丙", "丁"), [(text, "1")], (3, 1)),
        ],
        pages="第 {page} 页 共 {pages} 页",
    )


@pytest.mark.parametrize("name", ODD)
def test_a_character_without_a_glyph_is_printed_by_its_number(name: str) -> None:
    typed, printed = ODD[name]
    found = plain(to_pdf(paper(typed))).replace("\u200d", "")
    assert found.count(printed.replace("\u200d", "")) == 3, found


@pytest.mark.parametrize("name", ODD)
def test_it_stands_in_the_heads_and_names_too(name: str) -> None:
    typed = ODD[name][0]
    whole = replace(paper("正文"), title=typed, subtitle=typed, author=typed, foot=typed, keywords=(typed,))
    assert to_pdf(whole).startswith(b"%PDF") and to_docx(whole)


def test_what_a_document_shows_is_not_touched() -> None:
    said = "龘靐 ㎡ ① ½ é α Ж 〔2017〕 ☑"
    assert plain(to_pdf(paper(said))).count("".join(said.split())) == 3


@given(text=st.text(max_size=40))
@drawn(max_examples=25)
@example(text="\u202e\ufeff\u00ad")
def test_every_text_is_set_in_both_forms(text: str) -> None:
    clean = text.replace("\0", "")
    assert to_pdf(paper(clean)).startswith(b"%PDF") and to_docx(paper(clean))


def test_the_word_processors_form_takes_what_xml_does_not_and_long_names() -> None:
    long = replace(paper("甲\uffff乙"), title="长" * 300, author="行\n" * 200, keywords=("词" * 300,))
    book: Book = docx.Document(io.BytesIO(to_docx(long)))
    assert "甲乙" in [one.text for one in book.paragraphs]
    assert len(book.core_properties.title) == 255 and "\n" not in book.core_properties.author


def test_the_fonts_say_what_they_show() -> None:
    known = shown((str(Path(pylopdf_fonts_zh_cn.__file__).parent),))
    assert {ord(one) for one in "普惠金融A1é〔〕①"} <= known
    assert not {0x1F600, 0x20BB7, 0xFFFF, 0x0F56} & known


def test_a_file_that_is_no_font_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"no font")
    (tmp_path / "b.ttc").write_bytes(b"ttcf")
    assert shown((str(tmp_path),)) == frozenset()
