"""The pages: who may open them, what they show, filters and exports, constant queries."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scorecard.access.roles import Role
from scorecard.figures import services
from scorecard.figures.models import Figure, Load, Relation
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job

pytestmark = pytest.mark.django_db

READ = ["overview", "list", "disagreements", "relations"]


@pytest.fixture
def loaded(report_folder: Path, db: None) -> Load:
    """The report, loaded."""
    return services.load_report(actor=None, directory=report_folder)


@pytest.fixture
def reader(person: Callable[..., Any], client: Client) -> Client:
    """Somebody who may only read."""
    client.force_login(person(Role.CASE_OFFICER))
    return client


@pytest.fixture
def admin_client(administrator: Any) -> Client:
    """The administrator's browser."""
    client = Client()
    client.force_login(administrator)
    return client


def body(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig") if response.streaming else response.content.decode()


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(Role))
def test_every_role_reads_and_few_see_loads(
    person: Callable[..., Any], client: Client, loaded: Load, role: Role
) -> None:
    client.force_login(person(role))
    for name in READ:
        assert client.get(reverse(f"figures:{name}")).status_code == 200, name
    assert client.get(reverse("figures:detail", args=["r2017-1-2-1-1-001"])).status_code == 200
    sees_loads = 200 if role in (Role.ADMINISTRATOR, Role.AUDITOR) else 403
    assert client.get(reverse("figures:loads")).status_code == sees_loads
    assert client.get(reverse("figures:load-detail", args=[loaded.pk])).status_code == sees_loads
    loads = 200 if role == Role.ADMINISTRATOR else 403
    assert client.get(reverse("figures:load-new")).status_code == loads
    posted = client.post(reverse("figures:load-new"), {"file": SimpleUploadedFile("a.csv", b"id\n")})
    assert posted.status_code == (302 if role == Role.ADMINISTRATOR else 403)
    assert Load.objects.count() == (2 if role == Role.ADMINISTRATOR else 1)


def test_nobody_reads_without_signing_in(client: Client, loaded: Load) -> None:
    for name in [*READ, "loads", "load-new"]:
        assert client.get(reverse(f"figures:{name}")).status_code == 302


def test_an_unknown_figure_or_load_is_not_found(admin_client: Client, loaded: Load) -> None:
    assert admin_client.get(reverse("figures:detail", args=["r2017-9-9-999"])).status_code == 404
    assert admin_client.get(reverse("figures:load-detail", args=[loaded.pk + 1])).status_code == 404


# --- What they show --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_nothing_loaded_says_so(reader: Client, language: str) -> None:
    reader.cookies["django_language"] = language
    for name in READ:
        response = reader.get(reverse(f"figures:{name}"))
        assert response.status_code == 200
    text = reader.get(reverse("figures:overview")).content.decode()
    assert ("尚未载入报告数据" if language == "zh-hans" else "No figure of the report has been loaded yet") in text


def test_the_overview_states_findings_out_of_the_figures(reader: Client, loaded: Load) -> None:
    reader.cookies["django_language"] = "en"
    text = reader.get(reverse("figures:overview")).content.decode()
    for words in ("1,209 of 4,116 bank outlets", "39.77", "10.66 percentage points more", "29.11", "82.06"):
        assert words in text, words
    assert text.count('<figure class="chart">') == 7
    assert text.count("<svg") >= 14
    assert str(Figure.objects.count()) in text
    Figure.objects.filter(ident="r2017-1-2-1-1-014").update(normalised_value="-10.66")
    assert "10.66 percentage points less" in reader.get(reverse("figures:overview")).content.decode()


