"""The Merkle tree of RFC 9162, section 2.1, over leaf hashes. Pure: it knows neither events nor a database."""

from collections.abc import Callable
from hashlib import sha256

EMPTY = sha256(b"").digest()
STEP = 8  # complete subtrees of 256, 256², … leaves are kept


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The first so many leaves as the roots of their complete parts, from the largest: one for each 1 in the size.

    All that is needed to append, and to know the root. ``on_kept`` is told each subtree that fills at a level to keep:
    its level (the logarithm of its size), its place among those of its level, and its root.
    """

    def __init__(
        self, parts: list[tuple[int, bytes]] | None = None, on_kept: Callable[[int, int, bytes], None] | None = None
    ) -> None:
        self.parts = list(parts or [])
        self.size = sum(1 << level for level, _root in self.parts)
        self.on_kept = on_kept

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        parts, level = self.parts, 0
        self.size += 1
        while parts and parts[-1][0] == level:
            leaf = sha256(b"\1" + parts.pop()[1] + leaf).digest()
            level += 1
            if level % STEP == 0 and self.on_kept is not None:
                self.on_kept(level, (self.size >> level) - 1, leaf)
        parts.append((level, leaf))

    def root(self) -> bytes:
        """The root of the whole."""
        if not self.parts:
            return EMPTY
        root = self.parts[-1][1]
        for _level, left in reversed(self.parts[:-1]):
            root = node_hash(left, root)
        return root


class Nodes:
    """The tree over the first ``size`` leaves, read as far as a question needs it.

    ``leaves(block)`` gives the leaf hashes of a block of 256, ``kept(level, block)`` the roots of that level's kept
    subtrees in a block of 256 of them, by place; what is not kept is worked out from below. Both are asked once.
    """

    def __init__(
        self,
        size: int,
        leaves: Callable[[int], list[bytes]],
        kept: Callable[[int, int], dict[int, bytes]],
    ) -> None:
        self.size, self._leaves, self._kept = size, leaves, kept
        self._read: dict[tuple[int, int], dict[int, bytes]] = {}
        self._made: dict[tuple[int, int], bytes] = {}

    def _block(self, level: int, block: int) -> dict[int, bytes]:
        key = (level, block)
        if key not in self._read:
            if level:
                self._read[key] = self._kept(level, block)
            else:
                self._read[key] = {(block << STEP) + place: leaf for place, leaf in enumerate(self._leaves(block))}
        return self._read[key]

    def node(self, level: int, place: int) -> bytes:
        """The root of the complete subtree of 2^``level`` leaves at this place of its level."""
        known = self._made.get((level, place))
        if known is None and level % STEP == 0:
            known = self._block(level, place >> STEP).get(place)
        if known is None:
            if level == 0:
                raise LookupError(f"Event {place + 1} is missing.")
            known = node_hash(self.node(level - 1, 2 * place), self.node(level - 1, 2 * place + 1))
        self._made[level, place] = known
        return known

    def frontier(self, size: int) -> Frontier:
        """The frontier of the first ``size`` leaves."""
        parts, start = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                parts.append((level, self.node(level, start >> level)))
                start += 1 << level
        return Frontier(parts)

    def _range(self, start: int, end: int) -> bytes:
        """The root over the leaves from ``start`` up to ``end``, as they stand in the tree."""
        count = end - start
        if count & (count - 1) == 0:
            return self.node(count.bit_length() - 1, start >> (count.bit_length() - 1))
        middle = start + (1 << (count.bit_length() - 1))
        return node_hash(self._range(start, middle), self._range(middle, end))

    def inclusion(self, leaf: int) -> list[bytes]:
        """The proof that the leaf is in the tree (RFC 9162, 2.1.3.1), from the leaf upwards."""
        path, start, end = [], 0, self.size
        while end - start > 1:
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            if leaf < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]
