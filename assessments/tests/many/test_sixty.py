"""Sixty banks decided in one sitting: what it asks of the decision maker, counted; and what one page asks of the
database."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.many.steps import STEPS
from assessments.models import Assessment, FilingVersion, Measure, Notice, Rating, Review, ReviewEntry, StepRecord
from assessments.tests.many.test_lists import REASON, hidden, measures_of
from assessments.tests.reviews.client import signed_in
from assessments.tests.reviews.world import PASSWORD, World, build
from banks.models import User
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def copies(world: World, case: Assessment, count: int, prefix: str) -> list[Assessment]:
    """More banks that stand where this one stands: its version, runs and rating again, under other names."""
    found = []
    for number in range(count):
        bank = world.bank(f"{prefix}{number:02}")
        version = FilingVersion.objects.get(pk=case.version_id or 0)
        rating = Rating.objects.filter(pk=case.rating_id or 0)
        views = list(ReviewEntry.objects.filter(version=version.pk))
        made = Assessment.objects.get(pk=case.pk)
        made.pk, made.bank = None, bank
        made.rating = made.version = made.system_run = made.reviewed_run = None
        made.save()
        version.pk, version.assessment, version.evidence = None, made, world.files(made)
        version.save()
        made.version = version
        for view in views:
            view.pk, view.assessment, view.version = None, made, version
        ReviewEntry.objects.bulk_create(views)
        if views:
            world.give_facts(made)
        for name in ("system_run", "reviewed_run"):
            run = getattr(case, name)
            if run is not None:
                run = type(run).objects.get(pk=run.pk)
                run.pk, run.assessment, run.version = None, made, version
                run.key = f"{run.key[:40]}{prefix}{number}{name}"[:64]
                run.save()
                setattr(made, name, run)
        for old in rating:
            measures = list(old.measures.order_by("pk"))
            old.pk, old.assessment, old.run = None, made, made.reviewed_run
            old.save()
            for measure in measures:
                measure.pk, measure.rating = None, old
            Measure.objects.bulk_create(measures)
            made.rating = old
        made.save()
        found.append(world.again(made))
    return found


class Sitting:
    """Counts what a person does: pages that come, passwords and characters that are typed."""

    def __init__(self, client: Client) -> None:
        self.client, self.pages, self.passwords, self.keys = client, 0, 0, 0

    def get(self, url: str) -> str:
        answer = self.client.get(url, follow=True)
        assert answer.status_code == 200
        self.pages += 1
        return answer.content.decode()

    def post(self, url: str, sent: dict[str, Any]) -> str:
        answer = self.client.post(url, sent, follow=True)
        body = answer.content.decode()
        assert answer.status_code == 200, re.findall(r"field-error.*?</div>", body, re.S)
        self.pages += 1
        self.passwords += "password" in sent
        typed = {name: value for name, value in sent.items() if name.endswith(("reason", "password", "content"))}
        self.keys += sum(len(str(value)) for value in typed.values())
        return answer.content.decode()


def test_sixty_banks_are_decided_and_told_in_one_sitting() -> None:
    world = build()
    good, missed = world.for_decision("AAA"), world.for_decision("BBB", sme_bal_end="900000")
    cases = [good, missed, *copies(world, good, 40, "G"), *copies(world, missed, 18, "M")]
    assert len(cases) == 60
    sitting = Sitting(signed_in(world.decider))
    sitting.get(reverse("many"))
    step = reverse("many-step", args=["decide"])
    page = sitting.get(step)
    ticked = re.findall(r'name="case" value="(\d+)"', page)
    assert len(ticked) == 60
    page = sitting.post(step, {"action": "preview", "case": ticked})
    told = measures_of([good, missed])
    sitting.post(step, hidden(page) | {"action": "sign", "case": ticked, "reason": REASON, "password": PASSWORD} | told)
    assert Rating.objects.filter(decided_by=world.decider).count() == 60
    step = reverse("many-step", args=["issue_notice"])
    ticked = re.findall(r'name="case" value="(\d+)"', sitting.get(step))
    page = sitting.post(step, {"action": "preview", "case": ticked})
    sitting.post(step, hidden(page) | {"action": "sign", "case": ticked})
    assert Assessment.objects.filter(review_state=Review.NOTIFIED).count() == 60
    assert Notice.objects.values("number").distinct().count() == 60
    assert StepRecord.objects.filter(transition="decide", actor=world.decider).count() == 60
    assert sitting.pages <= 8
    assert sitting.passwords == 1
    assert sitting.keys <= 220, "characters typed: one reason of the list, one for each measure, the password"
    lists = [json.loads(event.data) for event in Event.objects.filter(event="assessments.list.signed")]
    assert [len(listed["entries"]) for listed in lists] == [60, 60]


@pytest.mark.parametrize("name", STEPS)
def test_list_and_preview_ask_the_database_alike_for_few_and_many(name: str) -> None:
    world = build()
    world.evidence = ("A1", "B1")
    people: dict[str, tuple[User, Callable[..., Assessment]]] = {
        "accept": (world.officer, world.submitted),
        "agree": (world.officer, world.accepted),
        "hand_over": (world.officer, world.accepted),
        "pass_to_second": (world.officer, world.accepted),
        "confirm": (world.second, world.second_review),
        "decide": (world.decider, world.for_decision),
        "issue_notice": (world.decider, world.decided),
        "hand_second": (world.second, world.second_review),
        "hand_decision": (world.decider, world.decided),
    }
    who, first = people[name]
    case = first("AAA", sme_bal_end="900000")
    if name == "pass_to_second":
        world.give_facts(case)
        case = world.agree(case)
    step, client = reverse("many-step", args=[name]), signed_in(who)

    def asked() -> tuple[int, int, int]:
        client.get(step)
        with CaptureQueriesContext(connection) as listed:
            page = client.get(step).content.decode()
        ticked = re.findall(r'name="case" value="(\d+)"', page)
        sent = {"action": "preview", "case": ticked}
        client.post(step, sent)
        with CaptureQueriesContext(connection) as previewed:
            answer = client.post(step, sent)
        assert answer.status_code == 200
        return len(ticked), len(listed), len(previewed)

    one = asked()
    copies(world, case, 5, "C")
    many = asked()
    assert (one[0], many[0]) == (1, 6)
    assert many[1:] == one[1:]
    assert max(many[1:]) <= 45
