"""The tree against the words of RFC 9162 and the known answers of certificate transparency."""

from hashlib import sha256

import pytest

from scorecard.audit.tree import EMPTY, Frontier, Nodes, leaf_hash, node_hash

# The inputs and roots that the tests of certificate transparency have used since RFC 6962.
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def _leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def _root(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(_root(leaves[:k]), _root(leaves[k:]))


def _path(leaf: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162, 2.1.3.1, word by word."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if leaf < k:
        return [*_path(leaf, leaves[:k]), _root(leaves[k:])]
    return [*_path(leaf - k, leaves[k:]), _root(leaves[:k])]


def _nodes(leaves: list[bytes], kept: dict[tuple[int, int], bytes]) -> Nodes:
    def some(level: int, block: int) -> dict[int, bytes]:
        return {place: root for (found, place), root in kept.items() if found == level and place >> 8 == block}

    return Nodes(len(leaves), lambda block: leaves[block << 8 : (block + 1) << 8], some)


@pytest.mark.parametrize(("count", "root"), ROOTS.items())
def test_the_known_answers(count: int, root: str) -> None:
    frontier = Frontier()
    for data in INPUTS[:count]:
        frontier.append(leaf_hash(data))
    assert frontier.root().hex() == root


def test_the_root_of_every_size_is_that_of_the_definition() -> None:
    frontier, leaves = Frontier(), _leaves(600)
    assert frontier.root() == EMPTY
    for count, leaf in enumerate(leaves, 1):
        frontier.append(leaf)
        if count < 70 or 250 < count < 260 or 510 < count < 515 or count == 600:
            assert frontier.size == count
            assert frontier.root() == _root(leaves[:count])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 200, 256, 257, 511, 512, 513, 700])
@pytest.mark.parametrize("with_kept", [True, False])
def test_proofs_and_frontiers_out_of_kept_subtrees(count: int, with_kept: bool) -> None:
    kept: dict[tuple[int, int], bytes] = {}
    leaves = _leaves(count)
    whole = Frontier(on_kept=lambda level, place, root: kept.update({(level, place): root}))
    for leaf in leaves:
        whole.append(leaf)
    assert set(kept) == {(8, place) for place in range(count >> 8)}
    nodes = _nodes(leaves, kept if with_kept else {})
    for leaf in {0, 1, count // 2, count - 1} & set(range(count)):
        assert nodes.inclusion(leaf) == _path(leaf, leaves)
    for size in {1, count // 2, count} - {0}:
        found = nodes.frontier(size)
        assert (found.size, found.root()) == (size, _root(leaves[:size]))


def test_kept_subtrees_are_taken_and_their_leaves_not_read() -> None:
    kept: dict[tuple[int, int], bytes] = {}
    leaves = _leaves(65536 + 300)
    whole = Frontier(on_kept=lambda level, place, root: kept.update({(level, place): root}))
    for leaf in leaves:
        whole.append(leaf)
    read: list[int] = []

    def some(block: int) -> list[bytes]:
        read.append(block)
        return leaves[block << 8 : (block + 1) << 8]

    nodes = Nodes(
        len(leaves),
        some,
        lambda level, block: {p: root for (found, p), root in kept.items() if found == level and p >> 8 == block},
    )
    assert nodes.frontier(len(leaves)).root() == whole.root()
    assert read == [257], "the last block, which is not full"
    nodes.inclusion(1000)
    assert read == [257, 3]
