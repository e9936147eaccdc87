"""What other desks are answered, that each question is an event, and the lists that go to others."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.measures.standing import ACCESS, KNOWN, QUESTIONS, Word, answer, ask
from assessments.models import LiveMeasure, Measure
from assessments.tests.reviews.world import person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine import load_rulebook

from .world import Register, build, later

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Register:
    return build()


def test_some_question_knows_each_action_of_every_shipped_rulebook() -> None:
    """A new limit on access must not be answered with "nothing stands against it"."""
    found = set()
    for folder in settings.RULEBOOK_DIR.glob("*/*"):
        for measure in load_rulebook(folder).measures.values():
            if measure.tool == ACCESS:
                found |= set(measure.options)
    assert found == KNOWN


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ({"access": {"options": ["branches"]}}, {"branch": Word.NO}),
        ({"access": {"options": ["executives"]}}, {"position": Word.NO}),
        ({"access": {"options": ["branches", "executives"]}}, {"branch": Word.NO, "position": Word.NO}),
        ({"capital": {"options": ["capital_conditional"]}}, {"bonds": Word.CONDITIONS}),
        ({"capital": {"options": ["capital_refused", "capital_conditional"]}}, {"bonds": Word.NO}),
        (
            {"access": {"outcome": "change", "options": [], "content": "仅限本市新设支行。"}},
            {"branch": Word.READ, "position": Word.READ, "bonds": Word.READ},
        ),
        (
            {"access": {"outcome": "change", "options": ["branches"], "content": "至年末。"}},
            {"branch": Word.NO, "position": Word.READ, "bonds": Word.READ},
        ),
        ({"inspection": {}, "accountability": {}}, {}),
    ],
)
def test_the_answer_follows_from_what_binds(
    world: Register, taken: dict[str, dict[str, object]], expected: dict[str, Word]
) -> None:
    base = world.base
    case = base.world.for_decision("B001", None, sme_bal_end="1000000")
    assert case.rating is not None
    world.measures(case.rating, base.world.decider, taken)
    case = base.decide(base.world.decider, "decide", base.world.again(case))
    asking = base.world.officer_2
    for question in QUESTIONS:
        assert ask(actor=asking, bank=case.bank, question=question).word is Word.NOTHING, "before the notice"
    base.perform(base.world.decider, "issue_notice", case)
    for question in QUESTIONS:
        found = ask(actor=asking, bank=case.bank, question=question)
        assert found.word is expected.get(question, Word.NOTHING), question
        assert bool(found.grounds) == (found.word is not Word.NOTHING)


def test_until_its_last_day_and_no_longer(world: Register) -> None:
    case = world.told("B001", taken=("access",))
    live = world.running(world.live(case, "access"), ends=60)
    for day, word in ((0, Word.NO), (60, Word.NO), (61, Word.NOTHING)):
        assert answer(case.bank, QUESTIONS["branch"], [live], later(day)).word is word
    assert answer(case.bank, QUESTIONS["branch"], [live], later(1)).grounds[0].until == later(60)
    lifted = world.take("lift", live, world.base.world.decider)
    assert answer(case.bank, QUESTIONS["branch"], [lifted], later(1)).word is Word.NOTHING


def test_each_question_is_an_event_and_the_page_says_reason_clause_and_until_when(
    world: Register, client: Client
) -> None:
    case = world.told("B001", taken=("access",))
    world.running(world.live(case, "access"), ends=60)
    client.force_login(world.base.world.auditor)
    page = client.get(reverse("standing"), {"bank": "B001", "question": "branch"})
    text = page.content.decode()
    for word in ("不可以", "暂停分支机构准入", later(60).isoformat(), "第七章", "同意采取。"):
        assert word in text, word
    event = Event.objects.latest("seq")
    assert (event.event, event.actor, event.bank_id) == (
        "assessments.standing.asked",
        world.base.world.auditor,
        case.bank_id,
    )
    assert '"answer":"no"' in event.data
    events = Event.objects.count()
    for wrong in ({"bank": "NN", "question": "branch"}, {"bank": "B001", "question": "fly"}, {"bank": "B001"}):
        page = client.get(reverse("standing"), wrong)
        assert page.status_code == 422 and wrong["bank"] in page.content.decode()
    assert Event.objects.count() == events


def test_the_lists_for_others_hold_what_binds_and_escape_formulas(world: Register, client: Client) -> None:
    case = world.told("B001", taken=("access", "inspection"))
    world.told("B002", taken=("inspection",))
    good = world.base.world.for_decision("B003")
    assert good.rating is not None
    signer = world.base.world.signer(good)
    world.measures(good.rating, signer, {"reward": {"content": "=HYPERLINK(1)"}})
    good = world.base.decide(signer, "decide", world.base.world.again(good))
    client.force_login(person("desk", Role.CASE_OFFICER))
    assert client.get(reverse("reward-list")).context["table"].count == 0, "not told yet"
    world.base.perform(signer, "issue_notice", good)
    counts = {}
    for name in ("adjustment-list", "reward-list", "inspection-list"):
        page = client.get(reverse(name))
        assert page.status_code == 200
        counts[name] = page.context["table"].count
        file = client.get(reverse(name), {"_export": "xlsx"})
        book = openpyxl.load_workbook(io.BytesIO(b"".join(file)))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        assert len([row for row in rows if row[0] and "银行" in str(row[0])]) >= counts[name]
        lines = b"".join(client.get(reverse(name), {"_export": "csv"})).decode("utf-8-sig")
        assert ",=HYPERLINK" not in lines
    assert counts["inspection-list"] == 2 and counts["reward-list"] == 1 and counts["adjustment-list"] >= 2
    lift = world.live(case, "inspection")
    world.take("lift", lift, world.base.world.decider)
    assert client.get(reverse("inspection-list")).context["table"].count == 1
    LiveMeasure.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client.get(reverse("inspection-list")).context["table"].count == 0
    assert Measure.objects.exists()
