"""The compiled rulebook equals the arrays and the exact evaluator, to the last digit."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scorecard.engine import Rulebook, ScoringInput, load_rulebook
from scorecard.engine.arrays import ManyResult, evaluate_many, read_frame
from scorecard.engine.arrays.synthetic import synthetic_frame
from scorecard.engine.arrays.undecided import conclude_undecided
from scorecard.engine.cases.worked import Vector, read_vectors
from scorecard.engine.native import library, run
from scorecard.engine.native.program import write_program
from scorecard.engine.tests.books import books
from scorecard.engine.tests.conftest import RULEBOOKS, SHANGHAI
from scorecard.engine.tests.frames import assert_equal, to_frame, with_peers
from scorecard.engine.tests.strategies import cases
from scorecard.tests.drawn import examples

pytestmark = pytest.mark.skipif(
    not library.compiler() and "compiler" not in os.environ.get("SCORECARD_REQUIRE", ""),
    reason="no C compiler (Debian: apt-get install gcc): the compiled path is left out",
)
BOOK = load_rulebook(SHANGHAI)
NATIONAL = load_rulebook(RULEBOOKS / "national-2020" / "1")
FIELDS = ("units", "states", "sections", "targets", "total", "before", "after", "caps", "holding", "adjustments")
drawn = settings(
    max_examples=examples(20),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Compile for a few rows already, and quickly: what is compiled means the same."""
    monkeypatch.setattr(run, "WORTH_COMPILING", run.WORTH_LOADING)
    monkeypatch.setattr(library, "FLAGS", tuple("-O1" if f == "-O3" else f for f in library.FLAGS))
    yield


