"""Whether a file is opened at all: an Excel file of a bearable size, by what it holds, without anything that runs,
links or unfolds. What is refused here is refused as a whole."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError  # nosec B405  the name of an error

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from assessments.filings.evidence_kinds import MEGABYTE, check_members, check_parts, detect
from assessments.filings.evidence_ole import SIGNATURE as OLE
from scorecard.access.decisions import Refused, TooLarge
from scorecard.workbooks import far_cell, sheet_parts

MAX_MB = 5
MAX_UNPACKED = 40 * MEGABYTE
ZIP = b"PK\x03\x04"
ROWS, COLUMNS = 5_000, 700  # a reader holds every cell between the first and the last


@dataclass(frozen=True)
class Opened:
    """A file that may be read: its bytes, and the bytes of each sheet by its name."""

    content: bytes
    archive: zipfile.ZipFile
    parts: Mapping[str, str]

    def xml(self, sheet: str) -> bytes:
        """One sheet as it is written. Refused where it says something far outside the form."""
        xml = self.archive.read(self.parts[sheet])
        if b"\x00" in xml[:200]:
            raise damaged()  # another coding than every spreadsheet uses: what follows could not be looked through
        if (cell := far_cell(xml, ROWS, COLUMNS)) is not None:
            raise far_outside(sheet, cell)
        return xml


def open_workbook(content: bytes) -> Opened:
    """Open an uploaded file. Raises ``TooLarge``, or ``Refused`` with the reason."""
    if len(content) > MAX_MB * MEGABYTE:
        raise TooLarge(MAX_MB)
    if not content.startswith(ZIP):
        if not content or content.startswith(OLE):
            detect(ContentFile(content, name="workbook"))  # says what is wrong with it: a password, an old format
        raise Refused([_not_excel()])
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = archive.infolist()
        check_members(members)
        names = [member.filename.lower() for member in members]
        if "xl/workbook.xml" not in names:
            raise Refused([_not_excel()])
        check_parts(archive, members)
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise unfolds()
        if any("externallinks/" in name for name in names):
            words = _("The workbook is linked to other files. Break the links (Data, Edit Links) and save it again.")
            raise Refused([words])
        return Opened(content, archive, sheet_parts(archive))
    except (KeyError, ParseError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise damaged() from error


def _not_excel() -> str:
    return _("This is not an Excel workbook (.xlsx). Save it as .xlsx in a spreadsheet.")


def far_outside(sheet: str, cell: str) -> Refused:
    """The refusal of a sheet that is far larger than the form."""
    words = _("Sheet “%(sheet)s” holds something in %(cell)s, far outside the form; empty it and save the file.")
    return Refused([words % {"sheet": sheet, "cell": cell}])


def unfolds() -> Refused:
    """The refusal of a file that costs far more to read than its size says."""
    return Refused([_("The file unfolds to far more than its size and is not opened; upload a simpler file.")])


def damaged() -> Refused:
    """The refusal of a file that a spreadsheet would not open either."""
    return Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
