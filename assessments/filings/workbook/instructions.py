"""The first sheet of a workbook: what it is for, and how it is filled in."""

from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from assessments.filings.workbook.stamp import TEMPLATE
from assessments.filings.workbook.write import HEAD_ROW, Writer

FIRST = HEAD_ROW + 1


def write_instructions(writer: Writer, page: Worksheet) -> None:
    """Bank, round and rulebook, and what a person must know."""
    head = writer.contents.head
    page.set_row(HEAD_ROW, 4)
    page.hide_gridlines(2)
    rows = [
        (_("Bank"), f"{head.bank_name} ({head.bank})"),
        (_("Filing deadline"), head.due),
        (_("Rulebook"), f"{head.rulebook_title} ({head.rulebook})"),
        (_("Template"), TEMPLATE),
        (_("Downloaded"), head.made),
        ("", ""),
        (
            _("Fill in"),
            _("Fill in the yellow cells. Everything else is protected. What is on the web already stands in them."),
        ),
        (
            _("Figures"),
            _(
                "In the unit beside the cell; text such as 1.2亿元 is understood too. Percentages: type"
                " 45 or 45%. Where a"
                " figure may be missing for a reason, type “not applicable”."
            ),
        ),
        (_("Blank cells"), _("A blank is not zero: type 0 where there is none.")),
        (
            _("Formulas"),
            _(
                "You may use formulas and links to your own sheets in this file, not links to other "
                "files. Save the file"
                " in a spreadsheet before you upload it."
            ),
        ),
        (_("Do not"), _("Do not merge, insert or delete cells, and leave the hidden sheets as they are.")),
        (
            _("Upload"),
            _(
                "Upload the file on the filing's page at any moment, also half filled in; what you left blank and had "
                "not downloaded filled stays as it is. Evidence is uploaded on the web."
            ),
        ),
        (
            _("Both ways"),
            _(
                "Others may work on the web meanwhile. What only one side changed is kept; what both "
                "changed is shown to"
                " you, and you decide."
            ),
        ),
    ]
    bold, text = writer.format(bold=True), writer.format(text_wrap=True)
    for row, (name, words) in enumerate(rows, start=FIRST):
        page.write_string(row, 1, name, bold)
        page.write_string(row, 2, words, text)
    writer.finish(page, FIRST + len(rows), 2)
