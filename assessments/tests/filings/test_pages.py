"""The bank's pages: every one opens, saves, refuses, and shows nobody else's data."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import REPORT, Answer, Assessment, Comment, Evidence, Notice, Rating, Round, ScoreKind
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.filings.test_scoring import fill, submit
from assessments.tests.filings.world import COMPLETE, PASSWORD, World, build, person, signed_with
from assessments.tests.reviews.client import seal
from assessments.workflow import perform
from banks.models import FactEntry, User
from banks.services.facts import record_facts
from scorecard.audit.models import Event
from scorecard.jobs.models import Job
from scorecard.jobs.services import run as run_job
from scorecard.links import Link

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    forget()
    return build()


def at(user: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def pages(world: World) -> list[str]:
    pk = world.assessment.pk
    return [
        reverse("home"),
        reverse("filing-detail", args=[pk]),
        *(reverse("filing-section", args=[pk, page]) for page in ("figures", "A", "B", "H")),
        reverse("filing-report", args=[pk]),
        reverse("filing-check", args=[pk]),
        reverse("filing-panel", args=[pk]),
        reverse("filing-step", args=[pk, "pass_to_reviewer"]),
        reverse("assessment-result", args=[pk]),
        reverse("assessment-history", args=[pk]),
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_empty_full_and_submitted(world: World, language: str) -> None:
    def open_all(user: User) -> None:
        client = at(user, language)
        for url in pages(world):
            response = client.get(url)
            assert response.status_code == 200, url
            text = response.content.decode()
            assert "None" not in text.replace("None of these", ""), url

    open_all(world.preparer)
    fill(world, bal="40000")
    open_all(world.preparer)
    Answer.objects.create(
        assessment=world.assessment,
        indicator="_check:bal_jump",
        revision=1,
        narrative="并购",
        entered_by=world.preparer,
    )
    version = submit(world)
    open_all(world.reviewer)
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    open_all(world.signatory)
    client = at(world.signatory, language)
    assert client.get(reverse("assessment-explain", args=[world.assessment.pk, 1])).status_code == 200
    assert client.get(reverse("assessment-result", args=[world.assessment.pk, 1])).status_code == 200
    assert client.get(reverse("assessment-result", args=[world.assessment.pk, 2])).status_code == 404


def test_saving_without_script_and_what_is_wrong_stays_on_the_form(world: World) -> None:
    client = at(world.preparer)
    url = reverse("filing-section", args=[world.assessment.pk, "figures"])
    response = client.post(url, {"revision": "0", "f-bal": "12000", "f-bal_prev": "一万", "f-rate": "55", "then": "A"})
    assert response.status_code == 422
    text = response.content.decode()
    assert 'value="一万"' in text and 'href="#id_f-bal_prev"' in text
    assert dict(FactEntry.objects.values_list("fact", "value")) == {"bal": "12000", "rate": "0.55"}
    response = client.post(url, {"revision": "1", "f-bal": "12000", "f-bal_prev": "10000", "f-rate": "55", "then": "A"})
    assert response.status_code == 302 and response["Location"] == reverse(
        "filing-section", args=[world.assessment.pk, "A"]
    )


def test_a_section_page_saves_answers_and_reads_boxes_left_empty(world: World) -> None:
    client = at(world.preparer)
    url = reverse("filing-section", args=[world.assessment.pk, "A"])
    client.post(
        url,
        {
            "revision": "0",
            "f-policy": "1",
            "f-flow": ["online", "promise"],
            "n-A1": "甲",
            "s-A1": "2",
            "x-A2": "on",
            "n-A2": "乙",
        },
    )
    assert FactEntry.objects.get(fact="flow").value == "online;promise"
    assert Answer.objects.get(indicator="A2").not_applicable
    client.post(url, {"revision": "1", "f-policy": "1", "n-A1": "甲", "s-A1": "2", "n-A2": "乙"})
    assert FactEntry.objects.filter(fact="flow").latest("revision").state == "unanswered"
    assert not Answer.objects.filter(indicator="A2").latest("revision").not_applicable


def test_autosave_answers_with_revision_errors_and_conflicts(world: World) -> None:
    client = at(world.preparer)
    url = reverse("filing-autosave", args=[world.assessment.pk])
    answer = client.post(url, {"revision": "0", "f-bal": "12000", "s-A1": "9"}).json()
    assert answer["revision"] == 1 and answer["written"] == ["f-bal"] and set(answer["errors"]) == {"s-A1"}
    other = at(person("prep-2", world.bank, "bank_preparer"))
    assert other.post(url, {"revision": "1", "f-bal": "13000"}).json()["revision"] == 2
    stale = client.post(url, {"revision": "1", "f-bal": "14000"})
    assert stale.status_code == 409 and len(stale.json()["conflict"]) == 1
    # The page shows both values and keeps everything else that was typed.
    page = client.post(
        reverse("filing-section", args=[world.assessment.pk, "figures"]),
        {"revision": "1", "f-bal": "14000", "f-bal_prev": "9000", "f-rate": ""},
    )
    text = page.content.decode()
    assert (
        page.status_code == 409
        and "14,000 万元" in text
        and "13,000 万元" in text
        and ">9000</textarea>" in text
        and "prep-2" in text
    )


@pytest.mark.parametrize("own", ["", "[", "[1]", '{"f-rate": "x"}', '{"nobody": 9}', "[" * 100_000])
def test_a_page_that_saves_itself_overwrites_nothing_of_another_window(world: World, own: str) -> None:
    """It learns at which revision it has saved a field, and its own revision stays: what came between is a conflict."""
    client = at(world.preparer)
    url = reverse("filing-autosave", args=[world.assessment.pk])
    client.post(url, {"revision": "0", "f-bal": "100", "f-bal_prev": "90"})
    # Both windows are open at revision 1; the second changes one figure, the first another one, twice.
    client.post(url, {"revision": "1", "f-bal": "33", "own": own})
    saved = client.post(url, {"revision": "1", "f-bal_prev": "91", "own": own}).json()
    assert saved["written"] == ["f-bal_prev"]
    mine = json.dumps(dict.fromkeys(saved["written"], saved["revision"]))
    assert client.post(url, {"revision": "1", "f-bal_prev": "92", "own": mine}).status_code == 200
    assert client.post(url, {"revision": "1", "f-bal_prev": "93", "own": own}).status_code == 409
    assert client.post(url, {"revision": "1", "f-bal": "20", "own": mine}).status_code == 409
    page = {"revision": "1", "f-bal": "100", "f-bal_prev": "92", "f-rate": "", "own": mine}
    answer = client.post(reverse("filing-section", args=[world.assessment.pk, "figures"]), page)
    assert answer.status_code == 409 and "33 万元" in answer.content.decode()
    assert FactEntry.objects.filter(fact="bal").latest("revision").value == "33"


def test_nothing_is_saved_after_it_was_passed_on(world: World) -> None:
    fill(world)
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    client = at(world.preparer)
    url = reverse("filing-autosave", args=[world.assessment.pk])
    refused = client.post(url, {"revision": "0", "f-bal": "1"})
    assert refused.status_code == 409 and refused.json()["refused"]
    text = client.get(reverse("filing-section", args=[world.assessment.pk, "figures"])).content.decode()
    assert "data-draft" not in text and '<input type="text"' not in text


def test_the_signature_asks_for_the_password(world: World) -> None:
    fill(world)
    client = at(world.preparer)
    step = reverse("filing-step", args=[world.assessment.pk, "pass_to_reviewer"])
    assert client.post(step).status_code == 302
    assert (
        at(world.reviewer).post(reverse("filing-step", args=[world.assessment.pk, "pass_to_signatory"])).status_code
        == 302
    )
    signatory = at(world.signatory)
    sign = reverse("filing-sign", args=[world.assessment.pk])
    assert signatory.post(sign, {"password": "wrong"}).status_code == 422
    assert world.again().version is None
    data = {"password": PASSWORD, "seen": seal(signatory, "filing-sign", world.assessment.pk)}
    response = signatory.post(sign, data)
    assert response.status_code == 302 and response["Location"] == reverse(
        "assessment-result", args=[world.assessment.pk]
    )
    version = world.again().version
    assert version is not None and version.number == 1
    # A second press of the button finds the case moved on.
    assert signatory.post(sign, data).status_code == 409
    assert world.assessment.versions.count() == 1
    progress = signatory.get(reverse("assessment-result", args=[world.assessment.pk])).content.decode()
    assert "hx-get=" in progress and "job-progress" not in progress


def test_a_signature_page_that_was_opened_before_the_filing_changed_signs_nothing(world: World) -> None:
    fill(world)
    pk = world.assessment.pk
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=pk)
    signatory, sign = at(world.signatory), reverse("filing-sign", args=[pk])
    old = seal(signatory, "filing-sign", pk)
    perform("refuse_signature", actor=world.signatory, assessment_id=pk, reason="再看")
    world.facts(**(COMPLETE | {"bal": "12345"}))
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=pk)
    response = signatory.post(sign, {"password": PASSWORD, "seen": old})
    assert response.status_code == 409
    assert "12345" in response.content.decode().split('id="differences"')[1].split("</table>")[0]
    assert world.again().version is None
    assert signatory.post(sign, {"password": PASSWORD}).status_code == 409  # and none without what was shown
    assert world.again().version is None
    data = {"password": PASSWORD, "seen": seal(signatory, "filing-sign", pk)}
    assert signatory.post(sign, data).status_code == 302


def test_sending_back_needs_a_reason_and_shows_it(world: World) -> None:
    fill(world)
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    client = at(world.reviewer)
    url = reverse("filing-step", args=[world.assessment.pk, "send_back_to_preparer"])
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "余额口径有误"}).status_code == 302
    home = at(world.preparer).get(reverse("home"))
    assert "余额口径有误" in home.content.decode()
    # Nothing has changed since: the page on which it can be answered in words is offered all the same.
    forward = Link("filing-step", (world.assessment.pk, "pass_to_reviewer"))
    assert home.context["next"].link == forward and "书面答复" in home.context["next"].text
    address = reverse("filing-step", args=forward.args)
    assert 'name="reason"' in at(world.preparer).get(address).content.decode()
    assert at(world.preparer).post(address, {"reason": "口径无误，见制度。"}).status_code == 302


def test_what_is_missing_is_named_before_it_can_be_passed_on(world: World) -> None:
    client = at(world.preparer)
    url = reverse("filing-step", args=[world.assessment.pk, "pass_to_reviewer"])
    text = client.get(url).content.decode()
    assert "小微企业贷款余额" in text and '<form method="post" novalidate>' not in text
    assert client.post(url).status_code == 409 and world.again().filing_state == "preparing"


def test_a_complete_filing_is_told_what_has_no_file_and_where_it_goes_on(world: World) -> None:
    fill(world)
    client, pk = at(world.preparer), world.assessment.pk
    text = client.get(reverse("filing-check", args=[pk])).content.decode()
    assert "填报完整" in text and "请在任务清单中提交下一环节" in text
    assert 'id="bare"' in text and "A1" in text and reverse("filing-evidence", args=[pk]) in text
    (own,) = (task for task in client.get(reverse("home")).context["tasks"] if task.title == "自评得分")
    assert own.link.args[1] == "A", "the first page that asks for a score"
    url = reverse("filing-step", args=[pk, "pass_to_reviewer"])
    assert client.post(url).status_code == 302
    again = client.get(url).content.decode()
    assert "请刷新页面" in again and "查看尚缺内容" not in again, "nothing is missing of what has gone on"


def test_evidence_comes_back_as_a_download_for_those_who_may_read_it(world: World) -> None:
    client = at(world.preparer)
    url = reverse("filing-evidence-add", args=[world.assessment.pk, "A1"])
    good = client.post(url, {"file": SimpleUploadedFile("定价 制度.pdf", PDF)}, headers={"HX-Request": "true"})
    assert good.status_code == 200 and "定价 制度.pdf" in good.content.decode()
    bad = client.post(url, {"file": SimpleUploadedFile("a.pdf", b"MZ")}, headers={"HX-Request": "true"})
    assert bad.status_code == 422
    row = Evidence.objects.get()
    assert at(world.officer).get(reverse("evidence-download", args=[row.pk])).status_code == 404, "of a draft"
    signed_with(world, row.pk)
    for user in (world.preparer, world.officer, person("audit", None, "auditor")):
        response = at(user).get(reverse("evidence-download", args=[row.pk]))
        assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
        assert response["X-Content-Type-Options"] == "nosniff" and response["Content-Disposition"].startswith(
            "attachment"
        )
    assert Event.objects.filter(event="assessments.evidence.read").count() == 3
    assert at(build("B002").preparer).get(reverse("evidence-download", args=[row.pk])).status_code == 404
    assert at(person("root", None, "administrator")).get(reverse("evidence-download", args=[row.pk])).status_code == 403
    for odd in ("²", "9" * 5000):
        assert client.post(url, {"existing": odd}, headers={"HX-Request": "true"}).status_code in (200, 422)
    taken = client.post(reverse("filing-evidence-withdraw", args=[world.assessment.pk, row.pk]))
    assert taken.status_code == 302 and Evidence.objects.get().withdrawn_by == world.preparer


def test_an_upload_that_is_too_large_answers_413(world: World, settings: Any) -> None:
    settings.MAX_UPLOAD_MB = 0
    response = at(world.preparer).post(
        reverse("filing-evidence-add", args=[world.assessment.pk, "A1"]), {"file": SimpleUploadedFile("a.pdf", PDF)}
    )
    assert response.status_code == 413


def test_another_bank_finds_nothing(world: World) -> None:
    stranger = build("B002")
    fill(world)
    version = submit(world)
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    own = [url for url in pages(world) if url != reverse("home")]
    for user in (stranger.preparer, stranger.signatory):
        client = at(user)
        for url in own:
            assert client.get(url).status_code == 404, url
        assert client.get(reverse("assessment-explain", args=[world.assessment.pk, 1])).status_code == 404
    client = at(stranger.preparer)
    for url in (
        reverse("filing-section", args=[world.assessment.pk, "A"]),
        reverse("filing-autosave", args=[world.assessment.pk]),
        reverse("filing-evidence-add", args=[world.assessment.pk, "A1"]),
        reverse("assessment-rescore", args=[world.assessment.pk]),
    ):
        assert client.post(url, {"revision": "0", "file": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404, url
    assert Event.objects.filter(event="access.hidden").count() > len(own)
    # The stranger's own home tells of its own filing and of nothing else.
    assert world.bank.name_zh not in at(stranger.preparer).get(reverse("home")).content.decode()


def test_a_supervisor_who_reads_a_result_stands_in_the_trail(world: World) -> None:
    fill(world)
    score_version(version_id=submit(world).pk, kind=ScoreKind.SYSTEM)
    url = reverse("assessment-result", args=[world.assessment.pk])
    assert at(world.officer).get(url).status_code == 200
    assert at(world.signatory).get(url).status_code == 200
    assert Event.objects.filter(event="assessments.assessment.viewed").count() == 1


def test_the_bank_learns_reviewed_points_by_its_notice(world: World) -> None:
    from assessments.models import ReviewEntry

    fill(world)
    version = submit(world)
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    ReviewEntry.objects.create(
        assessment=world.assessment,
        version=version,
        indicator="A1",
        revision=1,
        stage="first",
        points="0",
        reason="不予认可",
        entered_by=world.officer,
    )
    score_version(version_id=version.pk, kind=ScoreKind.REVIEWED)
    url = reverse("assessment-result", args=[world.assessment.pk])
    assert "?kind=reviewed" not in at(world.signatory).get(url).content.decode()
    assert "?kind=reviewed" in at(world.officer).get(url).content.decode()
    assert at(world.signatory).get(url + "?kind=reviewed").context["run"].kind == "system"


def test_the_bank_reads_and_answers_remarks_that_are_meant_for_it(world: World) -> None:
    fill(world)
    version = submit(world)
    for text, for_bank, indicator in (
        ("请补充制度文件", True, "A1"),
        ("内部意见", False, "A1"),
        ("总体意见", True, ""),
    ):
        Comment.objects.create(
            assessment=world.assessment, indicator=indicator, for_bank=for_bank, text=text, author=world.officer
        )
    client = at(world.preparer)
    section = client.get(reverse("filing-section", args=[world.assessment.pk, "A"])).content.decode()
    history = client.get(reverse("assessment-history", args=[world.assessment.pk])).content.decode()
    assert "请补充制度文件" in section and "内部意见" not in section + history and "总体意见" in history
    assert str(world.officer) not in section + history
    remark = Comment.objects.get(text="请补充制度文件")
    url = reverse("filing-reply", args=[world.assessment.pk, remark.pk])
    assert client.post(url, {"text": "已补充"}).status_code == 302
    assert Comment.objects.get(reply_to=remark).text == "已补充"
    hidden = Comment.objects.get(text="内部意见")
    assert (
        client.post(reverse("filing-reply", args=[world.assessment.pk, hidden.pk]), {"text": "答"}).status_code == 409
    )
    assert (
        "内部意见" in at(world.officer).get(reverse("assessment-history", args=[world.assessment.pk])).content.decode()
    )
    assert version.number == 1


def test_a_score_that_could_not_be_made_is_asked_for_again(world: World) -> None:
    fill(world)
    version = submit(world)
    Job.objects.update(state="failed", error="boom")
    client = at(world.signatory)
    url = reverse("assessment-result", args=[world.assessment.pk])
    page = client.get(url).content.decode()
    assert reverse("assessment-rescore", args=[world.assessment.pk]) in page and "boom" not in page
    assert client.post(reverse("assessment-rescore", args=[world.assessment.pk])).status_code == 302
    poll = reverse("assessment-progress", args=[world.assessment.pk, 1])
    assert "HX-Refresh" not in client.get(poll).headers
    assert run_job(Job.objects.get(state="queued").pk) == "done"
    assert client.get(poll).headers["HX-Refresh"] == "true"
    assert client.get(url).context["run"].version_id == version.pk


@pytest.mark.usefixtures("past_the_triggers")
def test_a_capped_result_says_which_cap_acted_why_and_by_which_clause(world: World) -> None:
    record_facts(actor=None, bank=world.bank, period="2017", values={"violations": ("value", "0")}, source="supervisor")
    fill(world, policy="2", rate="0.8", bal="9999.99")
    Answer.objects.filter(indicator="B2").update(self_points="0")
    score_version(version_id=submit(world).pk, kind=ScoreKind.SYSTEM)
    text = at(world.signatory, "en").get(reverse("assessment-result", args=[world.assessment.pk])).content.decode()
    assert "Capped from Good to Pass" in text and "A target is missed, so pass is the highest grade." in text
    assert "Notice on tests (测〔2017〕1号), 7" in text
    # Sides that differ by one cent never look equal.
    assert re.search(r"9,999\.99 × CNY 10,000 &lt;.*10,000\.00 × CNY 10,000", text)


def test_the_number_of_queries_does_not_grow_with_what_is_filed(world: World) -> None:
    client = at(world.preparer)
    urls = [url for url in pages(world) if "step" not in url]

    def counts() -> dict[str, int]:
        found = {}
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            found[url] = len(queries)
        return found

    fill(world)
    counts()  # the rulebook is read once per process
    few = counts()
    for number in range(6):
        Evidence.objects.create(
            assessment=world.assessment,
            indicator="A1",
            name=f"{number}.pdf",
            size=1,
            sha256=str(number),
            content_type="application/pdf",
            uploaded_by=world.preparer,
            file="x",
        )
        Answer.objects.create(
            assessment=world.assessment,
            indicator=REPORT,
            revision=number + 2,
            narrative="总结",
            entered_by=world.preparer,
        )
    Assessment.objects.update(revision=3)
    full = counts()
    assert {url: (few[url], full[url]) for url in urls if full[url] > few[url]} == {}
    assert max(full.values()) <= 16


def test_rates_in_the_explanation_are_read_as_percentages(world: World) -> None:
    fill(world)
    score_version(version_id=submit(world).pk, kind=ScoreKind.SYSTEM)
    text = at(world.signatory).get(reverse("assessment-result", args=[world.assessment.pk])).content.decode()
    assert '<span class="tree-value">55.00 %</span>' in text and '<span class="tree-value">0.55 %</span>' not in text


def test_checks_speak_beside_the_form_and_a_passed_deadline_is_said(world: World) -> None:
    fill(world, bal="40000")
    client = at(world.preparer)
    url = reverse("filing-section", args=[world.assessment.pk, "figures"])
    assert "余额超过上年三倍，请核对。" in client.get(url).content.decode()
    assert (
        "余额超过上年三倍，请核对。" in client.get(reverse("filing-panel", args=[world.assessment.pk])).content.decode()
    )
    Round.objects.update(filing_deadline=timezone.now() - timedelta(hours=1))
    text = at(world.preparer, "en").get(url).content.decode()
    assert "The filing deadline was" in text and "data-draft" not in text


def test_the_task_list_names_who_holds_the_filing_and_offers_one_next_step(world: World) -> None:
    fill(world)
    preparer = at(world.preparer).get(reverse("home"))
    assert preparer.context["next"].link == Link("filing-step", (world.assessment.pk, "pass_to_reviewer"))
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    waiting = at(world.preparer).get(reverse("home"))
    assert not waiting.context["next"].link and str(world.reviewer) in waiting.content.decode()
    reviewer = at(world.reviewer).get(reverse("home"))
    assert reviewer.context["next"].link == Link("filing-step", (world.assessment.pk, "pass_to_signatory"))
    assert [row.name for row in reviewer.context["send_back"]] == ["send_back_to_preparer"]
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=world.assessment.pk)
    signatory = at(world.signatory).get(reverse("home"))
    assert signatory.context["next"].link == Link("filing-sign", (world.assessment.pk,))
    perform("submit", actor=world.signatory, assessment_id=world.assessment.pk)
    done = at(world.preparer).get(reverse("home"))
    assert done.context["next"].link == Link("assessment-result", (world.assessment.pk,))


def test_what_the_review_records_reaches_the_bank_only_by_its_notice(world: World) -> None:
    fill(world)
    version = submit(world)
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    record_facts(
        actor=world.officer, bank=world.bank, period="2017", values={"violations": ("value", "1")}, source="supervisor"
    )
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    reviewed = score_version(version_id=version.pk, kind=ScoreKind.REVIEWED)
    url = reverse("assessment-result", args=[world.assessment.pk])
    bank, officer = at(world.signatory), at(world.officer)
    assert (bank.get(url).context["run"].total, bank.get(url).context["run"].pending) == ("12", "4")
    assert bank.get(reverse("filing-panel", args=[world.assessment.pk])).context["score"].pending == "4"
    assert officer.get(url).context["run"].total == "14"
    # Decided, but not told yet: still nothing.
    rating = Rating.objects.create(
        assessment=world.assessment,
        run=reviewed,
        points="14",
        grade_before="pass",
        grade_proposed="pass",
        grade="pass",
        reason="依据充分",
        decided_by=world.officer,
        decided_at=timezone.now(),
    )
    Assessment.objects.filter(pk=world.assessment.pk).update(rating=rating)
    assert bank.get(url).context["rating"] is None and bank.get(url).context["run"].total == "12"
    Notice.objects.create(
        rating=rating, number="1", issued_by=world.officer, issued_at=timezone.now(), appeal_until=timezone.now()
    )
    told = bank.get(url).context
    assert told["run"] == reviewed and told["rating_grade"] == "合格"
