"""The heat map: what each cell says, what is awaited, where it leads, who reads it, and its files."""

import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.seeing.heat import Cell, cells_of
from assessments.tests.reviews.world import World, person, rulebook
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def page_of(world: World) -> str:
    return reverse("round-heat", args=[world.round.pk])


def test_awaited_points_are_no_points(world: World) -> None:
    run = world.submitted().system_run
    assert run is not None
    cells = {cell.indicator.id: cell for cell in cells_of(rulebook(), run)}
    assert list(cells) == list(rulebook().indicators)
    awaited = [cell for cell in cells.values() if cell.awaited]
    assert awaited, "the supervisor's figures are not in yet"
    assert all(cell.points is None and cell.share is None and cell.step is None for cell in awaited)
    assert sum(cell.points or Decimal(0) for cell in cells.values()) == Decimal(run.total)
    assert sum(cell.indicator.max for cell in awaited) == Decimal(run.pending)


@pytest.mark.parametrize(
    ("share", "percent", "step"),
    [("0", 0, 0), ("0.001", 1, 0), ("0.199", 20, 0), ("0.2", 20, 1), ("0.999", 99, 4), ("1", 100, 4), ("-0.5", -50, 0)],
)
def test_a_share_is_rounded_but_never_to_all_or_to_none(share: str, percent: int, step: int) -> None:
    spec = rulebook().indicators["A1"]
    cell = Cell(spec, "scored", spec.max * Decimal(share), Decimal(share))
    assert (cell.percent, cell.step) == (percent, step)


def test_the_page_has_picture_and_table_with_the_reason_behind_each_cell(world: World, reader: Client) -> None:
    case = world.submitted("B001")
    world.submitted("B002", category="large")
    text = reader.get(page_of(world)).content.decode()
    reason = f"/assessments/{case.pk}/result/1/?kind=system#ind-A1"
    assert text.count(reason) == 2, "in the picture and in the table"
    result = reader.get(reason.partition("#")[0]).content.decode()
    assert 'id="ind-A1"' in result
    assert text.index("演示B002银行") < text.index("演示B001银行"), "category by category"
    assert "heat-awaited" in text
    assert "url(#hatch)" in text
    assert "style=" not in text


def test_an_awaited_total_is_a_range(world: World, reader: Client) -> None:
    run = world.submitted().system_run
    assert run is not None
    low, high = Decimal(run.total), Decimal(run.total) + Decimal(run.pending)
    assert f"{low.normalize():f}–{high.normalize():f}" in reader.get(page_of(world)).content.decode()


def test_a_bank_and_the_administrator_read_none_of_it(world: World, client: Client) -> None:
    case = world.submitted()
    for who in (world.people[case.bank_id]["signatory"], person("root", Role.ADMINISTRATOR)):
        client.force_login(who)
        assert client.get(page_of(world)).status_code == 403
        assert client.get(page_of(world), {"_picture": "svg"}).status_code == 403


def test_the_picture_as_a_file_stands_alone_and_is_an_event(world: World, reader: Client) -> None:
    world.submitted()
    answer = reader.get(page_of(world), {"_picture": "svg"})
    assert answer["Content-Type"] == "image/svg+xml"
    assert "attachment" in answer["Content-Disposition"]
    root = ET.fromstring(answer.content)  # noqa: S314  (made here)
    text = answer.content.decode()
    assert root.tag.endswith("svg")
    assert "var(" not in text, "no colour by a name that the file does not know"
    assert "href" not in text, "no address of this system leaves with the picture"
    assert "演示B001银行" in text
    event = Event.objects.filter(event="assessments.list.exported").get()
    assert json.loads(event.data) | {"filters": {}} == {
        "kind": "svg",
        "rows": 1,
        "filters": {},
        "list": "heat map of a round",
    }


def test_the_picture_as_an_image(world: World, reader: Client) -> None:
    world.submitted()
    answer = reader.get(page_of(world), {"_picture": "png"})
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_the_sheet_holds_points_and_words_for_what_has_none(world: World, reader: Client) -> None:
    case = world.submitted()
    answer = reader.get(page_of(world), {"_export": "xlsx"})
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    head, row = list(openpyxl.load_workbook(io.BytesIO(body)).active.values)[:2]
    cells = cells_of(rulebook(), case.system_run)
    found = dict(zip(head, row, strict=True))
    assert len(head) == 5 + len(cells)
    for cell in cells:
        [value] = [found[name] for name in head if str(name).startswith(f"{cell.indicator.id} ")]
        if cell.awaited:
            assert value == "待评定"
        else:
            assert Decimal(str(value)) == cell.points
    assert found["总分（分）"] is None, "a total that awaits points is none"


def test_a_bank_that_was_taken_out_is_in_no_picture(world: World, reader: Client) -> None:
    case = world.submitted()
    case.taken_out_at = timezone.now()
    case.save()
    assert "演示B001银行" not in reader.get(page_of(world)).content.decode()
