"""One bank files on the web, one by the workbook, one by the API: the same facts, the same answers, the same points."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.filings.workbook.services import download_workbook
from assessments.models import FilingVersion, ScoreKind
from assessments.scoring.runs import outcome_of, score_version
from assessments.tests.api.world import machine
from assessments.tests.filings.world import PASSWORD, World, build
from assessments.tests.reviews.client import seal
from assessments.tests.workbook.world import Sheets
from assessments.workflow import perform
from banks.models import User

FACTS = {"bal": "12000", "bal_prev": "10000", "rate": "55", "policy": "2", "flow": "promise;online"}
POINTS = {"A1": "4", "A2": "4", "B1": "3.5", "B2": "4"}
TEXT, REPORT = "已建立模型，执行良好。", "一年来的工作。"


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def on_the_web(world: World) -> None:
    fields = {f"f-{fact}": value for fact, value in FACTS.items() if fact != "flow"} | {"f-flow": ["promise", "online"]}
    fields |= {f"s-{name}": value for name, value in POINTS.items()}
    fields |= {"n-A1": TEXT, "n-A2": TEXT, "n-_report": REPORT}
    url = reverse("filing-autosave", args=[world.assessment.pk])
    answer = at(world.preparer).post(url, {"revision": "0"} | fields)
    assert answer.json()["errors"] == {}
    for step, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    client, url = at(world.signatory), reverse("filing-sign", args=[world.assessment.pk])
    assert (
        client.post(url, {"seen": seal(client, "filing-sign", world.assessment.pk), "password": PASSWORD}).status_code
        == 302
    )


def by_the_workbook(world: World) -> None:
    sheets = Sheets(download_workbook(actor=world.preparer, assessment_id=world.assessment.pk)[1])
    for fact in ("bal", "bal_prev"):
        sheets[f"fact:{fact}"] = int(FACTS[fact])
    sheets["fact:rate"] = "55%"
    sheets["fact:policy"] = "2"
    sheets["fact:flow#promise"] = sheets["fact:flow#online"] = "是"
    for name, value in POINTS.items():
        sheets[f"self_points:{name}"] = float(value)
    sheets["narrative:A1"] = sheets["narrative:A2"] = TEXT
    sheets["narrative:_report"] = REPORT
    url = reverse("filing-workbook", args=[world.assessment.pk])
    answer = at(world.preparer).post(url, {"file": SimpleUploadedFile("填报.xlsx", sheets.saved())})
    assert answer.status_code == 302
    for step, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    perform("submit", actor=world.signatory, assessment_id=world.assessment.pk)


def by_the_api(world: World) -> None:
    here = f"/assessments/{world.assessment.pk}"
    body: dict[str, Any] = {"revision": 0, "facts": FACTS, "report": REPORT}
    body["answers"] = {name: {"self_points": value} for name, value in POINTS.items()}
    for name in ("A1", "A2"):
        body["answers"][name]["narrative"] = TEXT
    assert machine(world.preparer).patch(f"{here}/draft", body).status_code == 200
    assert machine(world.preparer).post(f"{here}/steps/pass_to_reviewer", {}).status_code == 200
    assert machine(world.reviewer).post(f"{here}/steps/pass_to_signatory", {}).status_code == 200
    signatory = machine(world.signatory)
    digest = signatory.get(f"{here}/steps/submit").json()["digest"]
    done = signatory.post(f"{here}/steps/submit", {"digest": digest, "password": PASSWORD})
    assert done.status_code == 200, done.content.decode()


def test_the_same_filing_three_ways(world: World) -> None:
    found = []
    for way, code in ((on_the_web, ""), (by_the_workbook, "B002"), (by_the_api, "B003")):
        bank = build(code) if code else world
        way(bank)
        version = FilingVersion.objects.get(assessment=bank.assessment)
        run = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
        found.append((version.digest, version.facts, version.answers, version.report, outcome_of(run)))
    web, workbook, api = found
    assert web == workbook == api
