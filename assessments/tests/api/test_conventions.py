"""What holds for every operation: scopes, repeating, pages, rate, problems, and the documentation's page."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.api.scopes import OPERATIONS, Scope
from assessments.models import ApiAnswer, Assessment
from assessments.tests.api.world import BASE, Machine, machine, problem, token_for
from assessments.tests.filings.world import World, build, person
from banks.models import FactEntry
from scorecard.audit.models import Event

ARGS: dict[str, dict[str, Any]] = {
    "step": {"name": "submit"},
    "evidence-file": {"file": 1},
    "reading-bank": {"bank": "B001"},
}


def address(world: World, name: str) -> str:
    about = {"round": world.round.pk, "form": world.round.pk, "round-points": world.round.pk}
    about["round-facts"] = world.round.pk
    if name in ("me", "rounds", "assessments", "readings"):
        return reverse(f"api:{name}").removeprefix(BASE)
    kwargs = {"pk": about.get(name, world.assessment.pk)} | ARGS.get(name, {})
    return reverse(f"api:{name}", kwargs=kwargs).removeprefix(BASE)


@pytest.mark.parametrize(("name", "method"), sorted(OPERATIONS))
def test_an_operation_opens_to_its_scope_alone(world: World, name: str, method: str) -> None:
    needs = OPERATIONS[name, method]
    other = [scope.value for scope in Scope if scope not in needs.scopes]
    everything = person("everything", world.bank, "bank_preparer", "bank_reviewer", "bank_signatory", "auditor")
    answer = Machine(token_for(everything, *other)).ask(method, address(world, name))
    if needs.scopes:
        problem(answer, 403, "forbidden")
    else:
        assert answer.status_code == 200


def test_a_write_is_done_once_under_its_key(world: World) -> None:
    system, path = machine(world.preparer), f"/assessments/{world.assessment.pk}/draft"
    body = {"revision": 0, "facts": {"bal": "100"}}
    first = system.patch(path, body, Idempotency_Key="k1")
    events = Event.objects.filter(event="assessments.draft.saved").count()
    again = system.patch(path, body, Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotency-Replayed"] == "true" and not first.has_header("Idempotency-Replayed")
    assert Event.objects.filter(event="assessments.draft.saved").count() == events == 1
    other = system.patch(path, {"revision": 1, "facts": {"bal": "101"}}, Idempotency_Key="k1")
    assert problem(other, 422, "idempotency-key")["errors"][0]["field"] == "Idempotency-Key"
    wrong = system.patch(path, {"revision": 1, "facts": {"bal": "x"}}, Idempotency_Key="k2")
    problem(wrong, 422, "invalid")
    assert not ApiAnswer.objects.filter(key="k2").exists(), "what failed left nothing behind"
    assert system.patch(path, {"revision": 1, "facts": {"bal": "102"}}, Idempotency_Key="k2").status_code == 200
    stranger = machine(world.preparer).patch(path, {"revision": 2, "facts": {"rate": "1"}}, Idempotency_Key="k1")
    assert stranger.status_code == 200, "a key belongs to its token"
    ApiAnswer.objects.update(made_at="2020-01-01T00:00:00Z")
    assert system.patch(path, {"revision": 3, "facts": {"rate": "2"}}, Idempotency_Key="k1").status_code == 200
    assert ApiAnswer.objects.filter(token__person=world.preparer, key="k2").count() == 0, "kept for a day"
    assert b"100" not in json.dumps(list(ApiAnswer.objects.values_list("fingerprint", flat=True))).encode()


def test_a_crash_leaves_neither_the_write_nor_its_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(self: ApiAnswer, *args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is gone")

    system, path = machine(world.preparer), f"/assessments/{world.assessment.pk}/draft"
    system.client.raise_request_exception = False
    monkeypatch.setattr(
        ApiAnswer, "save", lambda self, *a, **k: fall(self) if k.get("update_fields") else _save(self, *a, **k)
    )
    body = {"revision": 0, "facts": {"bal": "100"}}
    problem(system.patch(path, body, Idempotency_Key="k1"), 500, "server-error")
    assert not FactEntry.objects.exists() and not ApiAnswer.objects.exists()
    monkeypatch.undo()
    assert system.patch(path, body, Idempotency_Key="k1").status_code == 200


_save = ApiAnswer.save


def test_the_rate_is_told_and_held(world: World, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    system = machine(world.preparer)
    answers = [system.get("/me") for _ in range(5)]
    if len({answer.status_code for answer in answers[:3]}) > 1 or answers[3].status_code == 200:
        answers = [system.get("/me") for _ in range(5)]  # the minute turned meanwhile
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [re.findall(r"r=(\d+)", answer["RateLimit"])[0] for answer in answers] == ["2", "1", "0", "0", "0"]
    assert answers[0]["RateLimit-Policy"] == '"token";q=3;w=60'
    problem(answers[3], 429, "too-many-requests")
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert machine(world.preparer).get("/me").status_code == 200, "each token has its own"


def test_lists_come_in_pages_with_a_constant_number_of_queries(world: World) -> None:
    officer = machine(world.officer)
    officer.get("/assessments")  # the first of a minute begins its count
    with CaptureQueriesContext(connection) as before:
        assert officer.get("/assessments?limit=100").json()["count"] == 1
    for number in range(2, 31):
        build(f"B{number:03}")
    with CaptureQueriesContext(connection) as after:
        whole = officer.get("/assessments?limit=100").json()
    assert len(after) == len(before) < 20
    assert len(whole["items"]) == whole["count"] == 30 and whole["next"] is None
    seen, path = [], f"/assessments?round={world.round.pk}&limit=12"
    while path:
        part = officer.get(path).json()
        seen += [row["id"] for row in part["items"]]
        path = (part["next"] or "").removeprefix(BASE)
    assert seen == [row["id"] for row in whole["items"]]
    for wrong in ("limit=0", "limit=101", "limit=x", "offset=-1", "offset=99999999999"):
        found = problem(officer.get(f"/assessments?{wrong}"), 422, "invalid")
        assert found["errors"][0]["field"] == wrong.partition("=")[0]


def test_problems_of_the_frame_are_problems(world: World) -> None:
    system, path = machine(world.preparer), f"/assessments/{world.assessment.pk}/draft"
    problem(system.get("/nothing/there"), 404, "not-found")
    problem(system.get("/assessments/999999/draft"), 404, "not-found")
    wrong = system.ask("PUT", path)
    assert problem(wrong, 405, "method-not-allowed") and wrong["Allow"] == "GET, PATCH"
    said = {"Authorization": f"Bearer {system.token}"}
    broken = Client().generic("PATCH", BASE + path, b"{", content_type="application/json", headers=said)
    problem(broken, 400, "bad-request")
    assert problem(system.patch(path, {"revision": 0, "extra": 1}), 422, "invalid")["errors"][0]["field"] == "/extra"
    large = system.patch(path, {"revision": 0, "report": "长" * 2_000_000})
    problem(large, 413, "too-large")
    nul = system.patch(path, {"revision": 0, "facts": {"note": "a\x00b"}, "report": "c\x00d"})
    assert nul.status_code == 200 and FactEntry.objects.get(fact="note").value == "ab"
    half = Client().generic(
        "PATCH", BASE + path, b'{"revision": 1, "report": "\\ud800"}', content_type="application/json", headers=said
    )
    problem(half, 400, "bad-request")


def test_another_banks_filing_is_404_and_recorded(world: World) -> None:
    other = build("B002")
    system = machine(world.preparer)
    for path in ("draft", "checks", "score", "evidence", "steps", "steps/submit", "result", "explanation", "notices"):
        problem(system.get(f"/assessments/{other.assessment.pk}/{path}"), 404, "not-found")
    assert Event.objects.filter(event="access.hidden", bank_id=other.bank.pk).count() == 9
    assert {row["id"] for row in system.get("/assessments").json()["items"]} == {world.assessment.pk}
    assert Assessment.objects.count() == 2


def test_the_documentation_asks_no_other_host_and_runs_nothing_inline(world: World) -> None:
    client = Client()
    client.force_login(world.preparer)
    page = client.get(reverse("api:openapi-view"))
    text = page.content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', text)
    assert all(
        'src="/static/ninja/' in tag or 'type="application/json"' in tag for tag in re.findall("<script[^>]*>", text)
    )
    assert not re.search(r"\son\w+=|style=", text)
    schema = client.get(reverse("api:openapi-json")).json()
    assert schema["openapi"].startswith("3.1")
    assert not [path for path in schema["paths"] if "http" in path]
    numbers = [
        f"{name}.{field}"
        for name, model in schema["components"]["schemas"].items()
        for field, about in model.get("properties", {}).items()
        if about.get("type") == "number"
    ]
    assert numbers == [], "numbers that are not whole are texts"
