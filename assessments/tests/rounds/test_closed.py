"""A closed round goes on saying what it said, and refuses every write."""

import csv
import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone, translation

import assessments
from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.filings.drafts import DraftChange
from assessments.filings.sections.assignments import assignment_digest
from assessments.filings.sections.marks import section_digest
from assessments.filings.selectors import REPORT_PAGE, get_draft
from assessments.models import (
    Assessment,
    BranchOffer,
    Correction,
    Evidence,
    Filing,
    KeptWhatIf,
    Measure,
    Notice,
    Objection,
    Review,
    Round,
    RoundState,
)
from assessments.reporting.sources import read_sources
from assessments.reviews.services.facts import Given
from assessments.reviews.services.points import View
from assessments.rounds.services import close_round
from assessments.scoring.kept_what_ifs import get_kept, kept_digest
from assessments.scoring.statistics import Counted
from assessments.tests.reviews import world as reviews
from assessments.tests.workflow import world as steps
from banks.models import Bank, EntityKind, User
from banks.services.banks import change_bank
from banks.tests.factories import make_bank
from scorecard.access.decisions import Refused
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.audit.models import Event

from .test_pages import a_round, person, score
from .world import at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecard.jobs.services.publish", lambda *args, **kwargs: None)


def closed() -> Round:
    """A closed round with ranks; the last bank never submitted."""
    officer = reviews.person("merit", "case_officer")
    round_ = a_round(3, officer=officer)
    score(round_)
    Assessment.objects.filter(round=round_, version__isnull=False).update(review_state=Review.ACKNOWLEDGED)
    at(round_, timezone.now() - timedelta(days=1))
    return close_round(actor=None, round_id=round_.pk, reason="未报送的一家已另行处理")


def rename(bank: Bank, **values: Any) -> None:
    change_bank(actor=None, bank=bank, revision=Bank.objects.get(pk=bank.pk).revision, values=values)


def exported(round_: Round, query: str = "") -> list[list[str]]:
    answer = person(Role.AUDITOR).get(reverse("round-detail", args=[round_.pk]) + "?_export=csv" + query)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_the_list_its_filter_rank_and_export_keep_name_category_and_officer() -> None:
    round_ = closed()
    case = Assessment.objects.filter(round=round_, version__isnull=False).select_related("bank").first()
    assert case is not None
    old, before = case.bank.name_zh, exported(round_)
    rename(case.bank, name_zh="改制后的演示银行", name_en="Renamed", category="rural")
    User.objects.filter(username="merit").update(name="另一个名字")

    client, url = person(Role.AUDITOR), reverse("round-detail", args=[round_.pk])
    page = client.get(url).content.decode()
    assert old in page
    assert "改制后的演示银行" in page, "the mark: the register says otherwise today"
    assert case.officer_name in page
    assert "另一个名字" not in page
    found = client.get(url + f"?category={case.kept_category}").context["table"].rows
    assert case.pk in [row.record.pk for row in found]
    assert case.pk not in [row.record.pk for row in client.get(url + "?category=rural").context["table"].rows]
    assert client.get(url + "?category=rural&q=" + old).status_code == 200

    head, *rows = exported(round_)
    assert before[0] == head
    mark = next(place for place, title in enumerate(head) if "名录" in title)
    without = [row[:mark] + row[mark + 1 :] for row in rows]
    assert without == [row[:mark] + row[mark + 1 :] for row in before[1:]]
    assert [row[mark] for row in rows if row[mark]] == ["改制后的演示银行 · 农村商业银行"]


def test_the_pages_of_a_case_say_what_the_closed_round_says() -> None:
    round_ = closed()
    case = Assessment.objects.filter(round=round_, version__isnull=False).select_related("bank").first()
    assert case is not None
    old = case.bank.name_zh
    rename(case.bank, name_zh="改制后的演示银行", category="rural")
    client = person(Role.AUDITOR)
    for name in ("review-detail", "assessment-result", "assessment-history"):
        page = client.get(reverse(name, args=[case.pk])).content.decode()
        assert old in page, name
        assert "改制后的演示银行" not in page, name


