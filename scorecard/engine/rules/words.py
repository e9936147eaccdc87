"""Words that several rule kinds share."""

from __future__ import annotations

from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.text import Text
from scorecard.engine.values.units import quantities

FULL_LABEL, FULL = Text("满分", "Full points"), Text("满额得分", "Full points")
FLOOR, CEILING = Text("最低得分", "Lowest points"), Text("最高得分", "Highest points")
#: In place of a figure that would show one of the peers.
AMONG_PEERS = Text("与同组数据比较", "compared with the peer group")


def points_texts(value: Fraction) -> Text:
    """Return points with their unit."""
    return quantities(value, "分")


def sentence(text: str) -> str:
    """Return `text` with a capital first letter."""
    return text[:1].upper() + text[1:]
