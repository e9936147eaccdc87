"""Files that are taken."""

from typing import Any

from openpyxl.comments import Comment

from assessments.filings.workbook.annotate import annotated
from assessments.filings.workbook.checks.registry import Problem
from assessments.tests.workbook.corpora import quirks
from assessments.tests.workbook.corpora.case import Case, typed, worked
from assessments.tests.workbook.world import Sheets

BAL = {"fact:bal": "value:13000"}
HEADS = "指标数据"


def _insert_row(sheets: Sheets) -> None:
    sheet = sheets.sheet("figures")
    sheet.insert_rows(sheets["fact:bal"].row)
    sheets["fact:bal"] = 13000


def _insert_column(sheets: Sheets) -> None:
    sheets.sheet("figures").insert_cols(3)
    sheets["fact:bal"] = 13000


def _swap(sheets: Sheets) -> None:
    one, two = sheets["fact:bal"], sheets["fact:bal_prev"]
    sheet = one.parent
    for column in range(1, 8):
        a, b = sheet.cell(one.row, column), sheet.cell(two.row, column)
        a.value, b.value = b.value, a.value
    sheets["fact:bal"] = 13000


def _own_sheet(sheets: Sheets) -> None:
    sheets.book.create_sheet("底稿").append(["贷款余额", 13000])
    sheets["fact:bal"] = 13000


def _copy(sheets: Sheets) -> None:
    sheets["fact:bal"] = 13000
    sheets.book.copy_worksheet(sheets.sheet("figures"))


def _hide(sheets: Sheets) -> None:
    sheets["fact:bal"] = 13000
    sheets["fact:bal"].parent.row_dimensions[sheets["fact:bal"].row].hidden = True


def _set(sheet_state: str = "", title: str = "", protected: bool = True) -> Any:
    def change(sheets: Sheets) -> None:
        sheet = sheets.sheet("figures")
        sheets["fact:bal"] = 13000
        sheet.sheet_state = sheet_state or sheet.sheet_state
        sheet.title = title or sheet.title
        sheet.protection.sheet = protected

    return worked(change)


def _comment(sheets: Sheets) -> None:
    sheets["fact:bal"] = 13000
    sheets["fact:bal"].comment = Comment("按新口径", "填报人")


def _text_format(sheets: Sheets) -> None:
    sheets["fact:bal"] = "13000"
    sheets["fact:bal"].number_format = "@"
    sheets["fact:bal"].quotePrefix = True


def _drop_rows(sheets: Sheets) -> None:
    sheet = sheets.sheet("figures")
    sheet.delete_rows(sheets["fact:rate"].row)
    sheets["fact:bal"] = 13000


def _merge_heads(sheets: Sheets) -> None:
    sheets.sheet("figures").merge_cells("B2:G2")
    sheets.sheet("figures").merge_cells("B4:C4")
    sheets["fact:bal"] = 13000


def _annotated(content: bytes) -> bytes:
    return typed(fact__bal=13000)(annotated(content, [Problem(HEADS, "D5", "请核对。")]))


WRITTEN = [
    Case("as-downloaded", lambda content: content),
    Case("saved-again", typed()),
    Case("in-english", lambda content: content, english=True),
    Case(
        "in-english-filled",
        typed(fact__bal=13000, fact__policy="2 a model"),
        BAL | {"fact:policy": "value:2"},
        english=True,
    ),
    Case("not-compressed", lambda content: quirks.packed(quirks.unpacked(content), 0)),
    Case("annotated-copy-mended", _annotated, BAL),
    Case("libreoffice", quirks.libreoffice),
    Case(
        "libreoffice-filled",
        quirks.in_turn(typed(fact__bal=13000, narrative__A1="一\n二"), quirks.libreoffice),
        BAL | {"narrative:A1": "一\n二"},
    ),
    Case("libreoffice-formula", quirks.in_turn(typed(fact__bal="=12000+1000"), quirks.libreoffice), BAL),
    Case("libreoffice-own-sheet", quirks.in_turn(worked(_own_sheet), quirks.libreoffice), BAL),
    Case("wps", quirks.in_turn(typed(fact__bal=13000), quirks.wps), BAL),
    Case("wps-full-width", quirks.in_turn(typed(fact__bal="１３０００"), quirks.wps), BAL),
    Case("prefixed-elements", quirks.in_turn(typed(fact__bal=13000), quirks.prefixed), BAL),
    Case("inline-texts", quirks.inline),
    Case("rich-texts", quirks.rich),
]

