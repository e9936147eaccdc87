"""Pages of rounds, rulebooks, the audit trail and jobs: who sees what, exports, and a constant work per view."""

import copy
import csv
import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Ranking, Review, Round, RoundSnapshot, RoundState
from assessments.rounds.services import open_round
from assessments.rounds.tables import grade_kind
from assessments.rulebooks.selectors import rulebook_view
from assessments.scoring import rounds as round_scoring
from assessments.scoring.rounds import request_round_scoring
from assessments.scoring.runs import score_version
from assessments.scoring.statistics import take_snapshot
from assessments.tests.filings.world import RULEBOOK, publish
from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.jobs import services as jobs
from scorecard.jobs import tasks
from scorecard.jobs.models import Job, JobState
from scorecard.ui.links import address

from .world import at, planned, submit, values

pytestmark = pytest.mark.django_db

BASELINE = Path(__file__).with_name("query_counts.json")


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    client.cookies["django_language"] = "zh-hans"
    return client


def seal(page: str) -> str:
    """The seal of what a page shows, as its form sends it back."""
    return page.split('name="seen" value="')[1].split('"')[0]


def person(role: str) -> Client:
    return signed_in(make_person(role))


def a_round(count: int, code: str = "sh-2017", **more: Any) -> Round:
    """An open round; ``count`` banks have submitted and are scored, one more has not."""
    for _ in range(count + 1):
        make_bank(case_officer=more.get("officer"))
    round_ = planned(code=code, year=more.get("year", 2017))
    open_round(actor=None, round_id=round_.pk)
    cases = list(Assessment.objects.filter(round=round_).select_related("bank").order_by("pk"))
    for number, case in enumerate(cases[:count]):
        version = submit(case, rate=f"0.{37 + number % 6 * 7}", bal="9000" if number % 3 == 0 else "12000")
        score_version(version_id=version.pk, kind="system")
    return round_


def score(round_: Round) -> Job:
    """Score the round as a whole, without a worker."""
    job = request_round_scoring(actor=None, round_id=round_.pk)
    while Job.objects.filter(state=JobState.QUEUED).exists():
        for pk in Job.objects.filter(state=JobState.QUEUED).order_by("-pk").values_list("pk", flat=True):
            jobs.run(pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    return job


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.run_job, "apply_async", lambda **_kwargs: None)
    monkeypatch.setattr("scorecard.jobs.broker._silent_until", 0.0)


# --- Constant work ---------------------------------------------------------------------------------------------------

PAGES = {
    "round-list": (Role.CASE_OFFICER, lambda r: reverse("round-list")),
    "round-detail officer": (Role.CASE_OFFICER, lambda r: reverse("round-detail", args=[r.pk])),
    "round-detail administrator": (Role.ADMINISTRATOR, lambda r: reverse("round-detail", args=[r.pk])),
    "round-detail filtered": (
        Role.AUDITOR,
        lambda r: reverse("round-detail", args=[r.pk]) + "?missed=T1&category=city&sort=-system_points",
    ),
    "round-detail export": (Role.CASE_OFFICER, lambda r: reverse("round-detail", args=[r.pk]) + "?_export=csv"),
    "round-about": (Role.CASE_OFFICER, lambda r: reverse("round-about", args=[r.pk])),
    "round-aggregate": (Role.DECISION_MAKER, lambda r: reverse("round-aggregate", args=[r.pk])),
    "rulebook-list": (Role.CASE_OFFICER, lambda r: reverse("rulebook-list")),
    "rulebook-detail": (Role.AUDITOR, lambda r: reverse("rulebook-detail", args=[r.rulebook_id])),
    "home administrator": (Role.ADMINISTRATOR, lambda r: reverse("home")),
    "home auditor": (Role.AUDITOR, lambda r: reverse("home")),
    "audit-list": (Role.AUDITOR, lambda r: reverse("audit-list")),
    "audit-list export": (Role.AUDITOR, lambda r: reverse("audit-list") + "?_export=csv"),
    "job-list": (Role.ADMINISTRATOR, lambda r: reverse("job-list")),
}


