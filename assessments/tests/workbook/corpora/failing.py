"""Files that are refused as a whole, and files with cells that are wrong."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from unittest.mock import patch

from django.test import override_settings
from django.utils.translation import override

from assessments.filings.workbook.contents import Contents
from assessments.filings.workbook.sheets import workbook
from assessments.filings.workbook.stamp import SHEET
from assessments.tests.workbook.corpora import quirks
from assessments.tests.workbook.corpora.case import Case, Make, typed, worked
from assessments.tests.workbook.world import HEAD, Sheets, contents

NOT_XLSX = "这不是 Excel 工作簿（.xlsx）。请用电子表格软件另存为 .xlsx。"
DAMAGED = "文件已损坏，无法打开，请重新保存后上传。"
CURRENT = "现行工作簿为 r2017、mini/1 的模板第 1 版，请下载后填写。"
MACROS = "文件含有宏"
EMBEDDED = "文件内嵌有其他文件或控件"
UNFOLDS = "文件解压后体积异常"
NO_STAMP = f"这不是填报工作簿：缺少隐藏的标识工作表。 {CURRENT}"
BROKEN = f"工作簿的隐藏标识工作表已被改动，无法读取。 {CURRENT}"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FIGURES = "指标数据"
TYPES = "[Content_Types].xml"


def _always(content: bytes) -> Make:
    return lambda _content: content


def _made(template: str = "", hash: str = "", key: str = "", **head: Any) -> Make:
    """A workbook that was made for something else."""

    def make(_content: bytes) -> bytes:
        stamp = Contents.stamp

        def other(self: Contents, computed: list[str]) -> object:
            found = stamp(self, computed)
            return replace(found, template=template or found.template, hash=hash or found.hash)

        with (
            override("zh-hans"),
            override_settings(**({"SECRET_KEY": key} if key else {})),
            patch.object(Contents, "stamp", other),
        ):
            return workbook(contents(head=replace(HEAD, **head)))

    return make


def _stamp(name: str, value: str | None) -> Make:
    def change(sheets: Sheets) -> None:
        sheet = sheets.book[SHEET]
        row = next(row for row in sheet.iter_rows() if row[0].value == name)
        row[1].value = value

    return worked(change)


def _foreign(_content: bytes) -> bytes:
    sheets = Sheets(_content)
    for name in sheets.book.sheetnames[1:]:
        del sheets.book[name]
    return sheets.saved()


def _far(address: str) -> Make:
    def change(text: str) -> str:
        number = address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        row = f'<row r="{number}"><c r="{address}"><v>1</v></c></row></sheetData>'
        return text.replace("</sheetData>", row)

    return quirks.sheet_xml(FIGURES, change)


def _coded(coding: str) -> Make:
    def make(content: bytes) -> bytes:
        parts = quirks.unpacked(content)
        name = quirks.sheet_part(parts, FIGURES)
        return quirks.packed(parts | {name: parts[name].decode().replace("UTF-8", coding).encode(coding)})

    return make


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flag(content: bytes) -> bytes:
    """The bit that says that the first member is encrypted."""
    changed = bytearray(content)
    at = changed.find(b"PK\x01\x02")
    changed[at + 8] |= 1
    return bytes(changed)


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + "]>"
)

REFUSED = [
    Case("empty", _always(b""), refused="文件为空，请另选文件。"),
    Case("csv", _always("指标,数值\n小微企业贷款余额,13000\n".encode()), refused=NOT_XLSX),
    Case("csv-gb18030", _always("指标,数值\n".encode("gb18030")), refused=NOT_XLSX),
    Case("html", _always(b"<html><table><tr><td>13000</td></tr></table></html>"), refused=NOT_XLSX),
    Case(
        "xml-2003",
        _always(b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
        refused=NOT_XLSX,
    ),
    Case("picture", _always(b"\x89PNG\r\n\x1a\n" + bytes(64)), refused=NOT_XLSX),
    Case("pdf", _always(PDF), refused=NOT_XLSX),
    Case("zip", _always(quirks.packed({"a.pdf": PDF})), refused=NOT_XLSX),
    Case("docx", _always(quirks.packed({TYPES: b"<Types/>", "word/document.xml": b"<d/>"})), refused=NOT_XLSX),
    Case("ole-broken", _always(OLE + bytes(600)), refused=DAMAGED),
    Case(
        "ods",
        _always(quirks.packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})),
        refused=NOT_XLSX,
    ),
    Case("macros-part", quirks.with_parts(xl__vbaProject_dot_bin=b"macro"), refused=MACROS),
    Case(
        "macros-type",
        quirks.replaced(TYPES, "spreadsheetml.sheet.main+xml", "sheet.macroEnabled.main+xml"),
        refused=MACROS,
    ),
    Case(
        "macros-renamed",
        quirks.in_turn(
            quirks.with_parts(xl__note_dot_bin=b"macro"),
            quirks.replaced(
                TYPES,
                "</Types>",
                '<Override PartName="/xl/note.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
            ),
        ),
        refused=MACROS,
    ),
    Case("embedded-file", quirks.with_parts(xl__embeddings__oleObject1_dot_bin=b"x"), refused=EMBEDDED),
    Case("controls", quirks.with_parts(xl__activeX__activeX1_dot_xml=b"<x/>"), refused=EMBEDDED),
    Case(
        "links",
        quirks.with_parts(xl__externalLinks__externalLink1_dot_xml=b"<externalLink/>"),
        refused="工作簿链接了其他文件",
    ),
    Case("password-of-the-archive", _flag, refused="密码"),
    Case("bomb-of-zeros", quirks.with_parts(xl__media__image1_dot_png=bytes(30_000_000)), refused=UNFOLDS),
    Case(
        "bomb-of-entities",
        quirks.sheet_xml(
            FIGURES,
            lambda t: t.replace("?>\n", f"?>\n{ENTITIES}", 1).replace(
                "<sheetData>", '<sheetData><row r="4999"><c r="&i;"><v>1</v></c></row>'
            ),
        ),
        refused=DAMAGED,
    ),
    Case("cell-far-to-the-right", _far("XFD4"), refused="在远离表格的 XFD4 处有内容"),
    Case("cell-far-below", _far("D1048576"), refused="在远离表格的 D1048576 处有内容"),
    Case("cell-in-the-last-corner", _far("XFD1048576"), refused="在远离表格的 XFD1048576 处有内容"),
    Case("utf-16", _coded("UTF-16"), refused=DAMAGED),
    Case("cut-in-half", _cut, refused=DAMAGED),
    Case("sheet-broken", quirks.sheet_xml(FIGURES, lambda text: text.replace("</sheetData>", "")), refused=DAMAGED),
    Case("sheet-missing", quirks.without("xl/worksheets/sheet3.xml"), refused=DAMAGED),
    Case("relations-missing", quirks.without("xl/_rels/workbook.xml.rels"), refused=DAMAGED),
    Case("path-outside", quirks.with_parts(**{"..__evil_dot_xml": b"x"}), refused=DAMAGED),
    Case("other-workbook", _foreign, refused=NO_STAMP),
    Case("hidden-sheet-deleted", worked(lambda sheets: sheets.book.remove(sheets.book[SHEET])), refused=NO_STAMP),
    Case("hidden-sheet-edited", _stamp("base:fact:bal", "value:1"), refused=BROKEN),
    Case("hidden-sheet-of-another-bank", _stamp("bank", "B001 "[:4] + "9"), refused=BROKEN),
    Case("hidden-sheet-unsigned", _stamp("signature", None), refused=BROKEN),
    Case("signed-elsewhere", _made(key="somebody else's key of another system"), refused=BROKEN),
    Case("another-round", _made(round="r2016"), refused=f"该工作簿属于其他年度评价（r2016）。 {CURRENT}"),
    Case("another-bank", _made(bank="B002"), refused=f"该工作簿属于其他银行（B002）。 {CURRENT}"),
    Case("another-rulebook", _made(hash="0" * 64), refused=f"该工作簿按其他评价办法（mini/1）生成。 {CURRENT}"),
    Case("old-template", _made(template="0"), refused=f"该工作簿按模板第 0 版生成，已不再受理。 {CURRENT}"),
    Case("later-template", _made(template="9"), refused=f"该工作簿按模板第 9 版生成，已不再受理。 {CURRENT}"),
]

NO_NUMBER = "“小微企业贷款余额”应填数字（单位：万元），不能是"
LOST = "没有保存计算结果；请用电子表格软件打开并保存后重新上传。"
ERROR = "单元格为表格错误值"
DATED = "电子表格把内容当成了日期或时间"


def _value(content: object, key: str = "fact:bal") -> Make:
    return typed(**{key: content})


def _merge(span: str) -> Make:
    return worked(lambda sheets: sheets.sheet("figures").merge_cells(span))


def _insert(sheets: Sheets) -> None:
    row = sheets["fact:bal"].row
    sheets.sheet("figures").insert_rows(row)
    sheets.sheet("figures").cell(row, 4).value = 500


def _key(sheets: Sheets) -> None:
    cell = sheets["fact:bal"]
    cell.value = 13000
    cell.parent.cell(cell.row, 1).value = "balance"


def _double(sheets: Sheets) -> None:
    cell = sheets["fact:bal"]
    last = cell.parent.max_row + 1
    cell.parent.cell(last, 1).value = "bal"
    cell.parent.cell(last, 4).value = 500


def _copy(sheets: Sheets) -> None:
    twin = sheets.book.copy_worksheet(sheets.sheet("figures"))
    twin.title = "副本"
    twin.cell(sheets["fact:bal"].row, 4).value = 500


def _renamed(sheets: Sheets) -> None:
    sheets.sheet("figures").title = "定稿"
    sheets["fact:bal"] = "很多"


def _hidden(sheets: Sheets) -> None:
    sheets["fact:bal"] = "很多"
    sheets.sheet("figures").row_dimensions[sheets["fact:bal"].row].hidden = True
    sheets.sheet("figures").sheet_state = "hidden"


BAL = "fact:bal"
CELLS = [
    Case(
        "error-division",
        quirks.cell_xml(BAL, '<c {r} t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        cells={BAL: f"{ERROR} #DIV/0!"},
    ),
    Case("error-not-available", quirks.cell_xml(BAL, '<c {r} t="e"><v>#N/A</v></c>'), cells={BAL: f"{ERROR} #N/A"}),
    Case(
        "error-reference",
        quirks.cell_xml("self_points:A1", '<c {r} t="e"><f>#REF!+1</f><v>#REF!</v></c>'),
        cells={"self_points:A1": f"{ERROR} #REF!"},
    ),
    Case(
        "error-in-a-list",
        quirks.cell_xml("fact:flow#online", '<c {r} t="e"><v>#NAME?</v></c>'),
        cells={"fact:flow#online": f"{ERROR} #NAME?"},
    ),
    Case(
        "error-of-libreoffice",
        quirks.in_turn(typed(fact__bal="=1/0"), quirks.libreoffice),
        cells={BAL: f"{ERROR} #DIV/0!"},
    ),
    Case(
        "error-of-wps",
        quirks.in_turn(quirks.cell_xml(BAL, '<c {r} t="e"><f>A/0</f><v>#VALUE!</v></c>'), quirks.wps),
        cells={BAL: f"{ERROR} #VALUE!"},
    ),
    Case("formula-without-value", _value("=12000+1000"), cells={BAL: f"公式 =12000+1000 {LOST}"}),
    Case(
        "formula-without-value-prefixed",
        quirks.in_turn(_value("=12000+1000"), quirks.prefixed),
        cells={BAL: f"公式 =12000+1000 {LOST}"},
    ),
    Case("formula-without-value-in-answers", _value('=T("1")', "fact:policy"), cells={"fact:policy": LOST}),
    Case("formula-shared-without-value", quirks.cell_xml(BAL, '<c {r}><f t="shared" si="0"/></c>'), cells={BAL: LOST}),
    Case("date", _value(date(2018, 1, 2)), cells={BAL: f"{DATED}（2018-01-02"}),
    Case("date-and-time", _value(datetime(2018, 1, 2, 3, 4)), cells={BAL: f"{DATED}（2018-01-02 03:04:00）"}),
    Case("time", _value(time(3, 4)), cells={BAL: f"{DATED}（03:04:00）"}),
    Case("date-in-a-share", _value(date(2018, 5, 5), "fact:rate"), cells={"fact:rate": DATED}),
    Case("date-in-a-text", _value(date(2018, 5, 5), "narrative:A1"), cells={"narrative:A1": DATED}),
    Case("truth-value", _value(True), cells={BAL: f"{NO_NUMBER}“是”"}),
    Case("words", _value("很多"), cells={BAL: f"{NO_NUMBER}“很多”"}),
    Case("about", _value("约12000"), cells={BAL: f"{NO_NUMBER}“约12000”"}),
    Case("two-figures", _value("12000/13000"), cells={BAL: f"{NO_NUMBER}“12000/13000”"}),
    Case("full-width-letters", _value("ＡＢＣ"), cells={BAL: f"{NO_NUMBER}“ABC”"}),
    Case("wrong-separators", _value("1,2000"), cells={BAL: f"{NO_NUMBER}“1,2000”"}),
    Case("not-a-number", _value("NaN"), cells={BAL: f"{NO_NUMBER}“NaN”"}),
    Case("another-unit", _value("12000户"), cells={BAL: f"{NO_NUMBER}“12000户”"}),
    Case("percentage-for-an-amount", _value("5%"), cells={BAL: "“小微企业贷款余额”不是比率，不能带百分号。"}),
    Case("beyond-all", _value(1e30), cells={BAL: "“小微企业贷款余额”位数过多"}),
    Case("negative", _value(-1), cells={BAL: "“小微企业贷款余额”不得低于 0 万元，现填 -1 万元。"}),
    Case("negative-full-width", _value("－１"), cells={BAL: "“小微企业贷款余额”不得低于 0 万元"}),
    Case(
        "share-above-one", _value(1.5, "fact:rate"), cells={"fact:rate": "“经营单位审批占比”不得高于 100%，现填 150%。"}
    ),
    Case(
        "share-without-its-format",
        _value(55, "fact:rate"),
        cells={"fact:rate": "“经营单位审批占比”不得高于 100%，现填 5,500%。"},
    ),
    Case("not-applicable-to-a-target", _value("不适用"), cells={BAL: "评价办法规定“小微企业贷款余额”不得填“不适用”"}),
    Case("left-to-the-supervisor", _value("待提供"), cells={BAL: "“小微企业贷款余额”由本行填报"}),
    Case("level-unknown", _value(9, "fact:policy"), cells={"fact:policy": "“定价制度等级”没有等级“9”"}),
    Case(
        "level-by-other-words", _value("已建立", "fact:policy"), cells={"fact:policy": "“定价制度等级”没有等级“已建立”"}
    ),
    Case("list-neither", _value("部分", "fact:flow#online"), cells={"fact:flow#online": "“部分”既不是“是”也不是“否”"}),
    Case("list-partly-blank", _value(None, "fact:flow#online"), cells={"fact:flow#online": "清单的其他项目已作答"}),
    Case("remark-too-long", _value("长" * 401, "fact:note"), cells={"fact:note": "“补充说明”过长"}),
    Case("text-too-long", _value("长" * 10_001, "narrative:A1"), cells={"narrative:A1": "文字共 10001 个字符"}),
    Case(
        "report-too-long",
        _value("长" * 10_002, "narrative:_report"),
        cells={"narrative:_report": "文字共 10002 个字符"},
    ),
    Case("points-too-many", _value(5, "self_points:A1"), cells={"self_points:A1": "A1 的自评得分应在 0 至 4 之间。"}),
    Case("points-negative", _value(-1, "self_points:A1"), cells={"self_points:A1": "A1 的自评得分应在 0 至 4 之间。"}),
    Case(
        "points-too-fine", _value(3.333, "self_points:A1"), cells={"self_points:A1": "A1 的自评得分最多保留 2 位小数。"}
    ),
    Case(
        "points-in-words",
        _value("满分", "self_points:A1"),
        cells={"self_points:A1": "A1 的自评得分应为 0 至 4 之间的数字。"},
    ),
    Case(
        "points-truth-value",
        _value(True, "self_points:A1"),
        cells={"self_points:A1": "分值应为数字，单元格内是“是”或“否”。"},
    ),
    Case("claim-neither", _value("可能", "not_applicable:A2"), cells={"not_applicable:A2": "“可能”不是“是”"}),
    Case("merged-down", _merge("D5:D6"), cells={"fact:bal_prev": "该单元格已并入 D5:D6"}),
    Case("merged-across", _merge("C5:D5"), cells={BAL: "该单元格已并入 C5:D5"}),
    Case("row-inserted", worked(_insert), cells={"@指标数据!D5": "该行是插入的，不对应任何填报项"}),
    Case("key-changed", worked(_key), cells={"@指标数据!D5": "的标识“balance”不属于本工作簿"}),
    Case(
        "row-doubled",
        worked(_double),
        cells={BAL: "同一填报项在工作表“指标数据”的 D9 另有不同内容", "@指标数据!D9": "的 D5 另有不同内容"},
    ),
    Case(
        "sheet-copied",
        worked(_copy),
        cells={BAL: "同一填报项在工作表“副本”的 D5 另有不同内容", "@副本!D5": "同一填报项在工作表“指标数据”的 D5"},
    ),
    Case("sheet-renamed", worked(_renamed), cells={"@定稿!D5": f"{NO_NUMBER}“很多”"}),
    Case("row-and-sheet-hidden", worked(_hidden), cells={BAL: f"{NO_NUMBER}“很多”"}),
    Case("libreoffice-words", quirks.in_turn(_value("很多"), quirks.libreoffice), cells={BAL: f"{NO_NUMBER}“很多”"}),
    Case("wps-words", quirks.in_turn(_value("很多"), quirks.wps), cells={BAL: f"{NO_NUMBER}“很多”"}),
    Case(
        "several-at-once",
        typed(fact__bal="很多", fact__rate=2, self_points__A1=9, narrative__A1=date(2018, 1, 1)),
        cells={
            BAL: NO_NUMBER,
            "fact:rate": "不得高于 100%",
            "self_points:A1": "应在 0 至 4 之间",
            "narrative:A1": DATED,
        },
    ),
]

FAILING = [*REFUSED, *CELLS]
