"""Links of a .docx: from a run to a place of the same document, and to an address; python-docx makes neither."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

STYLE = "Hyperlink"  # what Word calls it


def anchor(paragraph: Any, name: str, number: int) -> None:
    """Make the paragraph a place that runs lead to; ``number`` is its own in the document."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    at = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(at, start)
    paragraph._p.append(end)


def link_in(run: Any, name: str) -> None:
    """Let the run lead to the place of this name."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), name)
    _wrap(run, link)


def link_out(run: Any, address: str) -> None:
    """Let the run lead to an address."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), run.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    _wrap(run, link)


def _wrap(run: Any, link: Any) -> None:
    """Put the run into the link, in the style of links: without one LibreOffice leaves it out of the PDF it makes."""
    styles = run.part.document.styles
    run.style = styles[STYLE] if STYLE in styles else styles.add_style(STYLE, WD_STYLE_TYPE.CHARACTER, builtin=True)
    element = run._element
    element.addprevious(link)
    link.append(element)