def test_institutions_are_counted_by_the_kind_that_the_closed_round_says() -> None:
    """A legal entity that becomes a branch afterwards is counted among the legal entities of that round."""
    round_ = closed()
    before = {kind: Counted(round_, kind).counted_once.count() for kind in EntityKind.values}
    case = Assessment.objects.filter(round=round_).select_related("bank").first()
    assert case is not None and before[case.kept_kind]
    other = next(kind for kind in EntityKind.values if kind != case.kept_kind)
    Bank.objects.filter(pk=case.bank_id).update(entity_kind=other)
    assert {kind: Counted(round_, kind).counted_once.count() for kind in EntityKind.values} == before
    reader = reviews.person("reader", "auditor")
    assert read_sources(reader, round_, ()).entities == {kind: count for kind, count in before.items() if count}


def test_lists_of_letters_name_a_bank_as_its_closed_round_does() -> None:
    world = reviews.build()
    case = world.notified()
    old = case.bank.name_zh
    notice = Notice.objects.get()
    signatory, now = world.people[case.bank_id]["signatory"], timezone.now()
    Objection.objects.create(
        notice=notice,
        number="异1",
        statement="请予复核。",
        digest="0" * 64,
        saved_by=signatory,
        saved_at=now,
        lodged_by=signatory,
        lodged_at=now,
    )
    Assessment.objects.update(kept_name_zh=old)
    Round.objects.update(state=RoundState.CLOSED)
    rename(case.bank, name_zh="改制后的演示银行")
    for name in ("notice-list", "objection-list"):
        for asked in ("", "?_export=csv"):
            answer: Any = person(Role.AUDITOR).get(reverse(name) + asked)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert old in body.decode() and "改制后的演示银行" not in body.decode(), (name, asked)


def test_an_open_round_follows_the_register() -> None:
    round_ = a_round(1)
    case = Assessment.objects.filter(round=round_).select_related("bank")[0]
    rename(case.bank, name_zh="改名的银行")
    assert "改名的银行" in person(Role.AUDITOR).get(reverse("round-detail", args=[round_.pk])).content.decode()
    assert (Assessment.objects.get(pk=case.pk).kept_name_zh, case.kept_officer) == ("", "")


# --- Every write is refused -------------------------------------------------------------------------------------------

#: Services that take a case or a round and write none of its content: they read, try on a copy, or are steps of others.
NO_WRITES = {
    "assessments.archives.services.request_archive": "packs what is kept into a file, of a closed round above all",
    "assessments.retention.services.set_hold": "keeps longer what is there, also of a closed round",
    "assessments.filings.workbook.services.annotate_upload": "gives back the file that was uploaded, with marks",
    "assessments.filings.workbook.services.download_workbook": "reads the filing",
    "assessments.letters.jobs.ask_for_letters": "sets letters that were sent, also of a closed round",
    "assessments.trials.services.start_trial": "tries another rulebook on the round; nothing of the round changes",
}
CLOSED = ("round is not open", "archived", "only an open", "only a planned", "while the round is open", "taken out")