def counted(client: Client, url: str) -> int:
    """The queries of one view; the lock that PostgreSQL alone needs for an event is left out."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
    return sum("pg_advisory_xact_lock" not in query["sql"] for query in queries)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_work_of_a_page_is_what_the_baseline_says_for_few_and_for_many_banks(name: str) -> None:
    """``QUERY_COUNTS=write`` writes the numbers found into the baseline, to be read and committed with their reason."""
    role, url = PAGES[name]
    client = person(role)
    found = []
    for count, code in ((2, "first"), (14, "second")):
        Round.objects.update(state=RoundState.CLOSED)
        round_ = a_round(count, code=code)
        score(round_)
        counted(client, url(round_))
        found.append(counted(client, url(round_)))
    assert found[0] == found[1]
    baseline = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    if os.environ.get("QUERY_COUNTS") == "write":
        BASELINE.write_text(json.dumps(baseline | {name: found[0]}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        baseline[name] = found[0]
    assert baseline.get(name) == found[0]


# --- The bank list ---------------------------------------------------------------------------------------------------


def test_the_bank_list_shows_points_targets_grade_and_rank() -> None:
    round_ = a_round(3)
    score(round_)
    text = person(Role.CASE_OFFICER).get(reverse("round-detail", args=[round_.pk])).content.decode()
    case = Assessment.objects.filter(round=round_).select_related("system_run", "bank").first()
    assert case is not None
    assert case.system_run is not None
    assert case.bank.name_zh in text
    assert case.system_run.total in text
    assert "未完成" in text
    assert "1/3" in text
    assert "待受理" in text
    assert "填报中" in text


def test_the_administrator_sees_states_and_not_one_point() -> None:
    round_ = a_round(3)
    score(round_)
    client = person(Role.ADMINISTRATOR)
    url = reverse("round-detail", args=[round_.pk])
    text = client.get(url).content.decode()
    exported = b"".join(client.get(url + "?_export=csv").streaming_content).decode()
    for case in Assessment.objects.filter(round=round_, version__isnull=False).select_related("system_run", "bank"):
        assert case.system_run is not None
        for shown in (text, exported):
            assert case.bank.name_zh in shown
            assert case.system_run.total not in shown
            assert "15.5" not in shown
    for words in ("系统计分", "等次", "同类排名", "未完成的目标"):
        assert words not in text
    # Filters and order of the supervisors' list say nothing to the administrator either.
    whole = client.get(url).context["table"].count
    assert client.get(url + "?grade=fail&missed=any&sort=-system_points").context["table"].count == whole
    assert client.get(reverse("round-aggregate", args=[round_.pk])).status_code == 403
    assert client.post(reverse("round-score", args=[round_.pk])).status_code == 403


@pytest.mark.parametrize("role", [Role.BANK_PREPARER, Role.BANK_REVIEWER, Role.BANK_SIGNATORY])
def test_a_banks_people_open_no_page_of_the_whole_round(role: str) -> None:
    round_ = a_round(2)
    client = signed_in(make_person(role, bank=Assessment.objects.filter(round=round_).first().bank))  # type: ignore[union-attr]
    for name in ("round-detail", "round-about", "round-aggregate", "round-score"):
        assert client.get(reverse(name, args=[round_.pk])).status_code == 403
    assert client.get(reverse("round-list")).status_code == 403
    assert client.get(reverse("rulebook-detail", args=[round_.rulebook_id])).status_code == 200
    assert client.get(reverse("audit-list")).status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("stage=waiting", 6),
        ("stage=preparing", 1),
        ("missed=T1", 2),
        ("missed=any", 2),
        ("missed=none", 4),
        ("category=city", 7),
        ("category=foreign", 0),
        ("officer=none", 7),
        ("grade=pass", None),
    ],
)
def test_filters_leave_what_they_say(query: str, expected: int | None) -> None:
    round_ = a_round(6)
    if expected is None:
        expected = Assessment.objects.filter(round=round_, system_run__grade="pass").count()
        assert 0 < expected < 6
    response = person(Role.CASE_OFFICER).get(f"{reverse('round-detail', args=[round_.pk])}?{query}")
    assert response.context["table"].count == expected


def test_the_export_holds_exactly_what_is_filtered_and_is_an_event() -> None:
    round_ = a_round(5)
    score(round_)
    officer = make_person(Role.CASE_OFFICER)
    url = reverse("round-detail", args=[round_.pk]) + "?missed=T1&sort=-counted_points&_export=csv"
    response = signed_in(officer).get(url)
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    wanted = Assessment.objects.filter(round=round_, system_run__targets="x").order_by("-system_run__total_sort", "pk")
    assert [row[0] for row in rows[1:]] == [case.bank.name_zh for case in wanted.select_related("bank")]
    assert len(rows) == 3
    event = Event.objects.get(event="assessments.list.exported")
    assert event.actor == officer
    assert json.loads(event.data) == {"filters": {"missed": "T1"}, "kind": "csv", "points": True, "rows": 2}


def test_a_returned_filing_and_a_decided_grade_are_told_apart() -> None:
    from .world import rate

    round_ = a_round(2)
    first, second = Assessment.objects.filter(round=round_, version__isnull=False).order_by("pk")
    Assessment.objects.filter(pk=first.pk).update(filing_state="preparing", review_state=Review.NONE)
    rating = rate(second)
    rating.grade, rating.reason, rating.decided_by = "good", "r", make_person(Role.DECISION_MAKER)
    rating.save()
    client = person(Role.AUDITOR)
    url = reverse("round-detail", args=[round_.pk])
    assert client.get(f"{url}?stage=returned").context["table"].count == 1
    assert client.get(f"{url}?grade=good").context["table"].count == 1
    assert "退回修改" in client.get(url).content.decode()


def test_a_rank_older_than_the_score_is_marked() -> None:
    round_ = a_round(2)
    score(round_)
    client = person(Role.CASE_OFFICER)
    url = reverse("round-detail", args=[round_.pk])
    assert "1/2 *" not in client.get(url).content.decode()
    for case in Assessment.objects.filter(round=round_, version__isnull=False).select_related("bank"):
        score_version(version_id=submit(case, rate="0.45").pk, kind="system")
    assert "1/2 *" in client.get(url).content.decode()


# --- Steps on a round ------------------------------------------------------------------------------------------------


def posted(**more: Any) -> dict[str, Any]:
    """What the form of a round sends."""
    given = values(**more)
    local = {
        name: timezone.localtime(given[name]).strftime("%Y-%m-%dT%H:%M")
        for name in ("opens_at", "filing_deadline", "review_deadline")
    }
    return given | local | {"rulebook": given["rulebook"].pk}


def test_planned_in_shanghai_time_and_opened_by_the_administrator() -> None:
    client = person(Role.ADMINISTRATOR)
    make_bank()
    response = client.post(
        reverse("round-create"),
        posted() | {"filing_deadline": "2030-03-31T17:00", "review_deadline": "2030-06-30T17:00"},
    )
    round_ = Round.objects.get()
    assert response.url == reverse("round-detail", args=[round_.pk])  # type: ignore[attr-defined]
    assert round_.filing_deadline.isoformat() == "2030-03-31T09:00:00+00:00"
    page = client.get(reverse("round-open", args=[round_.pk])).content.decode()
    assert "1 家银行参评" in page
    assert "2030-03-31 17:00" in page
    client.post(reverse("round-open", args=[round_.pk]), {"seen": seal(page)})
    round_.refresh_from_db()
    assert round_.state == RoundState.OPEN


def test_a_chinese_office_need_not_give_a_title_in_english() -> None:
    client = person(Role.ADMINISTRATOR)
    assert client.post(reverse("round-create"), posted(title_en="")).status_code == 302
    round_ = Round.objects.get()
    client.cookies["django_language"] = "en"
    page = client.get(reverse("round-detail", args=[round_.pk])).content.decode()
    assert round_.title_en == ""
    assert round_.title_zh in page


def test_a_grade_wears_the_colour_of_its_place() -> None:
    """不合格 looked like 良好: every decided grade wore one colour."""
    four = ["excellent", "good", "pass", "fail"]
    assert [grade_kind(four, grade) for grade in four] == ["good", "info", "attention", "bad"]
    assert [grade_kind(["met", "missed"], grade) for grade in ("met", "missed")] == ["good", "bad"]
    eight = [str(number) for number in range(8)]
    kinds = [grade_kind(eight, grade) for grade in eight]
    assert kinds == ["good", "info", "info", "info", "attention", "attention", "attention", "bad"]
    assert grade_kind(four, "unheard") == "info"


def test_faults_stand_at_their_fields() -> None:
    client = person(Role.ADMINISTRATOR)
    response = client.post(
        reverse("round-create"),
        posted() | {"filing_deadline": "2017-01-01T17:00", "title_zh": "", "opens_at": "yesterday"},
    )
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"opens_at", "title_zh"}
    response = client.post(reverse("round-create"), posted() | {"filing_deadline": "2017-01-01T17:00"})
    assert set(response.context["form"].errors) == {"filing_deadline"}
    assert not Round.objects.exists()


def test_who_was_slower_sees_both() -> None:
    client = person(Role.ADMINISTRATOR)
    round_ = planned()
    url = reverse("round-edit", args=[round_.pk])
    stale = posted(title_en="Mine") | {"seen": 0}
    assert client.post(url, posted(title_en="Theirs") | {"seen": 0}).status_code == 302
    response = client.post(url, stale)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Theirs" in text
    assert "Mine" in text
    again = response.context["form"]["seen"].value()
    assert client.post(url, stale | {"seen": again}).status_code == 302
    round_.refresh_from_db()
    assert round_.title_en == "Mine"


def test_closing_says_what_stands_against_it_before_and_after() -> None:
    round_ = a_round(1)
    client = person(Role.ADMINISTRATOR)
    url = reverse("round-close", args=[round_.pk])
    case = Assessment.objects.filter(round=round_, version__isnull=False).select_related("bank").get()
    page = client.get(url).content.decode()
    assert case.bank.name_zh in page
    response = client.post(url, {"reason": "x", "seen": seal(page)})
    assert response.status_code == 409
    assert case.bank.name_zh in response.content.decode()
    Assessment.objects.filter(pk=case.pk).update(review_state=Review.ACKNOWLEDGED)
    at(round_, timezone.now() - timedelta(days=1))
    held = seal(client.get(url).content.decode())
    assert client.post(url, {"reason": "x", "seen": held}).status_code == 302
    round_.refresh_from_db()
    assert round_.state == RoundState.CLOSED
    assert Job.objects.filter(kind="assessments.round_snapshot", key=str(round_.pk)).exists()


def test_the_button_starts_one_job_and_leads_to_its_page() -> None:
    round_ = a_round(2)
    client = person(Role.SECOND_REVIEWER)
    url = reverse("round-score", args=[round_.pk])
    held = {"seen": seal(client.get(url).content.decode())}
    first, second = client.post(url, held), client.post(url, held)
    job = Job.objects.get(kind=round_scoring.ROUND_JOB)
    assert first.url == second.url == reverse("job-detail", args=[job.pk])  # type: ignore[attr-defined]


# --- The city's figures ----------------------------------------------------------------------------------------------


def test_the_city_adds_up_and_small_groups_stay_hidden() -> None:
    round_ = a_round(5)
    draft = Assessment.objects.get(round=round_, version__isnull=True)
    from banks.models import FactSource
    from banks.services.facts import record_facts

    record_facts(actor=None, bank=draft.bank, period="2017", values={"bal": ("value", "0.05")}, source=FactSource.DEMO)
    content = take_snapshot(round_=round_).content
    assert content["facts"]["bal"] == {
        "sum": "54000.05",
        "banks": 6,
        "submitted_sum": "54000",
        "submitted_banks": 5,
    }
    assert (content["banks"], content["submitted"], content["scored"]) == (6, 5, 5)
    assert content["targets"]["T1"]["met"] + content["targets"]["T1"]["missed"] == 5
    assert content["targets"]["T1"]["missed"] == 2
    assert content["targets"]["T1"]["city"] == {
        "state": "met",
        "left": "54000.05",
        "right": "50000",
        "margin": "4000.05",
    }
    totals = sorted(
        float(case.system_run.total)  # type: ignore[union-attr]
        for case in Assessment.objects.filter(round=round_, version__isnull=False).select_related("system_run")
    )
    assert float(content["points"]["median"]) == totals[2]
    assert abs(float(content["points"]["mean"]) - sum(totals) / 5) <= 0.005
    assert sum(content["grades"].values()) == 5
    assert content["categories"]["city"]["scored"] == 5
    assert "mean" in content["categories"]["city"]
    Assessment.objects.filter(pk__in=Assessment.objects.filter(round=round_).values("pk")[:3]).update(system_run=None)
    small = take_snapshot(round_=round_).content["categories"]["city"]
    assert small == {"banks": 6, "scored": 2, "finished": 2}


def test_opening_the_figures_computes_nothing_and_the_button_queues_one_job() -> None:
    round_ = a_round(3)
    client = person(Role.CASE_OFFICER)
    url = reverse("round-aggregate", args=[round_.pk])
    assert "尚未计算轮次汇总" in client.get(url).content.decode()
    assert not RoundSnapshot.objects.exists()
    assert client.post(reverse("round-snapshot", args=[round_.pk])).status_code == 302
    job = Job.objects.get(kind="assessments.round_snapshot")
    assert jobs.run(job.pk) == "done"
    assert RoundSnapshot.objects.get().job == job
    text = client.get(url).content.decode()
    assert "目标完成情况" in text
    assert "余额不低于上年同期" in text


# --- Rulebooks -------------------------------------------------------------------------------------------------------


def test_a_rulebook_says_every_rule_its_source_and_its_basis() -> None:
    version = publish()
    client = person(Role.CASE_OFFICER)
    text = client.get(reverse("rulebook-detail", args=[version.pk])).content.decode()
    for words in ("A1 定价制度", "有制度: 2 分", "《关于测试的通知》（测〔2017〕1号）", "未完成目标", "持平即为完成"):
        if words != "未完成目标":
            assert words in text
    assert "最高为合格" in text
    assert text.count("basis-reconstructed") > 5
    found = client.get(reverse("rulebook-detail", args=[version.pk]) + "?q=限时承诺").content.decode()
    assert "A2 流程优化" in found
    assert "A1 定价制度" not in found
    nothing = client.get(reverse("rulebook-detail", args=[version.pk]) + "?q=zzzz").content.decode()
    assert "本办法中没有这些字词" in nothing
    english = client.get(reverse("rulebook-detail", args=[version.pk]), headers={"accept-language": "en"})
    assert english.status_code == 200


def test_every_entry_of_the_shanghai_rulebook_has_words_a_source_and_a_basis() -> None:
    from django.conf import settings
    from django.utils.translation import override

    from scorecard.engine.lint.load import load_rulebook

    rulebook = load_rulebook(Path(settings.RULEBOOK_DIR) / "shanghai-2017" / "3")
    for language in ("zh-hans", "en"):
        with override(language):
            view = rulebook_view(rulebook)
        entries = [entry for section in view.sections for entry in section.indicators]
        assert len(entries) == 32
        for entry in (*entries, *view.targets, *view.caps, *view.facts):
            assert entry.name
            assert entry.basis
            assert entry.source
        assert all(entry.lines and all(entry.lines) for entry in entries)
        # Targets are named, indicators have their numbers.
        used = dict(next(fact.notes for fact in view.facts if fact.id == "sme_bal_end"))["used_by"]
        assert rulebook.targets["T1"].short.get(language) in used and "T1" not in used
        units = {fact.id: fact.unit for fact in view.facts}
        assert [units[fact] for fact in ("mean_days", "late_days", "self_gap", "sme_hh_end")] == (
            ["working days", "days", "points", "borrowers"] if language == "en" else ["个工作日", "天", "分", "户"]
        )


def test_publishing_shows_every_finding_with_its_place_and_publishes_what_is_clean(
    tmp_path: Path, settings: Any
) -> None:
    settings.RULEBOOK_DIR = tmp_path
    data = copy.deepcopy(RULEBOOK)
    data["facts"].pop("note")
    data["indicators"]["B2"]["rule"]["target"] = "T9"
    folder = tmp_path / "mini" / "1"
    folder.mkdir(parents=True)
    file = folder / "rulebook.yaml"
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    client = person(Role.ADMINISTRATOR)
    url = reverse("rulebook-publish")
    assert "mini/1" in client.get(url).content.decode()
    page = client.get(f"{url}?rulebook=mini/1")
    assert "rulebook.yaml" in page.content.decode()
    assert "B2" in page.content.decode()
    refused = client.post(url, {"rulebook": "mini/1"})
    assert refused.status_code == 409
    data["indicators"]["B2"]["rule"]["target"] = "T1"
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    clean = client.get(f"{url}?rulebook=mini/1").content.decode()
    assert "没有问题" in clean
    assert client.post(url, {"rulebook": "mini/1", "seen": seal(clean)}).status_code == 302
    assert client.get(f"{url}?rulebook=../../etc").status_code == 409
    assert Event.objects.filter(event="assessments.rulebook.published").count() == 1


# --- Homes, trail and jobs -------------------------------------------------------------------------------------------


def test_the_administrator_is_led_from_an_empty_system_to_an_open_round(settings: Any, tmp_path: Path) -> None:
    settings.RULEBOOK_DIR = tmp_path
    (tmp_path / "mini" / "1").mkdir(parents=True)
    data = copy.deepcopy(RULEBOOK)
    (tmp_path / "mini" / "1" / "rulebook.yaml").write_text(
        yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    client = person(Role.ADMINISTRATOR)

    def first() -> list[str]:
        return [address(task.link) for task in client.get(reverse("home")).context["tasks"]]

    assert first()[:2] == [f"{reverse('rulebook-publish')}?rulebook=mini/1", reverse("bank-import")]
    publish()
    make_bank()
    lacking = f"{reverse('bank-list')}?case_officer=null&active=now"
    assert first()[:2] == [lacking, reverse("round-create")]
    round_ = planned()
    assert reverse("round-open", args=[round_.pk]) in first()
    open_round(actor=None, round_id=round_.pk)
    assert reverse("person-list") in first()
    at(round_, timezone.now() - timedelta(hours=1))
    assert reverse("round-detail", args=[round_.pk]) + "?stage=with_bank" in first()


def test_the_trail_filters_by_event_actor_bank_and_day_in_shanghai() -> None:
    round_ = a_round(1)
    officer = make_person(Role.CASE_OFFICER, name="王监管")
    signed_in(officer).get(reverse("round-detail", args=[round_.pk]) + "?_export=csv")
    client = person(Role.AUDITOR)
    url = reverse("audit-list")

    def count(query: str) -> int:
        found: int = client.get(f"{url}?{query}").context["table"].count
        return found

    assert count("event=assessments.list.exported") == 1
    assert count("actor=王监") == 1
    bank = Assessment.objects.filter(round=round_).select_related("bank").first().bank  # type: ignore[union-attr]
    about = Event.objects.filter(bank_id=bank.pk).count()
    assert count(f"bank={bank.code.lower()}") == about > 0
    assert count(f"bank={bank.name_zh}") == about
    assert count("bank=nobody") == 0
    today = timezone.localtime().date()
    assert count(f"since={today}&until={today}") == Event.objects.count()
    assert count(f"until={today - timedelta(days=1)}") == 0
    assert count(f"since={today + timedelta(days=1)}") == 0


def test_the_trails_export_is_an_event_and_its_verification_says_where_it_breaks() -> None:
    round_ = a_round(1)
    client = person(Role.AUDITOR)
    url = reverse("audit-list")
    rows = list(
        csv.reader(io.StringIO(b"".join(client.get(f"{url}?_export=csv").streaming_content).decode("utf-8-sig")))
    )
    assert len(rows) == Event.objects.exclude(event="assessments.audit.exported").count() + 2
    assert Event.objects.filter(event="assessments.audit.exported").count() == 1
    assert client.post(reverse("audit-verify")).status_code == 302
    job = Job.objects.get(kind="assessments.verify_audit")
    assert jobs.run(job.pk) == "done"
    assert "记录完整" in client.get(url).content.decode()
    broken = Event.objects.get(event="assessments.round.opened")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='audit_event'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_event SET data = '{}' WHERE seq = %s", [broken.seq])
        if connection.vendor == "sqlite":
            for _name, sql in triggers:
                cursor.execute(sql)
        else:
            cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
    client.post(reverse("audit-verify"))
    jobs.run(Job.objects.filter(kind="assessments.verify_audit").latest("pk").pk)
    text = client.get(url).content.decode()
    assert "记录断裂" in text
    assert f"第 {broken.seq} 条事件处断裂" in text
    assert round_.pk


def test_the_job_list_shows_whole_jobs_and_on_demand_their_parts() -> None:
    round_ = a_round(2)
    score(round_)
    client = person(Role.ADMINISTRATOR)
    url = reverse("job-list")
    assert client.get(url).context["table"].count == 1
    assert client.get(f"{url}?parts=all").context["table"].count == 2
    assert client.get(f"{url}?state=failed").context["table"].count == 0
    assert Ranking.objects.count() == 2
