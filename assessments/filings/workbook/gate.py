"""Whether a file is opened at all: an Excel file of a bearable size, by what it holds, without anything that runs,
links or unfolds. What is refused here is refused as a whole."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from assessments.filings.evidence_kinds import MEGABYTE, detect
from scorecard.access.decisions import Refused, TooLarge
from scorecard.workbooks import far_cell, sheet_parts

MAX_MB = 5
MAX_UNPACKED = 40 * MEGABYTE
ROWS, COLUMNS = 5_000, 700  # a reader holds every cell between the first and the last
_LETTERS = re.compile(r"\A[A-Za-z]+")


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
            words = _(
                "Sheet “%(sheet)s” holds something in %(cell)s, far outside the form; empty it and save the file."
            )
            raise Refused([words % {"sheet": sheet, "cell": cell}])
        return xml


def open_workbook(content: bytes) -> Opened:
    """Open an uploaded file. Raises ``TooLarge``, or ``Refused`` with the reason."""
    if len(content) > MAX_MB * MEGABYTE:
        raise TooLarge(MAX_MB)
    kind = detect(ContentFile(content, name="workbook"))
    if kind.suffix != ".xlsx":
        raise Refused([_("This is not an Excel workbook (.xlsx). Save the workbook of this filing as .xlsx.")])
    archive = zipfile.ZipFile(io.BytesIO(content))
    members = archive.infolist()
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Refused([_("The file unfolds to far more than its size and is not opened; upload a simpler file.")])
    if any("externallinks/" in member.filename.lower() for member in members):
        words = _("The workbook is linked to other files. Break the links (Data, Edit Links) and save it again.")
        raise Refused([words])
    try:
        return Opened(content, archive, sheet_parts(archive))
    except (KeyError, ParseError, zipfile.BadZipFile) as error:
        raise damaged() from error


def damaged() -> Refused:
    """The refusal of a file that a spreadsheet would not open either."""
    return Refused([_("The file is damaged and cannot be opened; save it again and upload it again.")])
