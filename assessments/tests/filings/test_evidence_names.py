"""Many files in one go: by the codes with which their names begin."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.filings.evidence_names import indicators_in
from assessments.models import Evidence, Filing
from assessments.tests.filings.test_drafts import PDF, XLSX, media, world
from assessments.tests.filings.test_sections import assign, put
from assessments.tests.filings.world import World, build, person

__all__ = ["media", "world"]
KNOWN = ("A1", "A2", "A10", "B1")


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("A1.pdf", ["A1"]),
        ("A1 定价制度.pdf", ["A1"]),
        ("A1定价制度.pdf", ["A1"]),
        ("Ａ１　定价制度.pdf", ["A1"]),
        ("a1_b1、A2 授权书.pdf", ["A1", "B1", "A2"]),
        ("A1_A1 twice.pdf", ["A1"]),
        ("A10-x.pdf", ["A10"]),
        ("A1-A10+B1.pdf", ["A1", "A10", "B1"]),
        ("A100.pdf", []),
        ("A1b.pdf", []),
        ("定价制度 A1.pdf", []),
        ("A1 见附件B1.pdf", ["A1"]),
        ("", []),
        ("_A1.pdf", []),
    ],
)
def test_the_codes_at_the_beginning_of_a_name(name: str, codes: list[str]) -> None:
    assert indicators_in(name, KNOWN) == codes


def send(who: Any, world: World, *files: tuple[str, bytes]) -> Any:
    client = Client()
    client.force_login(who)
    client.cookies["django_language"] = "zh-hans"
    sent = {"file": [SimpleUploadedFile(name, content) for name, content in files]}
    return client.post(reverse("filing-evidence", args=[world.assessment.pk]), sent)


@pytest.mark.django_db
def test_many_files_go_to_their_indicators_in_one_upload(world: World, media: Any) -> None:
    answer = send(world.preparer, world, ("A1_B1 办法.pdf", PDF), ("A2 流程.xlsx", XLSX))
    assert answer.status_code == 302
    rows = Evidence.objects.order_by("indicator")
    assert [(row.indicator, row.name) for row in rows] == [
        ("A1", "A1_B1 办法.pdf"),
        ("A2", "A2 流程.xlsx"),
        ("B1", "A1_B1 办法.pdf"),
    ]
    assert rows[0].file.name == rows[2].file.name, "once on the disk"


@pytest.mark.django_db
def test_what_names_no_indicator_is_refused_by_name_and_the_others_are_taken(world: World, media: Any) -> None:
    answer = send(world.preparer, world, ("扫描件.pdf", PDF), ("A1 x.exe", b"MZ"), ("A2 流程.xlsx", XLSX))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "扫描件.pdf：文件名开头不是" in text
    assert "A1 x.exe" in text
    assert [row.indicator for row in Evidence.objects.all()] == ["A2"]
    assert "A2 流程.xlsx" in text
    again = send(world.preparer, world, ("A2 流程.xlsx", XLSX))
    assert again.status_code == 422
    assert Evidence.objects.count() == 1


@pytest.mark.django_db
def test_another_persons_section_is_refused_and_named(world: World, media: Any) -> None:
    assign(world, A=person("prep-2", world.bank, "bank_preparer").pk)
    answer = send(world.preparer, world, ("A1_B1 办法.pdf", PDF))
    assert answer.status_code == 422
    assert "A1：" in answer.content.decode()
    assert [row.indicator for row in Evidence.objects.all()] == ["B1"]


@pytest.mark.django_db
def test_who_may_not_change_the_draft_reads_the_page_and_sends_nothing(world: World, media: Any) -> None:
    send(world.preparer, world, ("A1 办法.pdf", PDF))
    assert send(world.reviewer, world, ("A2 x.pdf", PDF)).status_code == 409
    client = Client()
    client.force_login(world.reviewer)
    page = client.get(reverse("filing-evidence", args=[world.assessment.pk])).content.decode()
    assert "A1 办法.pdf" in page
    assert 'type="file"' not in page
    put(world, Filing.CHECKING)
    assert send(world.preparer, world, ("A2 x.pdf", PDF)).status_code == 409
    assert send(build("B002").preparer, world, ("A2 x.pdf", PDF)).status_code == 404
    assert Evidence.objects.count() == 1
