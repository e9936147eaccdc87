"""No number of the explanation looks like the supervisor's own when it is not: each line has the mark of its entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from scorecard.commands.catalog import installed
from scorecard.engine import Result, Rulebook, ScoringInput, evaluate, load_rulebook
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.tests.conftest import NATIONAL, RULEBOOKS
from scorecard.engine.values.results import Node

FOLDERS = {f"{i.code}/{i.version}": i.path for i in installed(RULEBOOKS)}


def walk(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield node
        for child in node.children:
            yield from walk(child)


def lines(result: Result) -> Iterator[Node]:
    """Every line of the explanation: of the total, of the targets, of the estimates."""
    yield from walk(result.trace)
    for target in result.targets.values():
        yield from walk(target.trace)
    for estimate in result.estimates.values():
        yield from walk(estimate.trace)


def entry_of(book: Rulebook, node: Node) -> tuple[str, str] | None:
    """Id and basis of the fact, definition, parameter or estimate that a line is about."""
    name = node.ref.partition("@")[0]
    for group in (book.facts, book.definitions, book.parameters, book.estimates):
        if node.kind in ("fact", "estimate") and name in group:
            return name, group[name].basis
    return None


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_every_line_has_the_mark_and_the_clause_of_its_entry(name: str) -> None:
    book = load_rulebook(FOLDERS[name])
    met = set()
    for vector in read_vectors(book, FOLDERS[name])[:12]:
        given = set(vector.case.parameters)
        for node in lines(evaluate(book, vector.case)):
            if node.source is not None:
                assert node.basis, (vector.id, node.ref)  # a clause without a mark reads as the supervisor's own
            about = entry_of(book, node)
            if about is not None and about[0] not in given:
                met.add(about[0])
                assert node.basis == about[1], (vector.id, node.ref)
                assert node.source is not None, (vector.id, node.ref)
    assert met


def marks_of(book: Rulebook, case: ScoringInput) -> dict[str, str]:
    return {node.ref: node.basis for node in lines(evaluate(book, case))}


def test_a_proposed_line_a_reconstructed_share_and_a_sourced_growth_are_told_apart() -> None:
    book = load_rulebook(NATIONAL)
    (vector,) = [v for v in read_vectors(book, NATIONAL) if v.id == "cost-middle"]
    case = replace(vector.case, parameters={})
    found = marks_of(book, case)
    assert {k: found[k] for k in ("rate_line", "incl_rate", "incl_growth", "high_share_line")} == {
        "rate_line": "proposed",
        "incl_rate": "reconstructed",
        "incl_growth": "sourced",
        "high_share_line": "proposed",
    }


def test_what_the_supervisor_set_for_the_year_is_no_proposal_of_ours() -> None:
    book = load_rulebook(NATIONAL)
    (vector,) = [v for v in read_vectors(book, NATIONAL) if v.id == "cost-middle"]
    case = replace(vector.case, parameters={"high_share_line": Decimal("0.1")})
    (node,) = {n for n in lines(evaluate(book, case)) if n.ref == "high_share_line"}
    assert (node.basis, node.source) == ("", None)
