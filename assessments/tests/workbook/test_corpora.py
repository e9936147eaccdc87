"""Every file of ``fixtures/workbooks`` gives what its index says: what it changes, or which message stands where."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils.translation import override

from assessments.filings.workbook.checks.registry import BOOK, CELLS, VALUES
from assessments.filings.workbook.intake import Checked, check_workbook
from assessments.filings.workbook.stamp import base_text
from assessments.tests.workbook.world import CORPORA, KEY, expected
from scorecard.access.decisions import Refused
from scorecard.engine import Rulebook, rulebook_from_json


def _index(folder: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((CORPORA / folder / "index.yaml").read_text(encoding="utf-8"))
    return found


PASS, FAIL = _index("should_pass"), _index("should_fail")


@cache
def rulebook() -> Rulebook:
    return rulebook_from_json((CORPORA / "rulebook.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.SECRET_KEY = KEY


def checked(path: Path) -> Checked:
    with override("zh-hans"):
        return check_workbook(path.read_bytes(), rulebook(), expected(rulebook()))


def test_the_corpora_are_as_large_as_asked_and_have_an_index_each() -> None:
    for folder, index, least in (("should_pass", PASS, 40), ("should_fail", FAIL, 60)):
        assert {path.name for path in (CORPORA / folder).glob("*.xlsx")} == set(index)
        assert len(index) >= least


@pytest.mark.parametrize("name", sorted(PASS))
def test_a_file_that_passes_changes_what_its_index_says(name: str) -> None:
    found = checked(CORPORA / "should_pass" / name)
    assert found.problems == []
    changed = {key.text: base_text(key, value) for key, value in found.values.items() if value != found.base[key]}
    assert changed == PASS[name]["taken"]
    assert found.lacking == PASS[name].get("lacking", 0)


@pytest.mark.parametrize("name", sorted(name for name, said in FAIL.items() if "refused" in said))
def test_a_file_that_is_refused_says_why(name: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(CORPORA / "should_fail" / name)
    assert len(refused.value.reasons) == 1
    assert FAIL[name]["refused"] in str(refused.value.reasons[0])


@pytest.mark.parametrize("name", sorted(name for name, said in FAIL.items() if "cells" in said))
def test_a_file_with_wrong_cells_names_each_of_them_and_no_other(name: str) -> None:
    found = checked(CORPORA / "should_fail" / name)
    told: dict[str, str] = {}
    for problem in found.problems:
        assert f"{problem.sheet}!{problem.cell}" not in told, "one message for a cell"
        told[f"{problem.sheet}!{problem.cell}"] = problem.text
    assert set(told) == set(FAIL[name]["cells"])
    for place, text in FAIL[name]["cells"].items():
        assert text in told[place]


def _fails_as_told(name: str) -> bool:
    said = FAIL[name]
    try:
        found = checked(CORPORA / "should_fail" / name)
    except Refused as refused:
        return "refused" in said and said["refused"] in str(refused.reasons[0])
    except Exception:  # a check that is gone may let anything through
        return False
    told = {f"{problem.sheet}!{problem.cell}": problem.text for problem in found.problems}
    cells = said.get("cells", {"": ""})
    return set(told) == set(cells) and all(text in told[place] for place, text in cells.items())


@pytest.mark.parametrize(
    ("stage", "check"),
    [(stage, check) for stage in (BOOK, CELLS, VALUES) for check in stage],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_every_check_is_needed_by_a_file(stage: list[Any], check: Any) -> None:
    """Without a check at least one file that should fail says something else."""
    place = stage.index(check)
    stage.remove(check)
    try:
        assert any(not _fails_as_told(name) for name in sorted(FAIL))
    finally:
        stage.insert(place, check)
