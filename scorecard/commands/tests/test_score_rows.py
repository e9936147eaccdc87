"""The rows of ``manage.py score`` on arrays equal those of one exact evaluation per bank, cell by cell."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.tests.test_encoding import NAMES, book, cases
from scorecard.commands import scoring
from scorecard.commands.table import read_table, result_header, result_row, with_peers
from scorecard.engine import ScoringInput, evaluate
from scorecard.engine.tests.test_parameters import book as book_with_goal
from scorecard.tests.drawn import examples


@pytest.mark.parametrize("name", [*NAMES, "money-compensation-2020/2"])
def test_rows_on_arrays_are_the_rows_of_the_exact_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "FEW", 1)
    rulebook = book(name)
    judged = st.dictionaries(st.sampled_from(list(rulebook.indicators)), st.decimals(0, 2, places=1), max_size=2)
    lines = st.sampled_from([{}, {"high_share_line": Decimal("0.25")}]) if rulebook.parameters else st.just({})

    @settings(max_examples=examples(15), deadline=None)
    @given(
        st.lists(st.tuples(cases(name), judged if rulebook.indicators else st.just({}), lines), min_size=1, max_size=5)
    )
    def holds(drawn: list[tuple[ScoringInput, dict[str, Decimal], dict[str, Decimal]]]) -> None:
        named = [
            (f"bank {place}", replace(case, judged=points, parameters=values if rulebook.parameters else {}))
            for place, (case, points, values) in enumerate(drawn)
        ]
        rows = list(scoring.result_rows(rulebook, named))
        assert all(len(row) == len(result_header(rulebook)) for row in rows)
        assert rows == [
            result_row(rulebook, bank, case, evaluate(rulebook, case, explain=False))
            for bank, case in with_peers(rulebook, named)
        ]

    holds()


def test_columns_name_the_year_of_a_value() -> None:
    rulebook = book_with_goal("0.3")
    header, row = ["bank", "r", "goal", "goal@-1", "strict@-1"], ["A", "0.2", "0.5", "0.1", "no"]
    (named, case), *rest = read_table(rulebook, header, [row]).cases
    assert (named, rest) == ("A", [])
    assert case.parameters == {"goal": Decimal("0.5"), "goal@-1": Decimal("0.1"), "strict@-1": False}
    assert [e.column for e in read_table(rulebook, ["bank", "gaol@-1"], []).errors] == ["gaol@-1"]