TRIED, FILE = "试算", "a.pdf"  # the what-if and the file of a case that arguments name
DUMMIES: dict[str, Callable[[Assessment], Any]] = {
    "assessment_id": lambda case: case.pk,
    "assessment_ids": lambda case: [case.pk],
    "round_id": lambda case: case.round_id,
    "round_": lambda case: case.round,
    "version_id": lambda case: case.version_id,
    "version": lambda case: 1,
    "bank_id": lambda case: case.bank_id,
    "reason": lambda case: "理由",
    "text": lambda case: "说明",
    "name": lambda case: "return_for_correction",
    "due_at": lambda case: timezone.now() + timedelta(days=1),
    "until": lambda case: timezone.now() + timedelta(days=20),
    "seen_version": lambda case: 1,
    "indicator": lambda case: "B1",
    "revision": lambda case: 0,
    "points": lambda case: "1",
    "values": lambda case: {},
    "seen": lambda case: {},
    "decisions": lambda case: {"T3": ("met", "理由")},
    "officer_id": lambda case: reviews.person("next", "case_officer").pk,
    "seen_officer": lambda case: case.officer_id,
    "change": lambda case: DraftChange(),
    "upload": lambda case: ContentFile(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", name="a.pdf"),
    "evidence_id": lambda case: Evidence.objects.get(name=FILE).pk,
    "leaving": lambda case: "mistaken",
    "parameter": lambda case: "line",
    "value": lambda case: None,
    "source": lambda case: "办法",
    "kind": lambda case: "reviewed",
    "given": lambda case: [Given(case.pk, 1, {"fee_violations": "1"}, {})],
    "note": lambda case: "",
    "sure": lambda case: False,
    "views": lambda case: [View("B1")],
    "content": lambda case: b"",
    "upload_id": lambda case: 1,
    "digest": lambda case: "",
    "choices": lambda case: {},
    "confirmed": lambda case: (),
    "wanted": lambda case: {REPORT_PAGE: preparer_of(case).pk},
    "page": lambda case: REPORT_PAGE,
    "checked": lambda case: True,
    "role": lambda case: Role.SECOND_REVIEWER.value,
    "person_id": lambda case: reviews.person("second-2", "second_reviewer").pk,
    "typed": lambda case: {"sme_bal_end": "120"},
    "kept_id": lambda case: KeptWhatIf.objects.get(name=TRIED).pk,
    "statement": lambda case: "请予复核。",
    "grounds": lambda case: {},
    "to": lambda case: sibling_of(case).pk,
    "since": lambda case: timezone.localdate(),
    "offer_id": lambda case: offer_to(case).pk,
    "indicators": lambda case: ["B1"],
    "known": lambda case: ["B1"],
}

#: What a service wants under a name that others use for something else: what its page showed.
OF_SERVICE: dict[tuple[str, str], Callable[[Assessment], Any]] = {
    ("assign_sections", "seen"): assignment_digest,
    ("mark_section", "seen"): lambda case: section_digest(get_draft(case), REPORT_PAGE),
    ("assign_reviewer", "seen"): lambda case: case.second_reviewer_id,
    ("take_what_if", "seen"): lambda case: digest_of_tried(case),
    ("offer", "until"): lambda case: timezone.localdate(),
    ("add_by_name", "upload"): lambda case: ContentFile(b"%PDF-1.4\ntrailer\n<<>>\n%%EOF\n", name="B1 制度.pdf"),
}
#: The states in which these services go through; the others are asked in the first review.
STATES = {
    "save_draft": (Filing.PREPARING, Review.NONE),
    "take_return": (Filing.PREPARING, Review.NONE),
    "take_what_if": (Filing.PREPARING, Review.NONE),
    "take_over": (Filing.PREPARING, Review.NONE),
    "add_by_name": (Filing.PREPARING, Review.NONE),
    "assign_sections": (Filing.PREPARING, Review.NONE),
    "mark_section": (Filing.CHECKING, Review.NONE),
    "assign_reviewer": (Filing.SUBMITTED, Review.SECOND),
}
#: Who may use these services; the others are asked by the preparer, the officer or nobody (``actor_for``).
ROLES = {
    "assign_sections": Role.BANK_REVIEWER,
    "mark_section": Role.BANK_REVIEWER,
    "assign_reviewer": Role.DECISION_MAKER,
    "offer": Role.BANK_SIGNATORY,
}
GO_THROUGH = {
    "assign_reviewer",
    "offer",
    "take_over",
    "add_by_name",
    "assign_sections",
    "keep_what_if",
    "mark_section",
    "remove_what_if",
    "take_what_if",
}


def services() -> dict[str, Callable[..., Any]]:
    """Every function below ``assessments`` that takes an actor by name and a case, a round or a version by name."""
    found = {}
    for module in pkgutil.walk_packages(assessments.__path__, "assessments."):
        if any(part in module.name for part in (".tests", ".migrations", ".demo", ".benchmark", ".management")):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            given = inspect.signature(function).parameters
            keyword = {key for key, one in given.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}
            at_home = inspect.unwrap(function).__module__ == module.name and not name.startswith("_")
            if at_home and "actor" in keyword and keyword & {"assessment_id", "round_id", "round_", "version_id"}:
                found[f"{module.name}.{name}"] = function
    return found


WRITES = sorted(set(services()) - set(NO_WRITES) - {"assessments.workflow.machine.perform"})


def test_the_services_are_found() -> None:
    assert len(WRITES) >= 16
    assert set(NO_WRITES) <= set(services())
    assert "assessments.filings.drafts.save_draft" in WRITES
    assert {name.rsplit(".", 1)[1] for name in WRITES} >= GO_THROUGH


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("closed_now", [True, False], ids=["closed", "taken out"])
def test_every_service_is_refused(name: str, closed_now: bool) -> None:
    """With the role that it asks for, in a state in which it would otherwise go through or fail for another reason."""
    of_round = (
        "assessments.rounds." in name
        or "round" in name.rsplit(".", 1)[1]
        or name.endswith(("request_snapshot", "urge_banks"))
    )
    if of_round and not closed_now:
        pytest.skip("a service of the round and not of one case")
    world, case = in_its_state(name)
    if closed_now:
        Round.objects.filter(pk=case.round_id).update(state=RoundState.CLOSED)
    else:
        Assessment.objects.filter(pk=case.pk).update(taken_out_at=timezone.now())
    case = world.again(case)
    arguments = arguments_of(name, world, case)
    events = Event.objects.count()
    rows = snapshot(case)
    with translation.override("en"), pytest.raises(Refused) as caught:
        services()[name](**arguments)
    words = said(caught.value)
    assert any(word in words for word in CLOSED), words
    assert Event.objects.count() == events
    assert snapshot(case) == rows


@pytest.mark.parametrize("name", [name for name in WRITES if name.rsplit(".", 1)[1] in GO_THROUGH])
def test_the_same_arguments_go_through_in_an_open_round(name: str) -> None:
    """So that it is the closed round, and nothing else, that refuses these above."""
    world, case = in_its_state(name)
    events = Event.objects.count()
    services()[name](**arguments_of(name, world, case))
    assert Event.objects.count() > events


def in_its_state(name: str) -> tuple[reviews.World, Assessment]:
    world = reviews.build()
    case = world.notified() if ".objections." in name else world.accepted()
    give_file(case)
    keep_what_if(case)
    filing, review = STATES.get(name.rsplit(".", 1)[1], (case.filing_state, case.review_state))
    Assessment.objects.filter(pk=case.pk).update(filing_state=filing, review_state=review)
    return world, world.again(case)


def arguments_of(name: str, world: reviews.World, case: Assessment) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for key, parameter in inspect.signature(services()[name]).parameters.items():
        if key == "actor":
            arguments[key] = actor_for(name, world, case)
        elif parameter.default is inspect.Parameter.empty or key == "reason":
            arguments[key] = (OF_SERVICE.get((name.rsplit(".", 1)[1], key)) or DUMMIES[key])(case)
    return arguments


def said(error: Refused) -> str:
    """The reasons in English."""
    with translation.override("en"):
        return " ".join(str(reason) for reason in error.reasons).lower()


def actor_for(name: str, world: reviews.World, case: Assessment) -> User | None:
    role = ROLES.get(name.rsplit(".", 1)[1])
    if role is not None:
        bank = case.bank if role in BANK_ROLES else None
        return User.objects.get(bank=bank, grants__role=role)
    if ".objections." in name or ".kept_what_ifs." in name or (".filings." in name and "extend" not in name):
        return preparer_of(case)
    return None if ".rounds." in name or "statistics" in name else world.officer


def preparer_of(case: Assessment) -> User:
    return User.objects.get(bank=case.bank, grants__role=Role.BANK_PREPARER)


def sibling_of(case: Assessment) -> Bank:
    """Another branch of the legal entity of the case's bank."""
    head = case.bank.head_office or make_bank(code="HEAD", name_zh="总行")
    Bank.objects.filter(pk=case.bank_id).update(head_office=head)
    return Bank.objects.filter(code="NEAR").first() or make_bank(
        code="NEAR", name_zh="兄弟分行", head_office=head, entity_kind="branch"
    )


def offer_to(case: Assessment) -> BranchOffer:
    """A text that a sibling of the case's bank offers it today."""
    here = {"narrative": "总行制度：授信尽职免责。", "answers": {}, "files": []}
    return BranchOffer.objects.create(
        bank=case.bank, giver=sibling_of(case), round=case.round, version=1, content={"B1": here},
        since=timezone.localdate(), until=timezone.localdate(), granted_by=preparer_of(case),
    )  # fmt: skip


def keep_what_if(case: Assessment) -> None:
    facts = {"sme_bal_end": {"state": "value", "value": "1300000"}}
    KeptWhatIf.objects.create(assessment=case, name=TRIED, facts=facts, made_by=preparer_of(case))


def digest_of_tried(case: Assessment) -> str:
    draft = get_draft(case)
    return kept_digest(draft, get_kept(draft, KeptWhatIf.objects.get(name=TRIED).pk))


def give_file(case: Assessment) -> None:
    person = User.objects.filter(bank=case.bank).first()
    assert person is not None
    Evidence.objects.create(assessment=case, indicator="B1", name=FILE, size=1, sha256="0" * 64, uploaded_by=person)


def snapshot(case: Assessment) -> dict[str, Any]:
    found = Assessment.objects.filter(pk=case.pk).values().get()
    round_ = Round.objects.filter(pk=case.round_id).values().get()
    return {"case": found, "round": round_, "events": Event.objects.count()}


def test_a_measure_is_refused() -> None:
    world = reviews.build()
    case = world.for_decision()
    measure = Measure.objects.filter(rating__assessment=case).first()
    assert measure is not None
    Round.objects.filter(pk=case.round_id).update(state=RoundState.CLOSED)
    with pytest.raises(Refused):
        decide_measure(actor=world.decider, measure_id=measure.pk, outcome="accept", reason="理由")


@pytest.mark.parametrize("name", sorted(workflow.TRANSITIONS))
@pytest.mark.parametrize("how", ["closed", "taken out"])
def test_every_step_is_refused(name: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = steps.build()
    steps.without_content(monkeypatch)
    row = workflow.TRANSITIONS[name]
    if how == "closed":
        Round.objects.update(state=RoundState.CLOSED)
    else:
        Assessment.objects.update(taken_out_at=timezone.now())
    correction = row.correction[0] if row.correction else Correction.NONE
    Assessment.objects.update(filing_state=row.filing[0], review_state=row.review[0], correction_state=correction)
    side = "bank" if row.roles & {Role.BANK_PREPARER, Role.BANK_REVIEWER, Role.BANK_SIGNATORY} else "supervisor"
    actor = case.people[f"all-{side}"]
    events = Event.objects.count()
    given = steps.PAYLOADS.get(name)
    with translation.override("en"), pytest.raises(Refused) as caught:
        workflow.perform(name, actor=actor, assessment_id=case.assessment.pk, reason="理由", payload=given)
    words = said(caught.value)
    assert any(word in words for word in CLOSED), words
    assert Event.objects.count() == events
    assert not workflow.capabilities(actor=actor, assessment=case.again())
