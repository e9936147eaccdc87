"""What other programs than Excel write, and what crafted files hold: changes of the parts of a workbook."""

import io
import re
import shutil
import subprocess  # nosec
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from assessments.tests.workbook.corpora.case import Make
from assessments.tests.workbook.world import Sheets

WHEN = (2018, 1, 1, 0, 0, 0)


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Parts as an archive, the same bytes at any time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method, compresslevel=9) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = method
            archive.writestr(info, content)
    return target.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_parts(**more: bytes) -> Make:
    """Further parts: ``xl__vbaProject_bin`` is the part ``xl/vbaProject.bin``."""
    named = {name.replace("__", "/").replace("_dot_", "."): part for name, part in more.items()}
    return lambda content: packed(unpacked(content) | named)


def without(*names: str) -> Make:
    """A workbook that lacks parts."""
    return lambda content: packed({name: part for name, part in unpacked(content).items() if name not in names})


def replaced(name: str, old: str, new: str) -> Make:
    """A part in which something stands otherwise."""

    def make(content: bytes) -> bytes:
        parts = unpacked(content)
        text = parts[name].decode()
        assert old in text, f"{old} is not in {name}"
        return packed(parts | {name: text.replace(old, new).encode()})

    return make


def cell_xml(key: str, xml: str) -> Make:
    """The input of a key as raw XML: ``{r}`` stands for its address and style."""

    def make(content: bytes) -> bytes:
        cell = Sheets(content)[key]
        parts = unpacked(content)
        name = sheet_part(parts, cell.parent.title)
        pattern = re.compile(rf'<c r="{cell.coordinate}"( s="\d+")?[^>]*?(/>|>.*?</c>)', re.S)
        text = parts[name].decode()
        found = pattern.search(text)
        assert found is not None
        new = xml.format(r=f'r="{cell.coordinate}"{found[1] or ""}')
        return packed(parts | {name: (text[: found.start()] + new + text[found.end() :]).encode()})

    return make


def sheet_part(parts: Mapping[str, bytes], title: str) -> str:
    """The part of a sheet: those of our writers are numbered in their order."""
    titles = re.findall(r'<sheet [^>]*?name="([^"]*)"', parts["xl/workbook.xml"].decode())
    return f"xl/worksheets/sheet{titles.index(title) + 1}.xml"


def sheet_xml(title: str, change: Callable[[str], str]) -> Make:
    """The XML of a sheet, changed."""

    def make(content: bytes) -> bytes:
        parts = unpacked(content)
        name = sheet_part(parts, title)
        return packed(parts | {name: change(parts[name].decode()).encode()})

    return make


def in_turn(*makes: Make) -> Make:
    """One change after the other."""

    def make(content: bytes) -> bytes:
        for each in makes:
            content = each(content)
        return content

    return make


# --- Programs --------------------------------------------------------------------------------------------------------


def wps(content: bytes) -> bytes:
    """As WPS saves: its name, its own parts, a styled row at the end of the sheet, prefixes of its own."""
    parts = unpacked(content)
    app = parts["docProps/app.xml"].decode().replace("Microsoft Excel", "WPS 表格")
    parts["docProps/app.xml"] = app.encode()
    parts["docProps/custom.xml"] = b'<?xml version="1.0" encoding="UTF-8"?><Properties xmlns="urn:wps"/>'
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        text = parts[name].decode()
        far = '<row r="1048576" ht="15"><c r="XFD1048576" s="1"/></row></sheetData>'
        parts[name] = text.replace("</sheetData>", far).encode()
    return packed(parts)


def prefixed(content: bytes) -> bytes:
    """With a prefix before every element of a sheet, as the Open XML SDK writes."""
    parts = unpacked(content)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        text = parts[name].decode().replace(main, main.replace("xmlns=", "xmlns:x="))
        parts[name] = re.sub(r"<(/?)(?![?!])", r"<\1x:", text).encode()
    return packed(parts)


def inline(content: bytes) -> bytes:
    """With texts in the cells and no table of shared ones, as many programs write."""
    parts = unpacked(content)
    texts = re.findall(r"<si>(.*?)</si>", parts["xl/sharedStrings.xml"].decode(), re.S)
    for name in [name for name in parts if name.startswith("xl/worksheets/sheet")]:
        text = parts[name].decode()

        def put(match: re.Match[str]) -> str:
            return f'<c {match[1]}t="inlineStr"><is>{texts[int(match[2])]}</is></c>'

        parts[name] = re.sub(r'<c ([^>]*?)t="s"><v>(\d+)</v></c>', put, text).encode()
    return packed(parts)


def rich(content: bytes) -> bytes:
    """With every shared text in two runs and a reading beside it, as Chinese and Japanese Excel write."""
    parts = unpacked(content)
    run = r'<si><r><t xml:space="preserve">\1</t></r><r><rPr><b/></rPr><t xml:space="preserve">\2</t></r>'
    reading = '<rPh sb="0" eb="1"><t>du</t></rPh></si>'
    text = parts["xl/sharedStrings.xml"].decode()
    text = re.sub(r"<si><t(?: xml:space=\"preserve\")?>([^<&])([^<]*)</t></si>", run + reading, text)
    return packed(parts | {"xl/sharedStrings.xml": text.encode()})


def libreoffice(content: bytes) -> bytes:
    """As LibreOffice opens, works out and saves it. Needs ``soffice``."""
    program = shutil.which("soffice")
    if program is None:
        raise FileNotFoundError("soffice")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in", "filing.xlsx")
        source.parent.mkdir()
        source.write_bytes(content)
        command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
        command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)  # nosec
        return Path(folder, "filing.xlsx").read_bytes()
