"""Sections of a filing: assigned ones are typed by their preparer alone, checked ones lose their mark with a change."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from assessments import workflow
from assessments.filings.evidence import add_evidence, withdraw_evidence
from assessments.filings.sections.assignments import assign_sections, assigned, assignment_digest
from assessments.filings.sections.marks import mark_section, marks_of, section_digest, unmarked
from assessments.filings.selectors import get_draft
from assessments.models import Assessment, Comment, Filing, SectionAssignment, SectionCheck
from assessments.rulebooks.cache import forget
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.filings.world import COMPLETE, World, build, person, post_fields, signed_with
from banks.models import RoleGrant, StandIn, User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event
from scorecard.inbox import services
from scorecard.inbox.kinds import words_of
from scorecard.inbox.models import Message, Reminder

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    forget()
    found = build()
    found.facts(**COMPLETE)
    with override("zh-hans"):
        yield found


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def put(world: World, state: str) -> Assessment:
    Assessment.objects.filter(pk=world.assessment.pk).update(filing_state=state)
    return world.again()


def assign(world: World, who: User | None = None, **wanted: int | None) -> list[SectionAssignment]:
    seen = assignment_digest(world.again())
    return assign_sections(actor=who or world.reviewer, assessment_id=world.assessment.pk, seen=seen, wanted=wanted)


def mark(world: World, page: str, *, checked: bool = True, who: User | None = None) -> SectionCheck | None:
    seen = section_digest(get_draft(world.again()), page)
    actor = who or world.reviewer
    return mark_section(actor=actor, assessment_id=world.assessment.pk, page=page, seen=seen, checked=checked)


def marked(world: World) -> set[str]:
    return set(marks_of(get_draft(world.again())))


# --- Assigned --------------------------------------------------------------------------------------------------------


def test_an_assigned_section_is_typed_by_its_preparer_alone(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    rows = assign(world, figures=other.pk)
    assert [(row.page, row.assignee, row.assigned_by) for row in rows] == [("figures", other, world.reviewer)]
    refused = post_fields(world.preparer, world.assessment, 0, facts={"bal": "13000", "policy": "2"})
    assert refused.written == ("f-policy",)
    assert "prep-2" in refused.errors["f-bal"]
    saved = post_fields(other, world.again(), world.assessment.revision, facts={"bal": "13000"})
    assert saved.written == ("f-bal",)
    assert assign(world, figures=None)
    free = post_fields(world.preparer, world.again(), world.assessment.revision, facts={"bal": "14000"})
    assert free.written == ("f-bal",)


def test_what_is_unchanged_in_anothers_section_is_no_error(world: World) -> None:
    assign(world, figures=person("prep-2", world.bank, "bank_preparer").pk)
    assert post_fields(world.preparer, world.assessment, 0, facts={"bal": COMPLETE["bal"]}).errors == {}


def test_report_answers_and_explanations_are_sections_too(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    assign(world, report=other.pk, A=other.pk, check=other.pk)
    sent = {"A1": {"narrative": "制度"}, "_report": {"narrative": "总结"}, "_check:bal_jump": {"narrative": "原因"}}
    refused = post_fields(world.preparer, world.assessment, 0, answers=sent | {"B1": {"self_points": "2"}})
    assert refused.written == ("s-B1",)
    assert set(refused.errors) == {"n-A1", "n-_report", "n-_check:bal_jump"}


def test_evidence_of_anothers_section_is_neither_put_in_nor_taken_out(world: World) -> None:
    def add(who: User) -> Any:
        file = ContentFile(PDF, name="a.pdf")
        return add_evidence(actor=who, assessment_id=world.assessment.pk, indicator="B1", upload=file)

    row = add(world.preparer)
    other = person("prep-2", world.bank, "bank_preparer")
    assign(world, B=other.pk)
    with pytest.raises(Refused, match="prep-2"):
        add(world.preparer)
    with pytest.raises(Refused, match="prep-2"):
        withdraw_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=row.pk)
    assert withdraw_evidence(actor=other, assessment_id=world.assessment.pk, evidence_id=row.pk).withdrawn_at


def test_the_page_of_anothers_section_is_read_and_not_typed(world: World) -> None:
    assign(world, A=person("prep-2", world.bank, "bank_preparer").pk)
    text = at(world.preparer).get(reverse("filing-section", args=[world.assessment.pk, "A"])).content.decode()
    assert "由prep-2填写" in text
    assert 'id="draft"' not in text
    own = at(world.preparer).get(reverse("filing-section", args=[world.assessment.pk, "B"])).content.decode()
    assert 'id="draft"' in own
    home = at(world.preparer).get(reverse("filing-detail", args=[world.assessment.pk])).content.decode()
    assert "由prep-2填写" in home


def test_who_is_no_active_preparer_any_more_holds_nothing(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    assign(world, figures=other.pk)
    RoleGrant.objects.filter(user=other).delete()
    assert assigned(world.again()) == {}
    assert post_fields(world.preparer, world.assessment, 0, facts={"bal": "13000"}).written == ("f-bal",)


@pytest.mark.parametrize("state", Filing.values)
@pytest.mark.parametrize("role", ["preparer", "reviewer", "signatory", "officer"])
def test_who_assigns_and_when(world: World, state: str, role: str) -> None:
    put(world, state)
    allowed = role in ("reviewer", "signatory") and state in ("preparing", "checking", "signing")
    before = Event.objects.count()
    try:
        assign(world, getattr(world, role), figures=world.preparer.pk)
    except Refused:
        assert not allowed
        assert (SectionAssignment.objects.count(), Event.objects.count()) == (0, before)
    else:
        assert allowed
        event = Event.objects.latest("seq")
        assert (event.event, event.bank_id) == ("assessments.section.assigned", world.bank.pk)


def test_nobody_of_another_bank_assigns_or_is_assigned(world: World) -> None:
    other = build("B002")
    with pytest.raises(Http404):
        assign(world, other.reviewer, figures=None)
    with pytest.raises(Refused, match="本行在用的填报人"):
        assign(world, figures=other.preparer.pk)
    with pytest.raises(Refused, match="本行在用的填报人"):
        assign(world, figures=world.reviewer.pk)
    with pytest.raises(Refused, match="没有该板块"):
        assign(world, H=world.preparer.pk)


def test_an_assignment_that_is_stale_or_changes_nothing_writes_nothing(world: World) -> None:
    seen = assignment_digest(world.assessment)
    assign(world, figures=world.preparer.pk)
    assert assign(world, figures=world.preparer.pk, A=None) == []
    with pytest.raises(Stale):
        assign_sections(actor=world.reviewer, assessment_id=world.assessment.pk, seen=seen, wanted={"A": None})
    assert SectionAssignment.objects.count() == 1


def test_the_page_assigns_and_keeps_what_was_chosen(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    url, client = reverse("filing-sections", args=[world.assessment.pk]), at(world.signatory)
    assert "<select" not in at(world.preparer).get(url).content.decode()
    shown = client.get(url).content.decode()
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    wrong = client.post(url, {"seen": "x", "assign-A": str(other.pk)})
    assert wrong.status_code == 409
    assert f'value="{other.pk}" selected' in wrong.content.decode()
    assert client.post(url, {"seen": seen, "assign-A": "9" * 30}).status_code == 422
    assert client.post(url, {"seen": seen, "assign-A": str(other.pk), "assign-B": ""}).status_code == 302
    assert assigned(world.again()) == {"A": other}


# --- Checked ---------------------------------------------------------------------------------------------------------

CHANGES: dict[str, tuple[str, Callable[[World], Any]]] = {
    "a figure": ("figures", lambda world: world.facts(bal="12001")),
    "an answer": ("A", lambda world: world.facts(policy="2")),
    "a narrative": ("A", lambda world: _save(world, A1={"narrative": "改"})),
    "own points": ("B", lambda world: _save(world, B1={"self_points": "3"})),
    "a claim": ("A", lambda world: _save(world, A2={"not_applicable": "on"})),
    "the report": ("report", lambda world: _save(world, _report={"narrative": "改"})),
    "an explanation": ("check", lambda world: _save(world, **{"_check:bal_jump": {"narrative": "改"}})),
    "a file": ("B", lambda world: _file(world)),
}


def _save(world: World, **answers: dict[str, str]) -> None:
    put(world, "preparing")
    assert post_fields(world.preparer, world.assessment, world.assessment.revision, answers=answers).written
    put(world, "checking")


def _file(world: World) -> None:
    put(world, "preparing")
    file = ContentFile(PDF, name="a.pdf")
    add_evidence(actor=world.preparer, assessment_id=world.assessment.pk, indicator="B1", upload=file)
    put(world, "checking")


@pytest.mark.parametrize("name", CHANGES)
def test_a_mark_is_lost_with_any_change_of_its_section_and_of_no_other(world: World, name: str) -> None:
    if name == "an explanation":
        world.facts(bal="99000")
    put(world, "checking")
    pages = {"figures", "A", "B", "report", "check"}
    for page in pages:
        assert mark(world, page)
    assert marked(world) == pages
    page, change = CHANGES[name]
    change(world)
    lost = pages - marked(world)
    assert page in lost
    assert lost <= {page, "check"}, "the checks read figures and answers"


def test_a_mark_is_there_again_where_everything_is_as_it_was_checked(world: World) -> None:
    put(world, "checking")
    mark(world, "figures")
    world.facts(bal="12001")
    assert "figures" not in marked(world)
    world.facts(bal="12000")
    assert "figures" in marked(world)


def test_marks_are_events_with_sealed_rows_and_doing_it_twice_is_nothing(world: World) -> None:
    put(world, "checking")
    assert mark(world, "A")
    event = Event.objects.latest("seq")
    assert (event.event, event.bank_id, event.actor_id) == (
        "assessments.section.checked",
        world.bank.pk,
        world.reviewer.pk,
    )
    assert mark(world, "A") is None
    assert mark(world, "A", checked=False)
    assert Event.objects.latest("seq").event == "assessments.section.unchecked"
    assert mark(world, "A", checked=False) is None
    assert marked(world) == set()


@pytest.mark.parametrize("state", Filing.values)
@pytest.mark.parametrize("role", ["preparer", "reviewer", "signatory", "officer"])
def test_who_marks_and_when(world: World, state: str, role: str) -> None:
    put(world, state)
    allowed = (role, state) == ("reviewer", "checking")
    try:
        mark(world, "A", who=getattr(world, role))
    except Refused:
        assert not allowed
        assert not SectionCheck.objects.exists()
    else:
        assert allowed


def test_who_prepared_marks_nothing(world: World) -> None:
    RoleGrant.objects.create(user=world.preparer, role="bank_reviewer")
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "13000"})
    put(world, "checking")
    with pytest.raises(Refused, match="参与了本次填报"):
        mark(world, "A", who=User.objects.get(pk=world.preparer.pk))


def test_a_stale_page_an_unknown_section_and_another_bank_mark_nothing(world: World) -> None:
    put(world, "checking")
    step: dict[str, Any] = {"assessment_id": world.assessment.pk, "checked": True}
    with pytest.raises(Stale):
        mark_section(actor=world.reviewer, page="A", seen="0" * 64, **step)
    with pytest.raises(Http404):
        mark_section(actor=world.reviewer, page="H", seen="", **step)
    with pytest.raises(Http404):
        mark_section(actor=build("B002").reviewer, page="A", seen="", **step)
    assert not SectionCheck.objects.exists()


def test_marks_of_an_earlier_version_do_not_count(world: World) -> None:
    put(world, "checking")
    mark(world, "A")
    version = signed_with(world)
    Assessment.objects.filter(pk=world.assessment.pk).update(version=version)
    assert marked(world) == set()
    assert mark(world, "A")
    assert marked(world) == {"A"}


def test_a_mark_stands_against_a_recall(world: World) -> None:
    put(world, "preparing")
    post_fields(
        world.preparer,
        world.assessment,
        0,
        answers={
            "A1": {"narrative": "制度", "self_points": "2"},
            "A2": {"narrative": "流程", "self_points": "4"},
            "B1": {"self_points": "2"},
            "B2": {"self_points": "4"},
            "_report": {"narrative": "总结"},
        },
    )
    workflow.perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    assert workflow.check("recall_from_reviewer", actor=world.preparer, assessment=world.again()).allowed
    home = reverse("filing-detail", args=[world.assessment.pk])
    assert "从复核人处撤回" in at(world.preparer).get(home).content.decode()
    mark(world, "A")
    with pytest.raises(Refused, match="已开始复核"):
        workflow.perform("recall_from_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    assert "从复核人处撤回" not in at(world.preparer).get(home).content.decode()
    assert not Comment.objects.exists()


def test_pages_say_what_is_checked_and_passing_on_names_what_is_not(world: World) -> None:
    put(world, "checking")
    client = at(world.reviewer)
    assert unmarked(get_draft(world.again())) == []
    url = reverse("filing-section", args=[world.assessment.pk, "A"])
    seen = client.get(url).content.decode().split('name="seen" value="')[1].split('"')[0]
    answer = client.post(reverse("filing-mark", args=[world.assessment.pk, "A"]), {"seen": seen, "checked": "1"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    shown = client.get(url).content.decode()
    assert "check-B001于" in shown
    assert "复核人已标记为已复核" in shown
    assert "check-B001已复核" in client.get(reverse("filing-detail", args=[world.assessment.pk])).content.decode()
    step = client.get(reverse("filing-step", args=[world.assessment.pk, "pass_to_signatory"])).content.decode()
    assert 'id="unmarked"' in step
    assert "B 推进情况" in step.split('id="unmarked"')[1].split("</div>")[0]
    assert "A 定价机制" not in step.split('id="unmarked"')[1].split("</div>")[0]
    assert "check-B001于" in at(world.signatory).get(url).content.decode()


# --- Told ------------------------------------------------------------------------------------------------------------


def told() -> dict[str, list[dict[str, str]]]:
    """Send what is due; of whom is told which sections."""
    services.send_due(timezone.now())
    rows = Message.objects.filter(kind="assessments.section_given").select_related("person")
    return {row.person.username: row.data["pages"] for row in rows}


def test_who_is_given_sections_is_told_once_in_both_languages(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    assign(world, figures=other.pk, A=other.pk)
    assert told() == {"prep-2": [{"zh": "基础数据", "en": "Figures"}, {"zh": "A 定价机制", "en": "A Pricing"}]}
    assert Reminder.objects.filter(kind="assessments.section_given").count() == 1
    row = Message.objects.get(kind="assessments.section_given")
    assert row.group == "work"
    assert words_of(row.kind, row.data).title == "由您填写：基础数据、A 定价机制"
    with override("en"):
        assert words_of(row.kind, row.data).title == "You fill in: Figures, A Pricing"
    services.send_due(timezone.now())
    assert Message.objects.filter(kind="assessments.section_given").count() == 1
    assert assign(world, figures=other.pk) == [], "nothing new, nothing told"
    assert Reminder.objects.filter(kind="assessments.section_given").count() == 1


def test_what_was_given_to_somebody_else_meanwhile_is_told_to_that_person_alone(world: World) -> None:
    first, second = (person(f"prep-{n}", world.bank, "bank_preparer") for n in (2, 3))
    assign(world, figures=first.pk)
    assign(world, figures=second.pk, A=first.pk)
    assert set(told()) == {"prep-2", "prep-3"}
    rows = Message.objects.filter(kind="assessments.section_given", person=first)
    assert [[page["zh"] for page in row.data["pages"]] for row in rows] == [["A 定价机制"]]
    assert Reminder.objects.filter(kind="assessments.section_given").exclude(dropped="").count() == 1


def test_freeing_a_section_and_giving_it_to_oneself_tell_nobody(world: World) -> None:
    RoleGrant.objects.create(user=world.reviewer, role="bank_preparer")
    assign(world, figures=world.reviewer.pk)
    assign(world, figures=None)
    assert told() == {}


def test_the_stand_in_is_told_with_the_absent_preparer(world: World) -> None:
    day = timezone.localdate()
    stand_in = {"absent": world.preparer, "person": world.signatory, "since": day, "until": day, "reason": "年假"}
    StandIn.objects.create(**stand_in, named_by=world.preparer)
    assign(world, figures=world.preparer.pk)
    assert set(told()) == {world.preparer.username, world.signatory.username}


def test_each_chooses_how_it_comes(world: World) -> None:
    """The group is that of work: a preparer who wants none of it in a mail is not written to."""
    world.preparer.email = "a@example.com"
    world.preparer.save()
    services.set_wishes(actor=world.preparer, choices={"work": "never"}, language="en")
    assign(world, figures=world.preparer.pk)
    assert told() == {}