def test_the_overview_writes_shares_as_the_report_prints_them(reader: Client, loaded: Load) -> None:
    """75 % is not 75.00 %; a sum that the report does not print says that it is ours."""
    reader.cookies["django_language"] = "en"
    text = reader.get(reverse("figures:overview")).content.decode()
    for printed in (">39<", ">44<", "75 % of SMEs are satisfied", ">84<", ">54.73<"):
        assert printed in text, printed
    for written_out in ("39.00", "44.00", "75.00", "83.00", "84.00"):
        assert written_out not in text, written_out
    assert "together 83 % within seven days (our sum, not printed in the report)" in text
    assert "Linked loan balance grew fastest, by 133.06 %" in text


def test_a_chart_without_its_figures_is_left_out(reader: Client, loaded: Load) -> None:
    Relation.objects.all().delete()
    Figure.objects.filter(ident="r2017-1-3-2-003").delete()
    assert reader.get(reverse("figures:overview")).content.decode().count('<figure class="chart">') == 6


def test_the_list_shows_figures_as_printed(reader: Client, loaded: Load) -> None:
    text = reader.get(reverse("figures:list"), {"q": "13270.79"}).content.decode()
    assert "13270.79 亿元" in text
    assert 'title="1,327,079,000,000 元"' in text
    assert "小微企业贷款余额" in text
    text = reader.get(reverse("figures:list"), {"q": "r2017-1-2-1-2-010"}).content.decode()
    assert "250余 家" in text


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"chapter": "2"}, {"chapter": 2}),
        ({"topic": "pawn"}, {"topic": "pawn"}),
        ({"institution": "上海金山惠民村镇银行"}, {"institution": "上海金山惠民村镇银行"}),
        ({"normalised_unit": "ratio"}, {"normalised_unit": "ratio"}),
        ({"kind": "growth"}, {"kind": "growth"}),
        ({"dimension": "satisfaction"}, {"dimension": "satisfaction"}),
        (
            {"chapter": "2", "topic": "pawn", "normalised_unit": "CNY"},
            {"chapter": 2, "topic": "pawn", "normalised_unit": "CNY"},
        ),
    ],
)
def test_filters_and_export_agree(reader: Client, loaded: Load, params: dict[str, str], where: dict[str, Any]) -> None:
    expected = Figure.objects.filter(**where)
    assert 0 < expected.count() < Figure.objects.count()
    page = reader.get(reverse("figures:list"), params)
    assert page.context["table"].count == expected.count()
    rows = list(csv.reader(io.StringIO(body(reader.get(reverse("figures:list"), params | {"_export": "csv"})))))
    assert len(rows) == expected.count() + 1
    assert [row[-1] for row in rows[1:]] == list(expected.values_list("ident", flat=True))


