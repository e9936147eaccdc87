"""What a notice enters, what a corrected one does to it, what a bank files and reads, and that every number is that of
its rows.
"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.demo.pdf import pdf
from assessments.filings.evidence import open_evidence
from assessments.measures import machine
from assessments.measures.filings import add_document, save_filing, withdraw_document
from assessments.measures.selectors import due_obligations, filing_in_hand, home_counts, round_counts, visible_measures
from assessments.measures.steps import Days
from assessments.models import Assessment, Evidence, LiveMeasure, LiveState, Measure, MeasureStep, Obligation
from assessments.reviews.services.handover import hand_over
from assessments.reviews.staff import open_work
from assessments.tests.reviews.world import PASSWORD, person
from banks.models import Bank
from scorecard.access.decisions import Hidden, Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.comparison import compare
from scorecard.audit.models import Event

from .world import Register, build, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Register:
    return build()


def held(assessment: Assessment) -> dict[str, list[LiveMeasure]]:
    """The entries of each decided measure of the notice that holds."""
    rating = Assessment.objects.get(pk=assessment.pk).rating
    assert rating is not None
    decided = rating.measures.filter(state__in=["accepted", "changed"])
    return {one.code: list(LiveMeasure.objects.filter(measure=one)) for one in decided}


def reasons(caught: Any) -> str:
    return " ".join(str(reason) for reason in caught.value.reasons)


# --- Entering ---
def test_a_notice_enters_what_was_taken_and_nothing_else(world: Register) -> None:
    before = world.base.world.for_decision("B002", sme_bal_end="1000000")
    assert before.rating is not None and not LiveMeasure.objects.exists()
    assessment = world.told()
    entries = held(assessment)
    assert set(entries) == {"access", "accountability", "inspection"}
    for rows in entries.values():
        assert len(rows) == 1
        assert (rows[0].state, rows[0].owner, rows[0].due_on) == ("unset", world.base.world.officer, None)
        assert rows[0].from_day == timezone.localdate()
    assert Measure.objects.filter(rating=assessment.rating, state="declined").exclude(live=None).count() == 0
    event = Event.objects.filter(event="assessments.review.issue_notice").latest("seq")
    assert "assessments.livemeasure" in (event.seals or "")


def test_every_row_of_the_register_stands_in_the_trail(world: Register) -> None:
    assessment = world.told()
    live = world.running(world.live(assessment, "accountability"), proposal=5, report=20)
    world.accepted(world.owed(live, "proposal"))
    kinds = {"livemeasure", "obligation", "obligationfiling", "measurestep"}
    assert [one.reason for one in compare() if one.label.partition(".")[2] in kinds] == []
    LiveMeasure.objects.filter(pk=live.pk).update(ends_on=later(1))
    assert [one.label for one in compare() if one.label.endswith("livemeasure")] == ["assessments.livemeasure"]


# --- A corrected notice ---
def _corrected(world: Register, assessment: Assessment, taken: dict[str, dict[str, Any]]) -> Assessment:
    base = world.base
    assessment = base.perform(base.world.decider, "ask_correction", assessment, "有误。")
    assessment = base.perform(base.other, "confirm_correction", assessment, "属实。")
    assessment = base.points(assessment, "2", "再核。")
    assessment = base.perform(base.world.officer, "propose_correction", assessment)
    found = assessment.rating_in_hand
    assert found is not None
    signer = base.world.signer(assessment)
    world.measures(found, signer, taken)
    assessment = base.decide(signer, "decide_correction", assessment, "更正。")
    assert all(len(rows) == 1 for rows in held(assessment).values()), "the notice that was told holds until then"
    return base.perform(signer, "issue_correction", assessment)


def test_a_corrected_notice_carries_replaces_lifts_and_enters(world: Register) -> None:
    assessment = world.told()
    accountability = world.running(world.live(assessment, "accountability"), proposal=5, report=20)
    world.filed(world.owed(accountability, "proposal"))
    access, inspection = world.live(assessment, "access"), world.live(assessment, "inspection")
    assessment = _corrected(
        world, assessment, {"accountability": {}, "access": {"options": ["executives"]}, "rating_down": {}}
    )
    entries = held(assessment)
    assert set(entries) == {"accountability", "access", "rating_down"}
    assert [len(rows) for rows in entries.values()] == [1, 1, 1]
    same = entries["accountability"][0]
    assert same.pk == accountability.pk and same.state == "running"
    assert world.owed(same, "proposal").state == "filed"
    access.refresh_from_db()
    inspection.refresh_from_db()
    assert (access.state, inspection.state) == ("replaced", "lifted")
    new = entries["access"][0]
    assert (new.replaces, new.state, new.owner) == (access, "unset", world.base.world.officer)
    today = timezone.localdate()
    binding = set(LiveMeasure.objects.binding(today).values_list("measure__code", flat=True))
    assert binding == {"accountability", "access", "rating_down"}
    assert not {access.pk, inspection.pk} & set(LiveMeasure.objects.binding(today).values_list("pk", flat=True))
    names = set(MeasureStep.objects.filter(live__assessment=assessment).values_list("name", flat=True))
    assert {"entered", "carried", "replaced", "not_held"} <= names


# --- Days and obligations ---
def test_days_that_cannot_be_kept_are_named(world: Register) -> None:
    live = world.live(world.told(), "accountability")
    officer = world.base.world.officer
    wrong = Days(later(10), later(5), {"plan": later(4), "proposal": later(3), "report": later(12)})
    with pytest.raises(Refused) as caught:
        world.take("set_days", live, officer, told=wrong)
    assert len(caught.value.reasons) == 3, reasons(caught)
    with pytest.raises(Refused) as caught:
        world.take("set_days", live, officer, told=Days(later(10), None, {"report": later(9)}))
    assert "拟问责结果" in reasons(caught)
    with pytest.raises(Refused) as caught:
        world.take("set_days", live, officer, told=Days(later(10), None, {"proposal": later(10)}))
    assert len(caught.value.reasons) == 1
    with pytest.raises(Refused):
        world.take("set_days", live, officer, told=Days(later(-1), None, {"proposal": later(-2)}))
    assert not Obligation.objects.exists()


def test_the_proposed_result_is_accepted_before_the_report_is_filed(world: Register) -> None:
    live = world.running(world.live(world.told(), "accountability"), proposal=5, report=20)
    report = world.drafted(world.owed(live, "report"))
    signatory = world.base.people(live.assessment)["signatory"]
    with pytest.raises(Refused) as caught:
        world.take("file_obligation", live, signatory, obligation_id=report.pk)
    assert "拟问责结果" in reasons(caught)
    proposal = world.filed(world.owed(live, "proposal"))
    world.take("return_obligation", live, world.base.world.officer, obligation_id=proposal.pk, reason="请补充责任人。")
    with pytest.raises(Refused):
        world.take("fulfil", live, world.base.world.officer)
    world.accepted(Obligation.objects.get(pk=proposal.pk))
    assert proposal.filings.count() == 2
    report = Obligation.objects.get(pk=report.pk)
    world.take("file_obligation", live, signatory, obligation_id=report.pk, reason="")
    world.take("accept_obligation", live, world.base.world.officer, obligation_id=report.pk)
    assert world.take("fulfil", live, world.base.world.officer).state == LiveState.FULFILLED


def test_who_writes_does_not_sign_and_another_bank_sees_nothing(world: Register) -> None:
    live = world.running(world.live(world.told(), "accountability"), proposal=5)
    owed = world.drafted(world.owed(live, "proposal"))
    both = person("both", Role.BANK_PREPARER, Role.BANK_SIGNATORY, bank=live.assessment.bank)
    save_filing(actor=both, obligation_id=owed.pk, text="改写。", revision=1)
    with pytest.raises(Refused):
        world.take("file_obligation", live, both, obligation_id=owed.pk)
    other = world.base.world.bank("B009")
    stranger = world.base.world.people[other.pk]["preparer"]
    with pytest.raises(Hidden):
        save_filing(actor=stranger, obligation_id=owed.pk, text="窥探。", revision=0)
    draft = filing_in_hand(owed)
    assert draft is not None
    file = draft.documents.get()
    with pytest.raises(Hidden):
        open_evidence(actor=world.base.world.officer, evidence_id=file.pk)  # a draft is the bank's own
    with pytest.raises(Hidden):
        open_evidence(actor=stranger, evidence_id=file.pk)


@pytest.mark.parametrize("name", ["accept_obligation", "return_obligation"])
def test_no_page_of_a_step_shows_a_draft_or_what_was_taken_out_of_it(world: Register, name: str) -> None:
    """The page before accepting showed the officer what the bank was still writing, and files that it had withdrawn."""
    live = world.running(world.live(world.told(), "accountability"), proposal=5)
    owed = world.drafted(world.owed(live, "proposal"))
    preparer, officer = world.base.people(live.assessment)["preparer"], world.base.world.officer
    upload = ContentFile(pdf("a wrong one"), name="误传的材料.pdf")
    wrong = add_document(actor=preparer, obligation_id=owed.pk, upload=upload)
    client, page = Client(), reverse("obligation-step", args=[owed.pk, name])
    client.force_login(officer)
    shown = client.get(page).content.decode()
    assert "拟问责结果。" not in shown and "误传的材料" not in shown
    withdraw_document(actor=preparer, obligation_id=owed.pk, evidence_id=wrong.pk)
    world.filed(owed)
    shown = client.get(page).content.decode()
    assert "拟问责结果。" in shown and "材料.pdf" in shown and "误传的材料" not in shown
    with pytest.raises(Hidden):
        open_evidence(actor=officer, evidence_id=wrong.pk)
    assert client.get(reverse("evidence-download", args=[wrong.pk])).status_code == 404


def test_what_changed_on_the_way_is_a_conflict(world: Register) -> None:
    live = world.running(world.live(world.told(), "accountability"), proposal=5)
    owed = world.drafted(world.owed(live, "proposal"))
    people = world.base.people(live.assessment)
    fresh = LiveMeasure.objects.get(pk=live.pk)
    seen = machine.shown("file_obligation", fresh, owed)
    add_document(
        actor=people["preparer"], obligation_id=owed.pk, upload=ContentFile(pdf("one more"), name="另一份.pdf")
    )
    with pytest.raises(Stale) as caught:
        world.take("file_obligation", live, people["signatory"], obligation_id=owed.pk, seen=seen)
    assert [one.before for one in caught.value.current] == ["材料.pdf"]
    seen = machine.shown("file_obligation", fresh, owed)
    world.take("file_obligation", live, people["signatory"], obligation_id=owed.pk, seen=seen)
    assert Evidence.objects.filter(obligation_filing__obligation=owed).count() == 2


def test_withdrawing_makes_no_room_without_end(world: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    """Withdrawn files stay on the disk; twenty at a time, withdrawn and added again, filled it."""
    monkeypatch.setattr("assessments.filings.evidence.MAX_KEPT", 3)
    live = world.running(world.live(world.told(), "accountability"), proposal=5)
    who: dict[str, Any] = {
        "actor": world.base.people(live.assessment)["preparer"],
        "obligation_id": world.owed(live, "proposal").pk,
    }
    for number in range(3):
        row = add_document(**who, upload=ContentFile(pdf(f"file {number}"), name="材料.pdf"))
        withdraw_document(**who, evidence_id=row.pk)
    with pytest.raises(Refused) as caught:
        add_document(**who, upload=ContentFile(pdf("file 3"), name="材料.pdf"))
    assert "含已撤回" in reasons(caught)


def test_an_extension_gives_later_days_only(world: Register) -> None:
    live = world.running(world.live(world.told(), "accountability"), proposal=5, report=20)
    officer = world.base.world.officer
    kept = {"proposal": later(5), "report": later(20)}
    with pytest.raises(Refused):
        world.take("extend", live, officer, told=Days(later(30), later(60), kept))
    with pytest.raises(Refused):
        world.take("extend", live, officer, told=Days(later(29), later(60), kept | {"report": later(25)}))
    with pytest.raises(Refused):
        world.take("extend", live, officer, told=Days(later(30), None, kept | {"report": later(25)}))
    world.take("extend", live, officer, told=Days(later(45), later(60), kept | {"report": later(40)}))
    assert world.owed(live, "report").due_on == later(40)
    step = MeasureStep.objects.filter(name="extend").get()
    assert step.data["before"]["report"] == later(20).isoformat()


def test_overdue_by_the_day_and_no_more_once_it_has_ended(world: Register) -> None:
    live = world.running(world.live(world.told(), "accountability"), proposal=5, report=20, ends=60)
    decider = world.base.world.decider
    for day, expected in ((5, False), (6, True), (60, True), (61, False)):
        row = visible_measures(decider, later(day)).get(pk=live.pk)
        assert row.is_overdue is expected, day
        assert row.shown_state == ("ended" if day > 60 else "running")
        assert bool(due_obligations(later(day - 1), later(day))) is expected
    assert not LiveMeasure.objects.binding(later(61)).filter(pk=live.pk).exists()


# --- Numbers and rows ---
def test_each_number_is_that_of_the_rows_behind_it(world: Register, client: Client) -> None:
    first, second = world.told("B001"), world.told("B002", taken=("access", "accountability"))
    world.running(world.live(first, "accountability"), proposal=5)
    late = world.running(world.live(second, "accountability"), proposal=5)
    Obligation.objects.filter(live=late).update(due_on=date(2020, 1, 1))
    world.take("lift", world.live(first, "inspection"), world.base.world.decider)
    LiveMeasure.objects.filter(pk=world.live(second, "access").pk).update(ends_on=date(2020, 1, 1))
    officer = world.base.world.officer
    assert home_counts(officer) == (1, 1, 1)
    (counts,) = round_counts(visible_measures(officer))
    assert counts.total == 5
    shown = {key: n for key, n in counts.states.items() if n}
    assert shown == {"unset": 1, "running": 2, "lifted": 1, "ended": 1}
    client.force_login(officer)
    seen = 0
    for page in (reverse("home"), reverse("measure-list")):
        text = client.get(page).content.decode()
        for url, count in re.findall(r'href="([^"]*/measures/[^"]*)" data-count="(\d+)"', text):
            rows = client.get(url.replace("&amp;", "&"), {}).context["table"].count
            assert rows == int(count), url
            seen += 1
    assert seen >= 9


def test_the_register_of_a_bank_is_its_own_and_names_nobody(world: Register, client: Client) -> None:
    assessment = world.told("B001")
    world.told("B002")
    live = world.running(world.live(assessment, "accountability"), proposal=5)
    world.take("hand_measure", live, world.base.world.decider, told=_hand(world), reason="秘密理由")
    people = world.base.people(assessment)
    client.force_login(people["preparer"])
    answer = client.get(reverse("measure-list"))
    assert answer.context["table"].count == 3
    pages = [answer, client.get(reverse("measure-detail", args=[live.pk])), client.get(reverse("measure-calendar"))]
    pages.append(client.get(reverse("home")))
    for page in pages:
        text = page.content.decode()
        for word in ("秘密理由", "officer-2", "decider", "演示B002银行"):
            assert word not in text, word
    assert "拟问责结果" in pages[1].content.decode()
    assert reverse("obligation-detail", args=[world.owed(live, "proposal").pk]) in pages[3].content.decode()


def _hand(world: Register) -> Any:
    from assessments.measures.steps import Handing

    return Handing(world.base.world.officer_2)


def test_the_pages_of_a_filing_from_the_first_word_to_the_acceptance(world: Register, client: Client) -> None:
    assessment = world.told("B001")
    live = world.live(assessment, "accountability")
    people = world.base.people(assessment)
    client.force_login(world.base.world.officer)
    step = reverse("measure-step", args=[live.pk, "set_days"])
    page = client.get(step)
    bad = client.post(step, {"seen": page.context["seen"], "due_on": later(30).isoformat(), "day_proposal": "morgen"})
    assert bad.status_code == 422 and "morgen" in bad.content.decode()
    sent = {"seen": page.context["seen"], "due_on": later(30).isoformat(), "day_proposal": later(5).isoformat()}
    assert client.post(step, sent).status_code == 302
    owed = world.owed(live, "proposal")
    client.force_login(people["preparer"])
    here = reverse("obligation-detail", args=[owed.pk])
    assert client.post(here, {"text": "拟对两名负责人问责。", "revision": 0}).status_code == 302
    stale = client.post(here, {"text": "另一份。", "revision": 0})
    assert stale.status_code == 409 and "另一份" in stale.content.decode() and "两名" in stale.content.decode()
    nothing = client.post(reverse("obligation-file-add", args=[owed.pk]), follow=True).content.decode()
    assert "未选择文件" in nothing or "No file was chosen" in nothing
    file = ContentFile(pdf("proposal"), name="拟问责结果.pdf")
    assert client.post(reverse("obligation-file-add", args=[owed.pk]), {"file": file}).status_code == 302
    client.force_login(people["signatory"])
    sign = reverse("obligation-sign", args=[owed.pk])
    page = client.get(sign)
    sent = {"seen": page.context["seen"], "password": PASSWORD}
    assert client.post(sign, sent | {"password": "wrong"}).status_code == 422
    assert client.post(sign, sent).status_code == 302
    client.force_login(world.base.world.officer)
    accept = reverse("obligation-step", args=[owed.pk, "accept_obligation"])
    page = client.get(accept)
    assert "拟对两名负责人问责" in page.content.decode()
    assert client.post(accept, {"seen": page.context["seen"], "reason": "可行。"}).status_code == 302
    assert client.post(accept, {"seen": page.context["seen"], "reason": "可行。"}).status_code == 409
    assert world.owed(live, "proposal").state == "accepted"


def test_measures_go_with_the_work_of_who_leaves(world: Register) -> None:
    live = world.live(world.told("B001"), "access")
    base = world.base.world
    Bank.objects.update(case_officer=None)
    assert [work.measures for work in open_work(base.officer, {Role.CASE_OFFICER})] == [3]
    admin = person("admin", Role.ADMINISTRATOR)
    to = {Role.CASE_OFFICER.value: base.officer_2.pk}
    done = hand_over(actor=admin, person_id=base.officer.pk, successors=to, reason="调离。")
    assert done["measures"] == 3
    live.refresh_from_db()
    assert live.owner == base.officer_2
    assert live.steps.latest("pk").reason == "调离。"
    assert [one for one in compare() if one.label.endswith(("livemeasure", "measurestep"))] == []


def test_an_absent_owner_has_a_stand_in(world: Register) -> None:
    from banks.services.stand_ins import name_stand_in

    live = world.live(world.told("B001"), "access")
    base, today = world.base.world, timezone.localdate()
    told = Days(later(30), None, {})
    with pytest.raises(Refused):
        world.take("set_days", live, base.officer_2, told=told)
    name_stand_in(
        actor=base.decider,
        absent_id=base.officer.pk,
        person_id=base.officer_2.pk,
        since=today,
        until=today + timedelta(days=3),
        reason="休假。",
    )
    world.take("set_days", live, base.officer_2, told=told)
    assert live.steps.latest("pk").stood_in_for == base.officer
