"""A round in bulk: the three formats hold the same rows, as the pages say; by cursor; one event each."""

import csv
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from assessments.models import ScoreKind, ScoreRun
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import outcome_of
from assessments.tests.api.world import BASE, Machine, machine, problem
from assessments.tests.reviews.world import World, build
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> World:
    forget()
    world = build()
    for number, npl in ((1, "6000"), (2, "9000"), (3, "200000")):
        world.submitted(f"B{number:03}", sme_npl_end=npl)
    return world


def pages(system: Machine, path: str) -> Iterator[Any]:
    while path:
        answer = system.get(path)
        assert answer.status_code == 200, answer.content.decode()
        yield from answer.json()["items"]
        path = (answer.json()["next"] or "").removeprefix(BASE)


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("name", ["points", "facts"])
def test_json_csv_and_parquet_hold_the_same(city: World, name: str) -> None:
    officer, path = machine(city.officer), f"/rounds/{city.round.pk}/{name}"
    rows = list(pages(officer, f"{path}?limit=2"))
    assert rows == list(pages(officer, path)), "however the pages are cut"
    assert {row["bank"] for row in rows} == {"B001", "B002", "B003"}
    text = content(officer.get(f"{path}?format=csv")).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == len(rows)
    table = pq.read_table(io.BytesIO(content(officer.get(f"{path}?format=parquet"))))
    number = "points" if name == "points" else "number"
    for row, line, packed in zip(rows, lines, table.to_pylist(), strict=True):
        assert list(line) == list(row) == list(packed)
        exact = None if row[number] is None else Decimal(row[number])
        assert packed[number] == exact
        assert line[number] == (row[number] or "")
        for column in set(row) - {number, "max", "value", "version"}:
            assert row[column] == line[column] == packed[column]
    assert str(table.schema.field(number).type) == "decimal128(38, 18)"
    told = [json.loads(event.data) for event in Event.objects.filter(event="assessments.list.exported").order_by("seq")]
    assert [(said["kind"], said["list"]) for said in told[-2:]] == [("csv", name), ("parquet", name)]
    assert all(said["api_token"] for said in told)


def test_points_are_those_of_the_score_that_counts(city: World) -> None:
    rows = list(pages(machine(city.officer), f"/rounds/{city.round.pk}/points"))
    for run in ScoreRun.objects.filter(kind=ScoreKind.SYSTEM).select_related("assessment__bank", "version"):
        stored = outcome_of(run)["indicators"]
        mine = {row["indicator"]: row for row in rows if row["bank"] == run.assessment.bank.code}
        assert set(mine) == set(stored)
        for name, row in mine.items():
            same = None if row["points"] is None else Decimal(row["points"])
            known = stored[name]["points"]
            assert row["state"] == stored[name]["state"]
            assert same == (None if known is None else Decimal(known)), name


def test_figures_are_in_the_unit_of_the_form(city: World) -> None:
    rows = list(pages(machine(city.officer), f"/rounds/{city.round.pk}/facts"))
    said = {row["fact"]: row for row in rows if row["bank"] == "B001"}
    assert (said["sme_rate"]["value"], said["sme_rate"]["unit"]) == ("5", "%")
    assert said["sme_bal_end"]["number"] == "1200000"
    assert (
        set(said["c4_items"]["value"].split(";")) == {"green_channel", "online", "promise"}
        and said["c4_items"]["number"] is None
    )


def test_a_bank_and_an_administrator_read_no_round(city: World) -> None:
    bank = next(iter(city.people.values()))
    for who in (bank["signatory"], bank["preparer"]):
        for name in ("points", "facts"):
            problem(machine(who, "bulk.read").get(f"/rounds/{city.round.pk}/{name}"), 403, "forbidden")
    found = problem(machine(city.officer).get(f"/rounds/{city.round.pk}/points?format=xml"), 422, "invalid")
    assert found["errors"][0]["field"] == "format"