TYPED = [
    Case("number", typed(fact__bal=13000), BAL),
    Case("number-as-text", typed(fact__bal="13000"), BAL),
    Case("number-in-a-text-cell", worked(_text_format), BAL),
    Case("full-width-digits", typed(fact__bal="１３，０００"), BAL),
    Case("separators", typed(fact__bal="13,000.00"), BAL),
    Case("spaces-around", typed(fact__bal="\u00a0 13000\u3000"), BAL),
    Case("larger-unit", typed(fact__bal="1.3亿元"), BAL),
    Case("own-unit", typed(fact__bal="13000万元"), BAL),
    Case("zero", typed(fact__bal_prev=0), {"fact:bal_prev": "value:0"}),
    Case("many-decimals", typed(fact__bal=12000.123456), {"fact:bal": "value:12000.123456"}),
    Case("cleared", typed(fact__note=None, fact__bal=13000), BAL | {"fact:note": "unanswered:"}),
    Case("share-as-fraction", typed(fact__rate=0.6), {"fact:rate": "value:0.6"}),
    Case("share-as-percentage-text", typed(fact__rate="60%"), {"fact:rate": "value:0.6"}),
    Case("share-without-sign", typed(fact__rate="60"), {"fact:rate": "value:0.6"}),
    Case("share-full-width", typed(fact__rate="６０．５％"), {"fact:rate": "value:0.605"}),
    Case("formula-with-value", quirks.cell_xml("fact:bal", "<c {r}><f>12000+1000</f><v>13000</v></c>"), BAL),
    Case(
        "formula-with-text-value", quirks.cell_xml("fact:bal", '<c {r} t="str"><f>T("13000")</f><v>13000</v></c>'), BAL
    ),
    Case(
        "formula-of-thirds",
        quirks.cell_xml("fact:rate", "<c {r}><f>0.1+0.2</f><v>0.30000000000000004</v></c>"),
        {"fact:rate": "value:0.3"},
    ),
    Case("level-by-list", typed(fact__policy="2 有模型"), {"fact:policy": "value:2"}),
    Case("level-by-number", typed(fact__policy=2), {"fact:policy": "value:2"}),
    Case("level-by-name", typed(fact__policy="有模型"), {"fact:policy": "value:2"}),
    Case("level-in-the-other-language", typed(fact__policy="a model"), {"fact:policy": "value:2"}),
    Case("list-none", typed(fact__flow___online="否", fact__flow___promise="否"), {"fact:flow": "value:none"}),
    Case("list-ticked", typed(fact__flow___online="√", fact__flow___promise="-"), {"fact:flow": "value:online"}),
    Case(
        "list-truth-values", typed(fact__flow___online=False, fact__flow___promise=True), {"fact:flow": "value:promise"}
    ),
    Case("list-cleared", typed(fact__flow___online=None, fact__flow___promise=None), {"fact:flow": "unanswered:"}),
    Case("remark-of-digits", typed(fact__note=2017), {"fact:note": "value:2017"}),
    Case("points", typed(self_points__A1=3.5), {"self_points:A1": "3.5"}),
    Case("points-as-text", typed(self_points__A1="３.５分"), {"self_points:A1": "3.5"}),
    Case(
        "claim",
        typed(not_applicable__A2="是", narrative__A2="本行不办理。"),
        {"not_applicable:A2": "true", "narrative:A2": "本行不办理。"},
    ),
    Case("claim-ticked", typed(not_applicable__A2="√"), {"not_applicable:A2": "true"}),
    Case("claim-no", typed(not_applicable__A2="否")),
    Case(
        "text-lines",
        quirks.cell_xml("narrative:A1", '<c {r} t="inlineStr"><is><t>一_x000D_\n二</t></is></c>'),
        {"narrative:A1": "一\n二"},
    ),
    Case(
        "text-like-a-formula",
        quirks.cell_xml("narrative:A1", '<c {r} t="inlineStr"><is><t>=1+1</t></is></c>'),
        {"narrative:A1": "=1+1"},
    ),
    Case("text-of-rare-letters", typed(narrative__A1="𠮷野家 ☑ 😀"), {"narrative:A1": "𠮷野家 ☑ 😀"}),
    Case("text-of-digits", typed(narrative__A1=12.5), {"narrative:A1": "12.5"}),
    Case("explanation", typed(**{"narrative:_check:bal_jump": "并购。"}), {"narrative:_check:bal_jump": "并购。"}),
]

MOVED = [
    Case("sheet-renamed", _set(title="数据（定稿）"), BAL),
    Case("sheet-hidden", _set("hidden"), BAL),
    Case("sheet-unprotected", _set(protected=False), BAL),
    Case("sheet-copied", worked(_copy), BAL),
    Case("sheet-of-answers-deleted", worked(lambda s: s.book.remove(s.sheet("answers"))), lacking=3),
    Case("row-inserted-and-empty", worked(_insert_row), BAL),
    Case("column-inserted", worked(_insert_column), BAL),
    Case("rows-sorted", worked(_swap), BAL),
    Case("row-hidden", worked(_hide), BAL),
    Case("row-deleted", worked(_drop_rows), BAL, lacking=1),
    Case("own-sheet", worked(_own_sheet), BAL),
    Case("headings-merged", worked(_merge_heads), BAL),
    Case("comment", worked(_comment), BAL),
]

PASSING = [*WRITTEN, *TYPED, *MOVED]