def test_the_excel_export_holds_every_figure_with_its_printed_and_exact_value(reader: Client, loaded: Load) -> None:
    reader.cookies["django_language"] = "en"
    response: Any = reader.get(reverse("figures:list"), {"_export": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == Figure.objects.count() + 1
    head = [str(cell) for cell in rows[0]]
    row = next(row for row in rows if row[head.index("Id")] == "r2017-1-2-1-1-001")
    assert row[head.index("Value as printed")] == "13270.79"
    assert row[head.index("Unit as printed")] == "亿元"
    assert row[head.index("Normalised value")] == 1327079000000
    assert row[head.index("Normalised unit")] == "yuan"


def test_disagreements_show_both_values_the_difference_and_the_precision(reader: Client, loaded: Load) -> None:
    text = reader.get(reverse("figures:disagreements")).content.decode()
    assert text.count("<article") == 24
    for words in ("9.404", "9.45 – 9.55", "+0.096", "个百分点", "4581", "4538", "310", "318", "前提："):
        assert words in text, words


def test_a_figure_shows_the_relations_it_stands_in(reader: Client, loaded: Load) -> None:
    text = reader.get(reverse("figures:detail", args=["r2017-1-2-1-1-005"])).content.decode()
    assert "34.20 万户" in text
    assert "± 0.005 万户" in text
    assert "387.9779 – 388.0917" in text


def test_relations_are_filtered_by_outcome(reader: Client, loaded: Load) -> None:
    page = reader.get(reverse("figures:relations"), {"holds": "no"})
    assert page.context["table"].count == 24
    rows = list(
        csv.reader(io.StringIO(body(reader.get(reverse("figures:relations"), {"holds": "no", "_export": "csv"}))))
    )
    assert len(rows) == 25
    assert "level: r2017-1-1-2-011" in rows[1][-2]


# --- Loading ---------------------------------------------------------------------------------------------------------


def test_an_upload_is_shown_with_progress_then_with_its_problems(admin_client: Client, report_folder: Path) -> None:
    lines = (report_folder / "chapter-8.csv").read_text(encoding="utf-8").replace(",876,起,876,", ",876,起,877,")
    file = SimpleUploadedFile("chapter-8.csv", lines.encode())
    response: Any = admin_client.post(reverse("figures:load-new"), {"file": file})
    load = Load.objects.get()
    assert response.url == reverse("figures:load-detail", args=[load.pk])
    waiting = admin_client.get(response.url).content.decode()
    assert reverse("job-progress", args=[load.job_id]) in waiting
    jobs.run(Job.objects.get().pk)
    text = admin_client.get(response.url).content.decode()
    assert "chapter-8.csv" in text
    assert "normalised_value" in text
    assert "876 起 换算后应为 876，而非 877。" in text
    admin_client.cookies["django_language"] = "en"
    assert "876 起 is 876 in the normalised unit, not 877." in admin_client.get(response.url).content.decode()
    assert not Figure.objects.exists()


@pytest.mark.parametrize("file", [None, SimpleUploadedFile("a.exe", b"MZ"), SimpleUploadedFile("a.csv", b"")])
def test_what_cannot_be_loaded_stays_on_the_form_with_a_sentence(admin_client: Client, file: Any) -> None:
    response = admin_client.post(reverse("figures:load-new"), {"file": file} if file else {})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Load.objects.exists()


def test_a_loaded_file_shows_what_changed(admin_client: Client, loaded: Load, report_folder: Path) -> None:
    text = (
        (report_folder / "chapter-4.csv")
        .read_text(encoding="utf-8")
        .replace("agreements,45,家,45,", "agreements,46,家,46,")
    )
    admin_client.post(reverse("figures:load-new"), {"file": SimpleUploadedFile("chapter-4.csv", text.encode())})
    load = Load.objects.latest("pk")
    jobs.run(Job.objects.get().pk)
    url = reverse("figures:load-detail", args=[load.pk])
    asked = admin_client.get(url).content.decode()
    assert "载入并作上述更改" in asked
    assert "<td>45</td><td>46</td>" in asked
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "45"
    assert admin_client.post(reverse("figures:load-answer", args=[load.pk]), {"answer": "load"}).status_code == 302
    jobs.run(Job.objects.latest("pk").pk)
    page = admin_client.get(url).content.decode()
    assert Figure.objects.get(ident="r2017-4-1-1-001").value == "46"
    assert "<td>45</td><td>46</td>" in page
    assert "载入并作上述更改" not in page


# --- Queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "most"), [("overview", 8), ("list", 8), ("disagreements", 10), ("relations", 9)])
def test_the_count_of_queries_does_not_grow(reader: Client, report_folder: Path, name: str, most: int) -> None:
    url = reverse(f"figures:{name}")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert reader.get(url).status_code == 200
        return len(queries)

    services.load_report(actor=None, directory=report_folder)
    everything = count()
    keep = list(Relation.objects.filter(holds=False).values_list("pk", flat=True)[:2])
    Relation.objects.exclude(pk__in=keep).delete()
    few = count()
    assert everything == few <= most


def test_the_page_of_a_figure_asks_the_same_for_one_relation_and_for_many(reader: Client, loaded: Load) -> None:
    def count(ident: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(reverse("figures:detail", args=[ident])).status_code == 200
        return len(queries)

    assert count("r2017-2-3-2-006") == count("r2017-1-1-2-012") <= 9
