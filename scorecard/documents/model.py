"""What a document says, as plain data: blocks of text, terms and tables, in the order of reading.

One description is set twice, as PDF (``typesetting``) and as .docx (``office``), so that the two never say different
things. Every text is data: no character of it is markup in either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True)
class Heading:
    """A heading; ``level`` 1 stands right under the title of the document."""

    kind: ClassVar[str] = "heading"
    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text. A line break in it begins a new line. ``style`` is ``""``, ``"small"``, ``"flush"`` (without the
    indent of a letter's paragraphs) or ``"caption"`` (of the table after it, on the same page)."""

    kind: ClassVar[str] = "paragraph"
    text: str
    style: str = ""


@dataclass(frozen=True)
class Terms:
    """Pairs of a term and what it is."""

    kind: ClassVar[str] = "terms"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table whose head is repeated on each page. ``widths`` are shares of the line, ``figures`` the columns that are
    set flush right, ``codes`` those in the type of digests."""

    kind: ClassVar[str] = "table"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    figures: Sequence[int] = ()
    codes: Sequence[int] = ()


@dataclass(frozen=True)
class Signature:
    """Who signs a letter and when, flush right, with the place of the seal over both."""

    kind: ClassVar[str] = "signature"
    name: str
    day: str
    seal: str = ""


@dataclass(frozen=True)
class Annex:
    """The head of an annex, which begins a page."""

    kind: ClassVar[str] = "annex"
    label: str
    title: str


@dataclass(frozen=True)
class Span:
    """Words of a passage. ``to`` is the anchor of the row that they lead to; ``gap`` marks what is still missing."""

    text: str
    to: str = ""
    gap: bool = False


@dataclass(frozen=True)
class Passage:
    """A paragraph of running text whose figures lead to rows of an anchored table."""

    kind: ClassVar[str] = "passage"
    spans: Sequence[Span]


@dataclass(frozen=True)
class AnchoredTable:
    """A table to whose rows passages lead: ``anchors`` names each row, once in the document. ``links`` are the
    addresses to which the last column leads, "" for none.
    """

    kind: ClassVar[str] = "anchored"
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    anchors: Sequence[str]
    links: Sequence[str]
    figures: Sequence[int] = ()


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG that stands alone, with its number over it and its source under it; ``words`` say aloud what it
    shows.
    """

    kind: ClassVar[str] = "picture"
    svg: str
    title: str
    words: str
    source: str = ""


Block = Heading | Paragraph | Terms | Table | Signature | Annex | Passage | AnchoredTable | Picture


@dataclass(frozen=True)
class PublicCheck:
    """By what anybody who holds the document learns whether it is genuine: number, digest, address and the words beside
    them. ``address`` is what the QR code holds."""

    number: str
    digest: str
    address: str
    words: str
    number_label: str
    digest_label: str


@dataclass(frozen=True)
class LetterHead:
    """The head of an official letter (发文机关标志、发文字号), and to whom a copy goes (抄送)."""

    authority: str
    number: str
    copies: str = ""
    printed: str = ""


@dataclass(frozen=True)
class Document:
    """A whole document. ``language`` is ``zh`` or ``en``; ``at`` is when what it says came to be, and stands in the
    file as its date, so that the same content gives the same bytes. ``foot`` stands at the foot of each page beside the
    page number, for which ``pages`` is the pattern (``{page}`` of ``{pages}``).
    """

    language: str
    title: str
    at: datetime
    blocks: Sequence[Block]
    author: str
    subtitle: str = ""
    foot: str = ""
    pages: str = "{page} / {pages}"
    check: PublicCheck | None = None
    letter: LetterHead | None = None
    keywords: Sequence[str] = field(default_factory=tuple)

    def to_json(self) -> Mapping[str, Any]:
        """Plain data, the same for the same content."""
        data = asdict(self)
        data["at"] = self.at.isoformat()
        data["blocks"] = [{"kind": block.kind, **asdict(block)} for block in self.blocks]
        return data
