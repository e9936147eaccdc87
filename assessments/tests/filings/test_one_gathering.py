"""A signature gathers the filing once: on its page, and again when it is given."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.filings.scoring_input import Gathered
from assessments.models import FilingVersion
from assessments.rulebooks.cache import forget
from assessments.tests.filings.test_pages import at
from assessments.tests.filings.test_scoring import fill
from assessments.tests.filings.world import PASSWORD, World, build
from assessments.workflow import perform

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    forget()
    return build()


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The assessments that have been gathered since this list was emptied."""
    found: list[int] = []
    real = Gathered.__init__

    def counting(self: Gathered, assessment: Any, rulebook: Any) -> None:
        found.append(assessment.pk)
        real(self, assessment, rulebook)

    monkeypatch.setattr(Gathered, "__init__", counting)
    return found


def at_signing(world: World) -> Any:
    fill(world)
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=world.assessment.pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=world.assessment.pk)
    return at(world.signatory), reverse("filing-sign", args=[world.assessment.pk])


def test_page_and_signature_gather_once_each(world: World, gathered: list[int]) -> None:
    client, url = at_signing(world)
    gathered.clear()
    page = client.get(url)
    assert page.status_code == 200 and len(gathered) == 1
    gathered.clear()
    sent = {"password": PASSWORD, "seen": page.context["seen"]}
    assert client.post(url, sent).status_code == 302
    assert len(gathered) == 1 and FilingVersion.objects.get().signed_by == world.signatory


def test_a_page_that_comes_back_gathers_once(world: World, gathered: list[int]) -> None:
    client, url = at_signing(world)
    seen = client.get(url).context["seen"]
    gathered.clear()
    assert client.post(url, {"password": "wrong", "seen": seen}).status_code == 422
    assert len(gathered) == 1


def test_what_changed_meanwhile_is_read_anew(world: World, gathered: list[int]) -> None:
    client, url = at_signing(world)
    seen = client.get(url).context["seen"]
    world.facts(bal="12001")
    gathered.clear()
    answer = client.post(url, {"password": PASSWORD, "seen": seen})
    assert answer.status_code == 409 and not FilingVersion.objects.exists()
    assert [one.after for one in answer.context["differences"]] == ["12001"]
    assert len(gathered) == 2, "once under the lock of the step, once for the page that shows the difference"


def test_a_signature_reads_nothing_of_what_only_a_rating_has(world: World) -> None:
    """Five thousand are signed within minutes: what no draft can have yet is not looked for, twice, under the lock."""
    client, url = at_signing(world)
    sent = {"password": PASSWORD, "seen": client.get(url).context["seen"]}
    with CaptureQueriesContext(connection) as asked:
        assert client.post(url, sent).status_code == 302
    of_ratings = ("assessments_measure", "assessments_notice", "assessments_objection", "assessments_livemeasure")
    read = [query["sql"] for query in asked.captured_queries]
    assert not [sql for sql in read for table in of_ratings if f'"{table}' in sql]
    versions = [sql for sql in read if sql.startswith('SELECT "assessments_filingversion"') and '"answers"' in sql]
    # Once by the seal of the event, which reads all of it.
    assert len(versions) == 1, "the words after the signature need no more of the version than which one it is"
