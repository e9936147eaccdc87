"""Pages of pictures, readings, meetings and the report's draft, asked by people they are not for: in any way, and with
odd numbers and choices."""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from assessments.tests.reviews.world import World, person
from scorecard.saved.models import SavedFilter

pytestmark = pytest.mark.django_db
ROOMS = ("round-heat", "round-quadrant", "round-movement", "round-outcome", "round-aggregate")
CHOICES = (
    "",
    "?_export=xlsx",
    "?_export=csv",
    "?_picture=svg",
    "?_picture=png",
    "?banks=branch",
    "?line=pass&measure=x",
)
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
ODD = (0, 10**18, 10**25)


def closed(client: Client, url: str, *, but: tuple[int, ...] = ()) -> None:
    for method in METHODS:
        answer = getattr(client, method)(url)
        assert answer.status_code in (302, 403, 404, 405, *but), (method, url, answer.status_code)
        assert answer.status_code != 302 or "/login/" not in answer["Location"], url
        assert not answer.has_header("Content-Disposition"), (method, url)
        assert "Demo Bank ZZZ" not in answer.content.decode(errors="replace"), (method, url)


@pytest.mark.parametrize("who", ["preparer", "reviewer", "signatory", "administrator"])
def test_nobody_else_gets_a_picture_a_sum_or_a_draft(world: World, client: Client, who: str) -> None:
    own, foreign = world.submitted("AAA"), world.submitted("ZZZ")
    actor = person("admin", "administrator") if who == "administrator" else world.people[own.bank_id][who]
    client.force_login(actor)
    for name, choice in product(ROOMS, CHOICES):
        for pk in (world.round.pk, *ODD):
            closed(client, reverse(name, args=[pk]) + choice)
    for chosen, form in product(("1", "1_7-1@branch", "1@", "@branch"), ("docx", "pdf", "png")):
        closed(client, reverse("report-draft-file", args=[world.round.pk, chosen, form]))
    closed(client, f"{reverse('report-draft')}?round={world.round.pk}&chapter=1&banks=branch")
    for choice in ("", "?_picture=svg&of=totals", "?_picture=png&of=profile"):
        closed(client, reverse("assessment-place", args=[foreign.pk]) + choice)


def test_the_search_finds_a_bank_s_people_no_other_bank_in_any_way(world: World, client: Client) -> None:
    own, foreign = world.submitted("AAA"), world.submitted("ZZZ")
    client.force_login(world.people[own.bank_id]["signatory"])
    for typed in ("ZZZ", "Demo", "演示", "z", str(foreign.pk), "", "%", "_", "\\"):
        for part in ({}, {"part": "1"}):
            text = client.get(reverse("search"), {"q": typed} | part).content.decode()
            said = re.sub(r'(?:value|content)="[^"]*"', "", text)
            assert "Demo Bank ZZZ" not in said and "演示ZZZ" not in said, typed
            assert f"/{foreign.pk}/" not in said and f"/dossier/{foreign.bank_id}/" not in said, typed


def test_a_saved_filter_opens_nothing_that_is_closed(world: World, client: Client) -> None:
    own = world.submitted("AAA")
    client.force_login(world.people[own.bank_id]["preparer"])
    sent = {"path": reverse("round-heat", args=[world.round.pk]), "query": "q=A", "name": "x"}
    assert client.post(reverse("saved-filter-save"), sent).status_code == 422
    assert not SavedFilter.objects.exists()
