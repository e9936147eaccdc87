"""Both rulebooks on arrays: the rows are those of the exact evaluation, bank by bank, whatever is filed and tried."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from assessments.filings.scoring_input import version_input
from assessments.models import Assessment, FilingVersion, ScoreKind
from assessments.rulebooks.stored_values import to_stored
from assessments.scoring.bulk.encoding import layout_of
from assessments.tests.trials.oracle import exact_row
from assessments.trials import scoring as trial_scoring
from assessments.trials.entries import Entry
from assessments.trials.scoring import score_entries
from banks.models import Bank
from scorecard.engine import Rulebook, ScoringInput, load_rulebook
from scorecard.engine.tests.strategies import cases
from scorecard.engine.whatif.tunables import OFF, SWITCH, tunables
from scorecard.engine.whatif.tuning import tune
from scorecard.tests.drawn import examples

ROOT = Path(trial_scoring.__file__).resolve().parents[2] / "scorecard" / "rulebooks"
BOOKS = {code: load_rulebook(ROOT / code / "3") for code in ("shanghai-2017", "national-2020")}
# Shrinking a whole filing takes minutes and says little more than the filing does.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
MOVES = st.sampled_from(["0", "0.5", "1", "2", "3", "10", "62", "85", "95.5"])


def entry(number: int, case: ScoringInput, encoded: Rulebook | None = None) -> Entry:
    """A case as a version keeps it, encoded or not, of a bank that no database knows."""

    def stored(facts: Any) -> dict[str, dict[str, str]]:
        return {name: dict(zip(("state", "value"), to_stored(value), strict=True)) for name, value in facts.items()}

    bank = Bank(pk=number, code=f"B{number}", name_zh=f"银行{number}", name_en="", category=case.bank["category"])
    assessment = Assessment(pk=number, bank=bank)
    version = FilingVersion(
        number=1,
        facts=stored(case.facts),
        history={str(year): stored(facts) for year, facts in case.history.items()},
        bank_properties=dict(case.bank),
        answers={
            i: {"narrative": "", "self_points": str(case.self_points.get(i, "")), "not_applicable": i in out}
            for out in [case.not_applicable]
            for i in {*case.self_points, *out}
        },
    )
    assessment.version = version
    judged = {i: format(points, "f") for i, points in case.judged.items()}
    body = layout_of(encoded).encode(version_input(version, rulebook=encoded)) if encoded is not None else b""
    kind = ScoreKind.REVIEWED if judged else ScoreKind.SYSTEM
    return Entry(assessment, kind, {"facts": {}, "judged": judged}, body)


@st.composite
def overlays(draw: st.DrawFn, rulebook: Rulebook) -> dict[str, str]:
    """Draw a few other numbers for a rulebook, as far as lint lets them pass; none now and then."""
    known = tunables(rulebook)
    wanted = draw(st.lists(st.sampled_from(sorted(known)), max_size=4, unique=True))
    chosen: dict[str, str] = {}
    for path in wanted:
        typed = {**chosen, path: OFF if known[path].form == SWITCH else draw(MOVES)}
        if tune(rulebook, typed).rulebook is not None:
            chosen = typed
    return chosen


@pytest.mark.parametrize("code", BOOKS)
@settings(max_examples=examples(25), deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_row_is_that_of_the_exact_evaluation(code: str, data: st.DataObject) -> None:
    before = BOOKS[code]
    after = tune(before, data.draw(overlays(before))).rulebook
    assert after is not None
    drawn = data.draw(st.lists(st.tuples(cases(before), st.booleans()), min_size=1, max_size=4))
    entries = [entry(n, case, before if encoded else None) for n, (case, encoded) in enumerate(drawn, 1)]
    rows, failures = score_entries(entries, before, after)
    assert failures == []
    assert rows == [exact_row(one, before, after) for one in entries]


def test_an_indicator_that_nobody_gives_self_points_for_still_shares_its_points_out() -> None:
    """The bank's own total counts what is shared out, also of an indicator for which it gave itself none."""
    book = BOOKS["shanghai-2017"]
    own = {i: Decimal("0.1" if i == "A2" else "0") for i in book.indicators if i != "A3"}
    case = ScoringInput(
        facts={spec.id: Decimal(0) for spec in book.facts.values() if spec.is_number and spec.derived is None},
        bank={"category": "city", "entity": "branch"},
        self_points=own,
        not_applicable=frozenset({"A3"}),
    )
    (row,), _failures = score_entries([entry(1, case)], book, book)
    assert row == exact_row(entry(1, case), book, book)


