"""The supervisor's pages through the whole stack: policy, views, templates, with and without htmx."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from assessments import workflow
from assessments.models import Review, ReviewEntry
from assessments.reviews.services.points import system_points
from banks.models import FactEntry
from scorecard.audit.models import Event

from . import world as worlds
from .client import post, seal, signed_in, text
from .world import World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world() -> World:
    return worlds.build()


# --- Home and queue --------------------------------------------------------------------------------------------------


def test_home_says_what_to_do_next_for_each_role(world: World) -> None:
    world.accepted("B001")
    world.second_review("B002")
    world.for_decision("B003")
    for user, todo, bank in (
        (world.officer, "Verify indicator by indicator", "Demo Bank B001"),
        (world.second, "Second review: confirm or send back", "Demo Bank B002"),
        (world.decider, "Decide grade, adjustment and measures", "Demo Bank B003"),
    ):
        page = text(signed_in(user), "home")
        assert f"{todo}: {bank}" in page
        assert "29 days left" in page


def test_home_without_work_says_so(world: World) -> None:
    assert "Nothing waits for you" in text(signed_in(world.second), "home")


def test_the_queue_lists_filters_and_links_to_where_one_acts(world: World) -> None:
    first, second = world.accepted("B001"), world.second_review("B002")
    page = text(signed_in(world.second), "review-queue")
    assert reverse("review-detail", args=[first.pk]) in page
    assert reverse("review-second", args=[second.pk]) in page
    own = text(signed_in(world.second), "review-queue", QUERY_STRING="scope=own")
    assert "Demo Bank B002" in own
    assert "Demo Bank B001" not in own
    world.round.review_deadline = timezone.now() - timedelta(hours=1)
    world.round.filing_deadline = timezone.now() - timedelta(hours=2)
    world.round.save()
    late = text(signed_in(world.officer), "review-queue", QUERY_STRING="scope=late")
    assert "2 rows" in late
    assert "Overdue by 1 hour" in late


def test_the_queue_exports_what_is_filtered_and_the_trail_says_so(world: World) -> None:
    world.accepted("B001")
    world.submitted("B002", sme_hh_end="4499")
    response = signed_in(world.officer).get(reverse("review-queue"), {"_export": "csv", "review_state": "waiting"})
    with override("en"):
        content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "Demo Bank B002" in content
    assert "Demo Bank B001" not in content
    assert "Good → Pass" not in content  # a total that awaits points has no grade yet
    assert Event.objects.filter(event="assessments.list.exported").exists()


def test_the_queue_makes_a_constant_number_of_queries(world: World, django_assert_num_queries: Any) -> None:
    client = signed_in(world.officer)
    world.accepted("B001")
    world.second_review("B002")
    client.get(reverse("review-queue"))  # the first reading of the hour is an event
    with CountQueries() as few:
        client.get(reverse("review-queue"))
    for number in range(3, 15):
        world.submitted(f"B0{number:02d}")
    with CountQueries() as many:
        client.get(reverse("review-queue"))
    assert len(many) == len(few)
    assert len(few) <= 12


def test_the_review_page_makes_a_constant_number_of_queries(world: World) -> None:
    client = signed_in(world.officer)
    assessment = world.accepted("B001")
    client.get(reverse("review-detail", args=[assessment.pk]))
    with CountQueries() as few:
        client.get(reverse("review-detail", args=[assessment.pk]))
    world.agree(assessment)
    for number in range(2, 9):
        world.submitted(f"B00{number}")
    with CountQueries() as many:
        client.get(reverse("review-detail", args=[assessment.pk]))
    # One more for the reviewed run that there was not before.
    assert len(many) <= len(few) + 1
    assert len(few) <= 25


class CountQueries:
    """The queries of a block."""

    def __enter__(self) -> "CountQueries":
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.context = CaptureQueriesContext(connection)
        self.context.__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        self.context.__exit__(*args)

    def __len__(self) -> int:
        return len(self.context.captured_queries)


# --- The review ------------------------------------------------------------------------------------------------------


def test_the_review_shows_every_side_and_what_is_lacking(world: World) -> None:
    assessment = world.accepted()
    page = text(signed_in(world.officer), "review-detail", assessment.pk)
    assert "Before “Pass to the second review”" in page
    assert "Proven cases of improper fees or conduct" in page
    assert 'id="A1"' in page
    assert "to be looked at" in page
    event = Event.objects.filter(event="assessments.assessment.viewed").first()
    assert event is not None
    assert event.actor == world.officer
    assert event.bank_id == assessment.bank_id


def test_the_review_page_is_chinese_by_default(world: World) -> None:
    page = text(signed_in(world.officer, "zh-hans"), "review-detail", world.accepted().pk)
    assert "差别化风险定价制度与模型" in page
    assert "核评队列" in page
    assert "Self-score" not in page


def test_what_an_indicator_depends_on_opens_beside(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    url = reverse("review-detail", args=[assessment.pk])
    alone = client.get(url, {"indicator": "A2"}, headers={"HX-Request": "true", "HX-Target": "pane"}).content.decode()
    assert "<html" not in alone
    assert "91.67" in alone  # 1,100,000 of 1,200,000
    assert "已按要求落实" in alone
    whole = client.get(url, {"indicator": "A2"}).content.decode()
    assert "<html" in whole
    assert "91.67" in whole
    assert 'id="B1"' in whole
    missing = client.get(url, {"indicator": "Z9"}, headers={"HX-Request": "true", "HX-Target": "pane"})
    assert missing.status_code == 404


def test_points_are_saved_without_script(world: World) -> None:
    assessment = world.accepted()
    data = {"version": "1", "revision": "0", "points": "2.5", "reason": "模型未回测。"}
    post(signed_in(world.officer), "review-points", [assessment.pk, "A1"], data)
    assert ReviewEntry.objects.get().points == "2.5"


def test_points_are_saved_in_place_with_the_score_renewed(world: World) -> None:
    assessment = world.accepted()
    data = {"version": "1", "revision": "0", "points": "2.5", "reason": "模型未回测。"}
    answer = post(signed_in(world.officer), "review-points", [assessment.pk, "A1"], data, 200, headers=HTMX)
    assert answer.startswith("<tbody")
    assert 'id="score-bar"' in answer
    assert (
        answer.count('hx-swap-oob="true"') == 3 + 8
    )  # the score, what is lacking, the next step, the sections' points
    assert "A1 Differentiated" not in answer[answer.index('id="next-step"') : answer.index('id="points-A"')]
    assert "8.50" in answer[answer.index('id="points-A"') : answer.index('id="points-B"')]
    assert "模型未回测" in answer
    assert 'name="revision" value="1"' in answer


def test_the_next_step_is_the_primary_one_once_the_last_indicator_is_looked_at(world: World) -> None:
    assessment = world.accepted()
    world.give_facts(assessment)
    forward = re.compile(r'<a class="btn (btn-\w+)" id="step-forward"')
    client = signed_in(world.officer)
    assert forward.findall(text(client, "review-detail", assessment.pk)) == ["btn-secondary"]
    asked = [name for name, spec in worlds.rulebook().indicators.items() if spec.type != "quantitative"]
    waiting = [name for name in asked if system_points(assessment, name) is None]
    order = [*(name for name in asked if name not in waiting), *waiting]
    found = []
    for name in order:
        data = {"version": "1", "revision": "0", "agree": "1", "without_evidence": "1"}
        found += forward.findall(post(client, "review-points", [assessment.pk, name], data, 200, headers=HTMX))
    assert found == ["btn-secondary"] * (len(order) - 1) + ["btn-primary"]


def test_agreeing_ignores_what_stands_in_the_points(world: World) -> None:
    assessment = world.accepted()
    data = {"version": "1", "revision": "0", "points": "9", "reason": "", "agree": "1", "without_evidence": "1"}
    post(signed_in(world.officer), "review-points", [assessment.pk, "A1"], data)
    assert ReviewEntry.objects.get().points == ""


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_points_that_do_not_pass_keep_what_was_typed(world: World, headers: dict[str, str]) -> None:
    assessment = world.accepted()
    data = {"version": "1", "revision": "0", "points": "7", "reason": "看错了。"}
    answer = post(signed_in(world.officer), "review-points", [assessment.pk, "A1"], data, 422, headers=headers)
    assert 'value="7"' in answer
    assert "看错了。" in answer
    assert "takes 0 to 4 points" in answer
    assert not ReviewEntry.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_two_officers_the_second_sees_both_views(world: World, headers: dict[str, str]) -> None:
    assessment = world.accepted()
    post(
        signed_in(world.officer),
        "review-points",
        [assessment.pk, "A1"],
        {"version": "1", "revision": "0", "points": "3", "reason": "制度未更新。"},
    )
    late = {"version": "1", "revision": "0", "points": "1", "reason": "没有模型。"}
    answer = post(signed_in(world.officer_2), "review-points", [assessment.pk, "A1"], late, 409, headers=headers)
    assert "制度未更新。" in answer
    assert "没有模型。" in answer
    assert "Nothing of yours has been saved" in answer
    assert ReviewEntry.objects.count() == 1


@pytest.mark.parametrize("field", ["version", "revision"])
@pytest.mark.parametrize("value", ["", "x", "-1", "99999999999999", "１"])
def test_broken_hidden_fields_never_save(world: World, field: str, value: str) -> None:
    assessment = world.accepted()
    data = {"version": "1", "revision": "0", "points": "3", "reason": "制度未更新。"} | {field: value}
    post(signed_in(world.officer), "review-points", [assessment.pk, "A1"], data, 409)
    assert not ReviewEntry.objects.exists()


def test_supervisor_figures_are_given_on_their_page(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    page = text(client, "review-facts", assessment.pk)
    assert "Proven cases of improper fees or conduct" in page
    data = {
        "version": "1", "fact-fee_violations": "1", "seen-fee_violations": "0",
        "fact-open_findings": "0", "seen-open_findings": "0", "note": "检查意见书第3号",
    }  # fmt: skip
    post(client, "review-facts", [assessment.pk], data)
    assert "检查意见书第3号" in text(client, "review-facts", assessment.pk)
    stale = post(signed_in(world.officer_2), "review-facts", [assessment.pk], data | {"fact-fee_violations": "2"}, 409)
    assert "Stands now" in stale
    assert 'value="2"' in stale
    wrong = post(
        client,
        "review-facts",
        [assessment.pk],
        data | {"fact-fee_violations": "x", "seen-fee_violations": "1", "seen-open_findings": "1"},
        422,
    )
    assert 'value="x"' in wrong


def test_a_figure_of_unlikely_size_is_asked_about_before_it_is_taken(world: World) -> None:
    """The supervisor's figures meet the same question as the bank's: against last year, and what is possible."""
    assessment = world.accepted()
    FactEntry.objects.create(
        bank=assessment.bank, period="2016", fact="fee_violations", revision=1, value="2", source="supervisor"
    )
    client = signed_in(world.officer)
    data = {"version": "1", "fact-fee_violations": "200", "seen-fee_violations": "0"}
    data |= {"fact-open_findings": "3", "seen-open_findings": "0"}
    given = FactEntry.objects.filter(bank=assessment.bank, period="2017", source="supervisor")
    asked = post(client, "review-facts", [assessment.pk], data, 422)
    assert "about 100 times last year" in asked and 'name="sure"' in asked
    assert 'name="asked-fee_violations" value="200"' in asked and not given.exists()
    # Being sure of one figure is not being sure of another that took its place.
    other = data | {"fact-fee_violations": "300", "asked-fee_violations": "200", "sure": "1"}
    assert "about 150 times last year" in post(client, "review-facts", [assessment.pk], other, 422)
    post(client, "review-facts", [assessment.pk], data | {"asked-fee_violations": "200", "sure": "1"})
    assert {(row.fact, row.value) for row in given} == {("fee_violations", "200"), ("open_findings", "3")}
    assert "about 100 times last year" in text(client, "review-facts", assessment.pk)
    # What stands and was answered for is not asked about again.
    seen = {"seen-fee_violations": "1", "seen-open_findings": "1"}
    post(client, "review-facts", [assessment.pk], data | seen | {"fact-open_findings": "4"})
    assert given.get(fact="open_findings", revision=2).value == "4"


def test_a_remark_is_written_and_answered(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    data = {
        "prefix": "one",
        "from": "sheet",
        "one-indicator": "A1",
        "one-text": "请补充制度文本。",
        "one-for_bank": "1",
    }
    post(client, "review-comment", [assessment.pk], data)
    remark = assessment.comments.get()
    assert (remark.indicator, remark.for_bank) == ("A1", True)
    post(
        signed_in(world.second),
        "review-comment",
        [assessment.pk],
        {"from": "comments", "text": "已见。", "reply_to": remark.pk},
    )
    page = text(client, "review-comment", assessment.pk)
    assert "请补充制度文本。" in page
    assert "已见。" in page
    post(client, "review-comment", [assessment.pk], {"text": "", "for_bank": "0"}, 422)
    post(client, "review-comment", [assessment.pk], {"text": "写给谁？"}, 422)
    assert assessment.comments.count() == 2


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_a_step_says_what_happens_and_is_taken(world: World) -> None:
    assessment = world.submitted()
    client = signed_in(world.officer)
    page = text(client, "review-step", assessment.pk, "accept")
    assert "You take the case" in page
    post(client, "review-step", [assessment.pk, "accept"], {"version": "1"})
    assert world.again(assessment).review_state == Review.FIRST


def test_a_step_that_is_blocked_shows_every_reason(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    page = text(client, "review-step", assessment.pk, "pass_to_second")
    assert "This step cannot be taken yet" in page
    answer = post(client, "review-step", [assessment.pk, "pass_to_second"], {"version": "1"}, 409)
    assert "A1 " in answer
    assert "Proven cases" in answer


def test_a_return_takes_a_reason_and_a_day(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    post(client, "review-step", [assessment.pk, "return_for_correction"], {"version": "1", "reason": ""}, 422)
    late = (timezone.localtime() + timedelta(days=60)).strftime("%Y-%m-%dT%H:%M")
    answer = post(
        client,
        "review-step",
        [assessment.pk, "return_for_correction"],
        {"version": "1", "reason": "口径。", "due_at": late},
        409,
    )
    assert "must not be after the review deadline" in answer
    due = (timezone.localtime() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    post(
        client,
        "review-step",
        [assessment.pk, "return_for_correction"],
        {"version": "1", "reason": "口径。", "due_at": due},
    )
    back = world.again(assessment)
    assert back.due_at is not None
    assert timezone.localtime(back.due_at).strftime("%Y-%m-%dT%H:%M") == due
    assert "口径。" in text(client, "home")


def test_a_step_on_an_older_version_is_stale(world: World) -> None:
    assessment = world.submitted()
    world.freeze(assessment, 2)
    post(signed_in(world.officer), "review-step", [assessment.pk, "accept"], {"version": "1"}, 409)
    assert world.again(assessment).review_state == Review.WAITING


def test_steps_of_the_bank_and_unknown_ones_have_no_page_here(world: World) -> None:
    assessment = world.submitted()
    client = signed_in(world.officer)
    for name in ("submit", "acknowledge", "no_such_step"):
        text(client, "review-step", assessment.pk, name, status=404)


def test_a_case_is_handed_over_on_its_page(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.officer)
    text(client, "review-reassign", assessment.pk)
    data = {"officer": world.officer_2.pk, "seen_officer": world.officer.pk, "reason": "岗位调整。"}
    post(client, "review-reassign", [assessment.pk], data)
    assert world.again(assessment).officer == world.officer_2
    post(client, "review-reassign", [assessment.pk], data | {"officer": world.officer.pk}, 409)


def test_the_second_review_shows_differences_first(world: World) -> None:
    assessment = world.second_review(points={"A1": ("2.5", "模型未回测。")})
    page = text(signed_in(world.second), "review-second", assessment.pk)
    assert page.index("Where the officer departs") < page.index("模型未回测。") < page.index("Reviewed and agreed")
    assert "−1.50" in page
    assert 'name="points"' not in page
    client = signed_in(world.second)
    data = {"version": "1", "seen": seal(client, "review-step", assessment.pk, "confirm")}
    post(client, "review-step", [assessment.pk, "confirm"], data)
    assert world.again(assessment).review_state == Review.DECISION


def test_the_officer_cannot_confirm_own_work(world: World) -> None:
    both = worlds.person("both", "case_officer", "second_reviewer")
    world.officer = both
    assessment = world.second_review()
    answer = post(signed_in(both), "review-step", [assessment.pk, "confirm"], {"version": "1"}, 409)
    assert "You took part in the first review" in answer


# --- Who may open what -----------------------------------------------------------------------------------------------


def test_no_bank_person_and_no_administrator_opens_the_supervisors_pages(world: World) -> None:
    assessment = world.for_decision("B001")
    people = [*world.people[assessment.bank_id].values(), worlds.person("admin", "administrator")]
    for user in people:
        client = signed_in(user)
        for name in ("review-detail", "review-second", "review-facts", "review-comment", "decision-detail"):
            text(client, name, assessment.pk, status=403)
        text(client, "review-queue", status=403)


def test_an_auditor_reads_everything_and_changes_nothing(world: World) -> None:
    assessment = world.accepted()
    client = signed_in(world.auditor)
    for name in ("review-detail", "review-second", "review-facts", "review-comment", "decision-detail"):
        page = text(client, name, assessment.pk)
        assert 'name="points"' not in page
        assert 'name="text"' not in page
    post(client, "review-facts", [assessment.pk], {"version": "1", "fact-fee_violations": "1"}, 422)
    post(client, "review-comment", [assessment.pk], {"text": "看过。", "for_bank": "0"}, 409)
    post(client, "review-points", [assessment.pk, "A1"], {"version": "1", "revision": "0", "points": "1"}, 403)


def test_pages_hold_nothing_inline(world: World) -> None:
    assessment = world.notified("B001", sme_hh_end="4499")
    client = signed_in(world.decider)
    for name in ("review-detail", "review-second", "decision-detail", "notice-detail", "review-facts"):
        page = text(client, name, assessment.pk)
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_each_step_of_the_supervisor_has_a_page() -> None:
    from assessments.reviews.views.assessment import PAGES

    mine = [row for row in workflow.TRANSITIONS.values() if not row.by_bank()]
    assert mine and all(row.roles and row.roles <= set(PAGES) for row in mine)


def test_a_case_sent_back_says_who_and_why_where_the_officer_lands(world: World) -> None:
    assessment = world.second_review()
    workflow.perform("send_back_to_officer", actor=world.second, assessment_id=assessment.pk, reason="A1 请再核。")
    client = signed_in(world.officer)
    for name, args in (
        ("home", ()), ("review-detail", (assessment.pk,)), ("review-step", (assessment.pk, "pass_to_second")),
    ):  # fmt: skip
        page = text(client, name, *args)
        assert "A1 请再核。" in page and "Sent back by second" in page, name
    url = [assessment.pk, "pass_to_second"]
    post(client, "review-step", url, {"version": "1"}, 422)
    assert world.again(assessment).review_state == Review.FIRST
    post(client, "review-step", url, {"version": "1", "reason": "已核，维持原分。"})
    assert world.again(assessment).review_state == Review.SECOND
    # Answered: what was asked is among the steps, and nobody is told any more that the case was sent back.
    for reader in (world.officer, world.second):
        assert "Sent back by second" not in text(signed_in(reader), "review-detail", assessment.pk)


def test_another_officer_reads_and_is_offered_to_take_over(world: World) -> None:
    assessment = world.accepted()
    page = text(signed_in(world.officer_2), "review-detail", assessment.pk)
    assert "Take the case over" in page and 'name="points"' not in page
    assert "Take the case over" not in text(signed_in(world.officer), "review-detail", assessment.pk)
