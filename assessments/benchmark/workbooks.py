"""Measuring the workbook: reading and checking many against the reader alone, one on its whole way, and going out.

Distinct filled workbooks under ``shanghai-2017/3``, each with a narrative for every indicator. The bare way opens the
same files with ``python-calamine`` and takes every sheet as rows. Both take turns, file by file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from django.utils import timezone

from .clocks import Time, timed

DISTINCT = 100  # files; more are these again
WORDS = "本行完善小微企业金融服务机制，细化差别化定价与尽职免责安排，按季评估执行情况并督促改进。"


@dataclass(frozen=True)
class Way:
    """One thing that was measured: seconds for each file, the median and the worst."""

    name: str
    wall: float
    worst: float
    processor: float


def filled_workbooks(count: int) -> tuple[Any, Any, list[bytes]]:
    """The rulebook, what its workbooks must be of, and so many filled ones."""
    from pathlib import Path

    from django.conf import settings

    from assessments.filings.keys import Key, Kind
    from assessments.filings.workbook.checks.registry import Expected
    from assessments.filings.workbook.contents import Contents, Head
    from assessments.filings.workbook.sheets import workbook
    from assessments.filings.workbook.stamp import Stamp
    from assessments.rulebooks.stored_values import to_engine
    from scorecard.commands.catalog import find
    from scorecard.engine import load_rulebook

    from .filings import pool_of

    class _Filled(Contents):
        """A workbook that was downloaded blank and has been filled in."""

        def stamp(self, computed: Iterable[str]) -> Stamp:
            return Contents(self.rulebook, self.head, self.inputs).stamp(computed)

    rulebook = load_rulebook(find(Path(settings.RULEBOOK_DIR), "shanghai-2017/3"))
    head = Head("benchmark", "2017", "P1", "测速银行", "2018-03-31", "shanghai-2017/3", "办法", 1, "2018-03-01")
    files = []
    for case in _cases(rulebook, pool_of(rulebook, count), to_engine):
        values: dict[Any, Any] = {Key(Kind.FACT, fact): value for fact, value in case.facts.items()}
        for number, indicator in enumerate(rulebook.indicators.values()):
            values[Key(Kind.NARRATIVE, indicator.id)] = WORDS * (1 + (number + len(files)) % 8)
            values[Key(Kind.SELF_POINTS, indicator.id)] = Decimal(indicator.max)
        values[Key(Kind.NARRATIVE, "_report")] = WORDS * 40
        files.append(workbook(_Filled(rulebook, head, case, values, {})))
    return rulebook, Expected("benchmark", "P1", "shanghai-2017/3", rulebook.hash), files


def _cases(rulebook: Any, pool: Sequence[Any], to_engine: Any) -> Iterator[Any]:
    import json

    from scorecard.engine import ScoringInput

    for filing in pool:
        facts = json.loads(filing.texts[0])
        yield ScoringInput(
            facts={fact: to_engine(rulebook.facts[fact], said["state"], said["value"]) for fact, said in facts.items()}
        )


def measure_reading(count: int) -> tuple[Way, Way]:
    """The reader alone, and reading with every check; asserts that no file has a problem."""
    from python_calamine import CalamineWorkbook

    from assessments.filings.workbook.intake import check_workbook

    rulebook, expected, files = filled_workbooks(min(count, DISTINCT))

    def bare(content: bytes) -> None:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()

    def checked(content: bytes) -> None:
        if (found := check_workbook(content, rulebook, expected)).problems:
            raise AssertionError(f"A filled workbook is refused: {found.problems[0]}")

    for content in files[:3]:
        bare(content)
        checked(content)
    alone: list[Time] = []
    ours: list[Time] = []
    for number in range(count):
        content = files[number % len(files)]
        alone.append(timed(lambda c=content: bare(c)))  # type: ignore[misc]
        ours.append(timed(lambda c=content: checked(c)))  # type: ignore[misc]
    return _way("python-calamine alone", alone), _way("read and checked", ours)


def measure_one(rounds: int) -> Iterator[Way]:
    """One workbook on its way in a database of its own: out, in until it is stored, and its annotated copy."""
    from assessments.models import Assessment
    from banks.models import Bank, RoleGrant, User
    from scorecard.access.roles import Role

    from .world import World, scratch_database

    with scratch_database():
        world = World(1)
        bank = Bank.objects.create(code="P1", name_zh="测速银行", category="city", active_from="2000-01-01")
        world.round.filing_deadline = timezone.now() + timezone.timedelta(days=1)
        world.round.save()
        case = Assessment.objects.create(round=world.round, bank=bank)
        person = User.objects.create(username="benchmark-preparer", name="benchmark", bank=bank)
        RoleGrant.objects.create(user=person, role=Role.BANK_PREPARER)
        _rulebook, _expected, files = filled_workbooks(1)
        turns = [_turn(person, case.pk, files[0], turn) for turn in range(rounds)]
        out, stored, copied = zip(*turns, strict=True)
        yield _way("template out", out)
        yield _way("one in: read, checked, stored", stored)
        yield _way("annotated copy", copied)


def _turn(person: Any, case: int, filled: bytes, turn: int) -> tuple[Time, Time, Time]:
    """Out, in with something new, and the annotated copy."""
    from assessments.filings.workbook.services import annotate_upload, download_workbook, upload_workbook

    whose = {"actor": person, "assessment_id": case}
    kept: list[Any] = []
    out = timed(lambda: kept.append(download_workbook(**whose)[1]))
    content = _filled(kept.pop(), filled, turn)
    stored = timed(lambda: kept.append(upload_workbook(name="filing.xlsx", content=content, **whose)))
    upload = kept.pop()
    if not upload.taken:
        raise AssertionError("Nothing of the workbook was stored.")
    return out, stored, timed(lambda: annotate_upload(upload_id=upload.pk, **whose))


def _filled(template: bytes, filled: bytes, turn: int) -> bytes:
    """The template with what stands in a filled workbook, and something new at each turn."""
    import openpyxl

    book, source = (openpyxl.load_workbook(io.BytesIO(content)) for content in (template, filled))
    for sheet, other in zip(book.worksheets, source.worksheets, strict=True):
        if not str(sheet["A1"].value).startswith("scorecard:"):
            continue
        places = [cell.column for cell in sheet[1] if cell.value and cell.column > 1]
        for row in range(2, sheet.max_row + 1):
            for place in places:
                if sheet.cell(row, 1).value and not str(sheet.cell(row, 1).value).startswith("scorecard:"):
                    value = other.cell(row, place).value
                    sheet.cell(row, place).value = f"{value}{turn}" if place == 7 and value else value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _way(name: str, times: Sequence[Time]) -> Way:
    wall = [each.wall for each in times]
    return Way(name, median(wall), max(wall), median(each.processor for each in times))


def sentence(alone: Way, ours: Way) -> str:
    """How many times the reader's own time reading with checks takes."""
    clock, processor = ours.wall / alone.wall, ours.processor / alone.processor
    return f"Reading with checks takes {clock:.2f} times the reader's time by the clock, {processor:.2f} of processor."
