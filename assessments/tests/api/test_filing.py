"""One bank files by the API alone: form, draft, evidence, checks, steps, signature, result; and what is refused."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.models import Assessment, FilingVersion, ScoreKind
from assessments.scoring.runs import score_version
from assessments.tests.api.world import Machine, machine, problem
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.filings.world import PASSWORD, World
from banks.models import FactEntry, FactSource
from scorecard.audit.models import Event

FACTS = {"bal": "12000", "bal_prev": "1亿元", "rate": "55", "policy": "2", "flow": "promise;online", "note": None}
ANSWERS = {
    "A1": {"narrative": "有模型。", "self_points": "4"},
    "A2": {"narrative": "限时。", "self_points": "4"},
    "B1": {"self_points": "3.5"},
}


def fill(world: World, system: Machine) -> None:
    path = f"/assessments/{world.assessment.pk}/draft"
    draft = system.get(path).json()
    body = {"revision": draft["revision"], "facts": FACTS, "answers": ANSWERS, "report": "一年来的工作。"}
    answer = system.patch(path, body)
    assert answer.status_code == 200, answer.content.decode()
    left = system.get(f"/assessments/{world.assessment.pk}/checks").json()["gaps"]
    answers: dict[str, dict[str, str]] = {}
    for gap in left:
        _empty, group, name, *part = gap["field"].split("/")
        if group == "answers":
            answers.setdefault(name, {})[part[0]] = "0" if part[0] == "self_points" else "说明"
    body = {"revision": answer.json()["revision"], "answers": answers}
    assert system.patch(path, body).status_code == 200


def test_a_bank_files_by_the_api_alone(world: World) -> None:
    preparer, reviewer = machine(world.preparer), machine(world.reviewer)
    signatory, here = (
        machine(world.signatory, "draft.read", "sign", "results.read"),
        f"/assessments/{world.assessment.pk}",
    )
    form = preparer.get(f"/rounds/{world.assessment.round_id}/form").json()
    assert {"bal", "rate"} <= {fact["id"] for fact in form["facts"]}
    fill(world, preparer)
    entry = FactEntry.objects.get(fact="rate")
    assert (entry.value, entry.source, entry.entered_by) == ("0.55", FactSource.API, world.preparer)
    draft = preparer.get(f"{here}/draft").json()
    assert draft["facts"] == FACTS | {"bal_prev": "10000"}
    assert draft["answers"]["B1"]["self_points"] == "3.5"
    uploaded = preparer.upload(f"{here}/evidence", "A1", SimpleUploadedFile("制度.pdf", PDF))
    assert uploaded.status_code == 201, uploaded.content.decode()
    assert preparer.get(f"{here}/evidence").json()["items"][0]["sha256"] == uploaded.json()["sha256"]
    assert preparer.get(f"{here}/checks").json()["complete"]
    assert preparer.get(f"{here}/score").json()["grade"]

    assert preparer.post(f"{here}/steps/pass_to_reviewer", {}).json()["filing"] == "checking"
    refused = problem(preparer.patch(f"{here}/draft", {"revision": 9, "facts": {"bal": "1"}}), 409, "refused")
    assert refused["errors"][0]["message"]
    assert reviewer.post(f"{here}/steps/pass_to_signatory", {}).json()["filing"] == "signing"

    look = signatory.get(f"{here}/steps/submit").json()
    assert look["needs_password"] and look["reasons"] == [] and len(look["digest"]) == 64
    assert {item["key"] for item in look["content"]} >= {"fact bal", "points A1", "report", "evidence"}
    wrong = signatory.post(f"{here}/steps/submit", {"digest": look["digest"], "password": "not the password"})
    assert problem(wrong, 422, "password")["errors"][0]["field"] == "/password"
    assert Event.objects.filter(event="signature.failed").count() == 1
    stale = signatory.post(f"{here}/steps/submit", {"digest": "0" * 64, "password": PASSWORD})
    assert problem(stale, 409, "conflict")["errors"][0]["field"] == "/digest"
    assert not FilingVersion.objects.exists()
    body = {"digest": look["digest"], "password": PASSWORD}
    done = signatory.post(f"{here}/steps/submit", body, Idempotency_Key="sign-1")
    assert done.status_code == 200, done.content.decode()
    assert done.json()["filing"] == "submitted"
    again = signatory.post(f"{here}/steps/submit", body, Idempotency_Key="sign-1")
    assert again.json() == done.json() and again["Idempotency-Replayed"] == "true"
    version = FilingVersion.objects.get()
    assert (version.digest, version.signed_by) == (done.json()["digest"], world.signatory)

    assert signatory.get(f"{here}/result").json()["state"] == "scoring"
    run = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    result = signatory.get(f"{here}/result").json()
    assert (result["state"], result["total"]) == ("scored", run.total)
    assert signatory.get(f"{here}/explanation").json()["tree"]
    assert signatory.get(f"{here}/notices").json() == {"items": []}


def test_a_token_signs_nothing_without_password_digest_and_scope(world: World) -> None:
    fill(world, machine(world.preparer))
    here = f"/assessments/{world.assessment.pk}"
    machine(world.preparer).post(f"{here}/steps/pass_to_reviewer", {})
    machine(world.reviewer).post(f"{here}/steps/pass_to_signatory", {})
    signatory = machine(world.signatory)
    digest = signatory.get(f"{here}/steps/submit").json()["digest"]
    without = signatory.post(f"{here}/steps/submit", {"digest": digest})
    assert problem(without, 422, "password")["errors"][0]["field"] == "/password"
    blind = signatory.post(f"{here}/steps/submit", {"password": PASSWORD})
    assert problem(blind, 422, "invalid")["errors"][0]["field"] == "/digest"
    passing = machine(world.signatory, "draft.read", "steps")
    problem(passing.post(f"{here}/steps/submit", {"digest": digest, "password": PASSWORD}), 403, "forbidden")
    assert Assessment.objects.get().filing_state == "signing"


def test_two_writers_do_not_lose_each_others_typing(world: World) -> None:
    first, second = machine(world.preparer), machine(world.preparer, language="zh-CN")
    path = f"/assessments/{world.assessment.pk}/draft"
    assert first.patch(path, {"revision": 0, "facts": {"bal": "100"}}).json()["revision"] == 1
    other = second.patch(path, {"revision": 0, "facts": {"rate": "50"}})
    assert other.json() == {"revision": 2, "written": ["/facts/rate"]}
    same = second.patch(path, {"revision": 0, "facts": {"bal": "100.00"}})
    assert same.status_code == 200 and same.json()["written"] == []
    clash = second.patch(path, {"revision": 0, "facts": {"bal": "200", "bal_prev": "9"}})
    found = problem(clash, 409, "conflict")["errors"]
    assert [(one["field"], one["mine"], one["theirs"]) for one in found] == [("/facts/bal", "200", "100")]
    assert "小微企业贷款余额" in found[0]["message"]
    assert first.get(path).json()["facts"]["bal_prev"] is None, "nothing of a save in conflict is kept"

    tag = first.get(path)["ETag"]
    assert first.get(path, If_None_Match=tag).status_code == 304
    second.patch(path, {"revision": 2, "facts": {"note": "改"}})
    late = first.patch(path, {"revision": 2, "facts": {"bal": "1"}}, If_Match=tag)
    problem(late, 412, "precondition-failed")
    fresh = first.get(path)
    ok = first.patch(path, {"revision": fresh.json()["revision"], "facts": {"bal": "1"}}, If_Match=fresh["ETag"])
    assert ok.status_code == 200


def test_every_wrong_field_is_named_at_once_in_the_language_asked_for(world: World) -> None:
    path = f"/assessments/{world.assessment.pk}/draft"
    body = {
        "revision": 0,
        "facts": {"bal": "many", "rate": "120", "bal_prev": "7", "gone/x": "1"},
        "answers": {"A1": {"self_points": "9"}, "Z9": {"narrative": "?"}},
    }
    said = {}
    for language in ("en", "zh-CN"):
        answer = machine(world.preparer, language=language).patch(path, body)
        found = problem(answer, 422, "invalid")
        said[language] = {error["field"]: error["message"] for error in found["errors"]}
        assert answer["Content-Language"] == ("en" if language == "en" else "zh-hans")
    fields = {"/facts/bal", "/facts/rate", "/facts/gone~1x", "/answers/A1/self_points", "/answers/Z9/narrative"}
    assert set(said["en"]) == set(said["zh-CN"]) == fields
    assert all(said["en"][name] != said["zh-CN"][name] for name in fields)
    assert not FactEntry.objects.exists(), "right values beside wrong ones are not kept either"
    number = machine(world.preparer).ask("PATCH", path, json.loads('{"revision": 0, "facts": {"bal": 12.5}}'))
    assert problem(number, 422, "invalid")["errors"][0]["field"] == "/facts/bal"