def assert_same(a: ManyResult, b: ManyResult) -> None:
    for name in (*FIELDS, "measures"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


def check(book: Rulebook, found: Sequence[ScoringInput]) -> None:
    """Assert that compiled code, arrays and `evaluate` agree on cases, wherever they lie in a block."""
    frame = to_frame(found)
    times = -(-(run.WORTH_LOADING + 5) // len(found))
    whole = pd.concat([frame] * times, ignore_index=True)
    # One frame has one set of yearly values, and one snapshot with the peers of every group.
    given = found[0].parameters
    snapshot = {str(case.bank.get("category", "")): case.peers for case in found}
    assert all(case.parameters == given for case in found)
    columns = read_frame(book, whole, given, snapshot)
    machine = run.compiled(book, len(whole))
    assert machine is not None
    many = ManyResult.empty(book, columns)
    with np.errstate(all="ignore"):
        try:
            run.score(machine, columns, many)
            conclude_undecided(book, columns, many)
        except run.Unbound:
            many = evaluate_many(book, columns)
    assert_same(many, evaluate_many(book, columns, compiled=False))
    assert_equal(book, found, many)
    backwards = evaluate_many(book, whole.iloc[::-1], parameters=given, snapshot=snapshot)
    for name in (*FIELDS, "measures"):
        np.testing.assert_array_equal(getattr(backwards, name), getattr(many, name)[..., ::-1], err_msg=name)


@pytest.mark.parametrize("folder", sorted(RULEBOOKS.glob("*/*")), ids=lambda f: f.parent.name + "-" + f.name)
def test_worked_cases_of_every_rulebook(folder: Path) -> None:
    book = load_rulebook(folder)
    found = [v.case for v in read_vectors(book, folder)]
    assert found
    groups: list[list[ScoringInput]] = []
    for case in found:
        for group in groups:
            if (case.parameters, case.peers) == (group[0].parameters, group[0].peers):
                group.append(case)
                break
        else:
            groups.append([case])
    for group in groups:
        check(book, group)


@drawn
@given(st.lists(cases(BOOK), min_size=1, max_size=12))
def test_drawn_cases_of_shanghai(found: list[ScoringInput]) -> None:
    check(BOOK, found)


@drawn
@given(st.lists(cases(NATIONAL), min_size=1, max_size=8))
def test_drawn_cases_of_the_national_method(found: list[ScoringInput]) -> None:
    check(NATIONAL, with_peers(NATIONAL, found)[0])


@drawn
@given(st.data())
def test_drawn_rulebooks(data: st.DataObject) -> None:
    book = data.draw(books())
    check(book, with_peers(book, data.draw(st.lists(cases(book), min_size=1, max_size=8)))[0])


def test_every_loop_of_shanghai_is_compiled() -> None:
    """What the speed of docs/performance.md rests on: no indicator, target or condition is left to the arrays."""
    program = write_program(BOOK)
    assert program.concludes
    assert [u.id for u in program.units if not u.loops] == []


def test_ties_of_realistic_filings_are_proven_in_the_loops() -> None:
    """Under one row in a thousand is left to the arrays, though six in a hundred are ties of some indicator."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, 50_000, seed=3))
    many = evaluate_many(BOOK, columns)
    assert many.tally.left < len(many) / 1000


def edges(full: ScoringInput) -> list[ScoringInput]:
    """Filings at steps, ends of curves, rounding ties and equal sides of targets, and a hair beside them."""
    at = {
        "ec_factor": ("0.75", "0.9", "0.99"),
        "tolerance_pp": ("0", "1", "2"),
        "kpi_weight": ("0", "0.05", "0.1"),
        "mean_days": ("3", "7", "10"),
        "ftp_discount_bp": ("10.75", "0.25", "49.75"),
        "sme_bal_end": ("110", "120", "109.99"),
        "risk_priced_bal": ("36", "108", "72"),
        "sme_rate": ("0.05", "0.055", "0.0525"),
        "train_cover": ("0.335", "0.345", "0.355"),
        "branch_approved_share": ("0.3001", "0.30025", "0.3035"),
    }
    beside = ("0", "0.0000000001", "-0.0000000001")
    return [
        full.with_facts({f: max(Decimal(0), Decimal(v) + Decimal(b))})
        for f, vs in at.items()
        for v in vs
        for b in beside
    ]


def test_edges_and_ties(full: ScoringInput) -> None:
    check(BOOK, edges(full))


def test_without_the_bound_edges_come_out_wrong() -> None:
    """The guard is needed: plain doubles give other points on rounding ties. So the tests above can fail."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, 20_000))
    machine = run.compiled(BOOK, len(columns.facts["sme_bal_end"].values), guard=False)
    assert machine is not None
    plain = ManyResult.empty(BOOK, columns)
    run.score(machine, columns, plain)
    wrong = (plain.units != evaluate_many(BOOK, columns, compiled=False).units).any(axis=0).sum()
    assert 0 < wrong < 1000


@pytest.mark.parametrize("rows", [50, 57, 1023, 1024, 1025, 1031, 16_384, 16_391, 33_001])
def test_every_number_of_rows(rows: int) -> None:
    """Blocks, rests of blocks, rests of eight, shares of threads: nothing is left out or taken for another row."""
    columns = read_frame(BOOK, synthetic_frame(BOOK, rows, seed=rows))
    assert_same(evaluate_many(BOOK, columns), evaluate_many(BOOK, columns, compiled=False))


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other processors have one length of vectors here")
@pytest.mark.parametrize("march", ["x86-64", "x86-64-v3"])
def test_shorter_vectors(march: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a processor without AVX-512, or without AVX2, would run."""
    flags = tuple(f"-march={march}" if f.startswith("-march") else f for f in library.FLAGS)
    monkeypatch.setattr(library, "FLAGS", flags)
    monkeypatch.setattr(library.Settings, "folder", tmp_path)
    monkeypatch.setattr(library, "_loaded", {})
    book = load_rulebook(SHANGHAI)
    columns = read_frame(book, synthetic_frame(book, 2_051))
    assert_same(evaluate_many(book, columns), evaluate_many(book, columns, compiled=False))
    assert len(list(tmp_path.glob("*.so"))) == 1


def test_long_figures_are_left_to_the_arrays(full: ScoringInput) -> None:
    long = Decimal("110.00000000000000000001")
    found = [
        full.with_facts({"sme_bal_end": v, "sme_bal_prev": Decimal(100)})
        for v in (long, Decimal(110), Decimal("109.99999999999999999999"))
    ]
    frame = pd.concat([to_frame(found)] * 20, ignore_index=True)
    assert_equal(BOOK, found, evaluate_many(BOOK, frame))


class TestLibrary:
    @pytest.fixture(autouse=True)
    def own_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        monkeypatch.setattr(library.Settings, "folder", tmp_path / "compiled")
        monkeypatch.setattr(library, "_loaded", {})
        yield tmp_path / "compiled"

    SOURCE = "int seven(void) { return 7; }"

    def test_is_kept_and_private(self, own_folder: Path) -> None:
        found = library.load(self.SOURCE)
        assert isinstance(found, ctypes.CDLL)
        assert found.seven() == 7
        assert len(list(own_folder.glob("*.so"))) == 1
        assert own_folder.stat().st_mode & 0o077 == 0

    def test_is_not_built_when_it_is_not_worth_it(self, own_folder: Path) -> None:
        assert library.load(self.SOURCE, build=False) is None
        assert list(own_folder.glob("*.so")) == []

    def test_a_folder_that_others_can_write_is_refused(
        self, own_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        own_folder.mkdir()
        os.chmod(own_folder, 0o777)  # noqa: PTH101, S103
        assert library.load(self.SOURCE) is None
        assert "can be written by others" in caplog.text

    def test_a_user_without_a_home_leaves_it_to_the_arrays(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A container may run as a number that no list of users has."""
        monkeypatch.setattr(library.Settings, "folder", None)
        monkeypatch.setattr(os, "environ", {})
        monkeypatch.setattr(os, "geteuid", lambda: 98_765)
        monkeypatch.setattr(os, "getuid", lambda: 98_765)
        assert library.load(self.SOURCE) is None
        assert "Scoring is not compiled, arrays are used" in caplog.text

    def test_what_does_not_compile_is_left_to_the_arrays(self, caplog: pytest.LogCaptureFixture) -> None:
        assert library.load("this is no C") is None
        assert "Scoring is not compiled, arrays are used" in caplog.text

    def test_off(self, monkeypatch: pytest.MonkeyPatch, vectors: dict[str, Vector]) -> None:
        monkeypatch.setattr(library.Settings, "mode", "off")
        assert library.load(self.SOURCE) is None
        found = [v.case for v in vectors.values()]
        assert_equal(BOOK, found, evaluate_many(BOOK, pd.concat([to_frame(found)] * 3, ignore_index=True)))

    def test_no_compiler(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(library, "compiler", lambda: "")
        assert not library.available()
        assert library.load(self.SOURCE) is None