@settings(max_examples=examples(10), deadline=None, phases=QUICK, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(cases(BOOKS["shanghai-2017"]), min_size=3, max_size=6), places=st.sets(st.integers(0, 2)))
def test_what_cannot_be_read_is_left_out_and_the_others_keep_their_rows(
    drawn: list[ScoringInput], places: set[int]
) -> None:
    before = BOOKS["shanghai-2017"]
    after = tune(before, {"indicators.C4.max": "4"}).rulebook
    assert after is not None
    entries = [entry(n, case) for n, case in enumerate(drawn, 1)]
    spoilt = [
        {"state": "value", "value": "no number"},
        {"state": "lost", "value": ""},
        {"state": "value", "value": "9"},
    ]
    for place in places:
        fact = ("sme_bal_end", "applied", "a1_level")[place]
        entries[place].assessment.version.facts[fact] = spoilt[place]  # type: ignore[union-attr]
    rows, failures = score_entries(entries, before, after)
    assert [bank.pk for bank in failures] == [place + 1 for place in sorted(places)]
    good = [one for place, one in enumerate(entries) if place not in places]
    assert rows == [exact_row(one, before, after) for one in good]


def test_blocks_come_in_order_and_each_gives_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_scoring, "BLOCK", 3)
    before = BOOKS["shanghai-2017"]
    entries = [entry(n, ScoringInput(bank={"category": "city", "entity": "branch"})) for n in range(1, 9)]
    told: list[int] = []
    rows, _failures = score_entries(entries, before, before, told.append)
    assert told == [3, 6, 8] and [row["assessment"] for row in rows] == list(range(1, 9))
    assert all(row["before"] == row["after"] and not row["indicators"] for row in rows)


def test_banks_scored_with_other_values_of_the_year_keep_their_own() -> None:
    before = BOOKS["national-2020"]
    drawn = ScoringInput(
        facts={spec.id: Decimal(1) for spec in before.facts.values() if spec.is_number and spec.derived is None},
        bank={"category": "city", "differentiated": False},
    )
    balances = {"incl_bal_end": 50, "all_bal_end": 100, "incl_bal_begin": 10, "all_bal_begin": 90}
    drawn = drawn.with_facts({fact: Decimal(value) for fact, value in balances.items()})
    entries = [entry(n, drawn, before if n > 2 else None) for n in range(1, 5)]
    for place, value in ((1, "0.05"), (3, "0.9")):
        entries[place].inputs["parameters"] = {"high_share_line": value}
    after = tune(before, {"indicators.3.1.max": "8"}).rulebook
    assert after is not None
    rows, failures = score_entries(entries, before, after)
    assert not failures and rows == [exact_row(one, before, after) for one in entries]
    assert rows[1]["before"] != rows[3]["before"], "half of the loans is above one line and below the other"


def test_what_a_supervisor_records_counts_for_encoded_filings_too() -> None:
    before = BOOKS["shanghai-2017"]
    drawn = ScoringInput(
        facts={spec.id: Decimal(1) for spec in before.facts.values() if spec.is_number and spec.derived is None},
        bank={"category": "city", "entity": "branch"},
    )
    entries = [entry(n, drawn, before if n % 2 else None) for n in range(1, 5)]
    for one in entries[:2]:
        one.inputs["facts"] = {
            "returns": {"state": "value", "value": "3"},
            "late_days": {"state": "unanswered", "value": ""},
        }
    after = tune(before, {"indicators.C4.max": "4"}).rulebook
    assert after is not None
    rows, _failures = score_entries(entries, before, after)
    assert rows == [exact_row(one, before, after) for one in entries]
    assert rows[0]["before"] == rows[1]["before"] != rows[2]["before"] == rows[3]["before"]


def test_outcomes_that_a_rule_counts_over_the_years_are_encoded() -> None:
    """A target that is missed two years running takes points off; the year before must be in the encoded filing."""
    book = BOOKS["national-2020"]
    drawn = ScoringInput(
        facts={spec.id: Decimal(0) for spec in book.facts.values() if spec.is_number and spec.derived is None},
        bank={"category": "city", "differentiated": False},
        history={-1: dict.fromkeys(book.targets, False)},
    )
    drawn = drawn.with_facts({"incl_hh_begin": Decimal(5)})
    rows = [score_entries([entry(1, drawn, encoded)], book, book)[0][0] for encoded in (book, None)]
    assert rows[0] == rows[1] == exact_row(entry(1, drawn), book, book)
    assert {"borrowers"} <= {target for target, _years in layout_of(book).outcomes}
