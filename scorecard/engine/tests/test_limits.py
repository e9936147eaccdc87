"""Sizes at and beyond what whole numbers hold: points, digits, masks of limits, measures and items."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scorecard.engine import Rulebook, ScoringInput, evaluate, rulebook_from_json
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.lint.references import references
from scorecard.engine.lowering.limits import MOST_BITS, WHOLE, widths_of
from scorecard.engine.reading.reader import read_with_fields
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.tests.drawn import examples

TEXT = {"zh": "文", "en": "text"}
SOURCE = {"source": "d § 1", "basis": "proposed"}
NAMED = {"name": TEXT, "name_basis": "proposed", **SOURCE}


def data_of(
    most: str = "4",
    digits: tuple[int, int] = (2, 2),
    caps: int = 1,
    measures: int = 1,
    items: int = 2,
    weight: str = "1",
    floor: str = "0",
    adjustment: str = "1",
) -> dict[str, Any]:
    """A method with one share, one checklist of so many items, and so many limits and measures."""
    options = {f"o{n}": TEXT for n in range(items)}
    section = {**NAMED, "min": "-9", "max": "9"}
    said = {"when": "x >= 1", "because": TEXT, **SOURCE}
    return {
        "rulebook": {
            "code": "wide",
            "version": "1",
            "year": "2020",
            "title": TEXT,
            "total": {"min": "-9", "max": "9"},
            "rounding": {"indicator": str(digits[0]), "total": str(digits[1]), "basis": "proposed"},
        },
        "documents": {"d": {"title": TEXT}},
        "facts": {
            "x": {"label": TEXT, "kind": "number", **SOURCE},
            "ticks": {"label": TEXT, "kind": "checklist", "options": options, **SOURCE},
        },
        "sections": {"S": section, "T": {**section, "parent": "S", "weight": weight}},
        "indicators": {
            "I": {
                **NAMED,
                "section": "T",
                "type": "quantitative",
                "min": floor,
                "max": most,
                "rule": {"kind": "formula", "x": "x / 3", "unit": "", "scale": most, "floor": floor, "ceiling": most},
            },
            "J": {
                **NAMED,
                "section": "S",
                "type": "qualitative",
                "min": "0",
                "max": str(items),
                "rule": {"kind": "checklist", "fact": "ticks", "items": {o: {"points": "1"} for o in options}},
            },
        },
        "grades": [{**NAMED, "id": "good", "min": "1"}, {**NAMED, "id": "bad", "min": None}],
        "caps": [
            {**said, "id": f"c{n}", "name": TEXT, "when": f"x >= {n / 10}", "effect": "cap_grade", "to": "bad"}
            for n in range(caps)
        ],
        "tools": {"talk": {"name": TEXT, **SOURCE}},
        "measures": {
            f"m{n}": {**said, "tool": "talk", "name": TEXT, "when": f"x >= {n / 10}"} for n in range(measures)
        },
        "adjustments": {"a": {"label": TEXT, "cases": [{**said, "points": adjustment}], **SOURCE}},
    }


def findings(data: dict[str, Any]) -> list[str]:
    rulebook, fields = read_with_fields(from_plain(json.loads(json.dumps(data)), "wide"), [])
    assert rulebook is not None and not fields.findings, fields.findings
    return [f"{f.key} {f.code}" for f in references(rulebook, fields)]


def book_of(data: dict[str, Any]) -> Rulebook:
    return rulebook_from_json(json.dumps(data))


def inputs(items: int) -> list[ScoringInput]:
    ticked = [frozenset(), frozenset({f"o{items - 1}"}), frozenset(f"o{n}" for n in range(items))]
    xs = ("0", "0.1", "1", "2.9", "3.2", "7", "-5")
    return [ScoringInput({"x": Decimal(x), "ticks": ticks}) for x in xs for ticks in ticked]


@settings(max_examples=examples(20), deadline=None)
@example(most="100", digits=(8, 8), caps=1, measures=1, items=2, weight="1", floor="0")
@example(most="4", digits=(2, 2), caps=33, measures=33, items=17, weight="1", floor="0")
@example(most="4", digits=(2, 2), caps=63, measures=63, items=63, weight="1", floor="-4")
@example(most="21", digits=(0, 8), caps=1, measures=1, items=13, weight="7", floor="0")
@example(most="9000000", digits=(8, 8), caps=1, measures=1, items=1, weight="1", floor="-9000000")
@given(
    most=st.sampled_from(["1", "4", "327", "328", "21474836", "9000000"]),
    digits=st.tuples(st.integers(0, 8), st.integers(0, 8)),
    caps=st.integers(0, MOST_BITS),
    measures=st.integers(0, MOST_BITS),
    items=st.integers(1, MOST_BITS),
    weight=st.sampled_from(["1", "0.5", "7"]),
    floor=st.sampled_from(["0", "-1", "-21474837"]),
)
def test_the_largest_results_are_those_of_evaluate(items: int, **more: Any) -> None:
    data = data_of(items=items, **more)
    if findings(data):
        assert all(each.endswith("too-wide") for each in findings(data)), findings(data)
        return
    book, found = book_of(data), inputs(items)
    assert_equal(book, found, evaluate_many(book, to_frame(found * 3)))


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"most": str(WHOLE), "digits": (0, 0)}, "indicators.I"),
        ({"most": "90071992.6", "digits": (8, 2)}, "indicators.I"),
        ({"most": "5000000", "digits": (8, 8), "weight": "100"}, "sections.T"),
        ({"most": "300000000", "digits": (2, 8)}, "rulebook.rounding"),
        ({"caps": MOST_BITS + 1}, "caps"),
        ({"measures": MOST_BITS + 1}, "measures"),
        ({"items": MOST_BITS + 1}, "facts.ticks.options"),
        ({"adjustment": "214749"}, "adjustments.a.cases.0.points"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(more: dict[str, Any], path: str) -> None:
    assert f"{path} too-wide" in findings(data_of(**more))


def test_an_adjustment_has_at_most_four_decimals() -> None:
    assert findings(data_of(adjustment="0.12345")) == ["adjustments.a.cases.0.points digits"]
    assert findings(data_of(adjustment="0.1234")) == []


def test_ordinary_methods_keep_their_narrow_widths(shanghai: Rulebook) -> None:
    """Stored results have these widths: wider ones would make them unreadable."""
    wide = widths_of(shanghai)
    assert (wide.points, wide.total, wide.pending, wide.limits, wide.measures, wide.grades) == (2, 4, 4, 4, 4, 1)
    assert widths_of(book_of(data_of(most="100", digits=(8, 8)))).total == 8
    assert widths_of(book_of(data_of(caps=33))).limits == 8
    assert evaluate(book_of(data_of()), inputs(2)[0]).total == 0
