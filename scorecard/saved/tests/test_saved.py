"""Saved filters: what is kept, what opens, and that nobody else has a part in it."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.tests.reviews.client import signed_in
from assessments.tests.reviews.world import World, build, person
from banks.models import Category, User
from scorecard.audit.models import Event
from scorecard.saved.models import SavedFilter

pytestmark = pytest.mark.django_db
LIST = "/banks/"
QUERY = f"category={Category.values[0]}&sort=-code&page=3&odd=1&q="


@pytest.fixture
def world() -> World:
    return build()


def keep(client: Client, status: int = 302, **more: Any) -> Any:
    sent = {"path": LIST, "query": QUERY, "name": "城商行"} | more
    answer = client.post(reverse("saved-filter-save"), sent)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer


def said() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Event.objects.filter(event__startswith="filters.").latest("seq").data)
    return found


def test_what_is_kept_is_what_the_list_declares(world: World) -> None:
    client = signed_in(world.officer)
    assert keep(client).url.startswith(f"{LIST}?category=")
    kept = SavedFilter.objects.get()
    assert (kept.user, kept.path, kept.opens) == (world.officer, LIST, False)
    assert kept.values == {"category": [Category.values[0]]}, "no order, no page, nothing unknown, nothing empty"
    assert said()["values"] == kept.values
    answer = client.get(reverse("saved-filter-open", args=[kept.pk]))
    assert answer.url == f"{LIST}?category={Category.values[0]}"  # type: ignore[attr-defined]


def test_the_list_and_the_home_page_offer_it(world: World) -> None:
    client = signed_in(world.officer)
    keep(client)
    opened = reverse("saved-filter-open", args=[SavedFilter.objects.get().pk])
    for page in (LIST, "/", reverse("saved-filters")):
        assert opened in client.get(page).content.decode(), page
    assert opened not in client.get(reverse("round-list")).content.decode(), "of another list"
    other = signed_in(world.officer_2)
    for page in (LIST, "/", reverse("saved-filters")):
        assert opened not in other.get(page).content.decode(), page


@pytest.mark.parametrize("role", ["administrator", "auditor", "bank_preparer"])
def test_every_home_page_offers_it(world: World, role: str) -> None:
    bank = world.submitted("AAA").bank if role.startswith("bank") else None
    here = person("somebody", role, bank=bank)
    kept = SavedFilter.objects.create(user=here, path=LIST, name="我的条件", values={"q": ["x"]})
    page = signed_in(here).get("/").content.decode()
    assert "我的条件" in page
    assert reverse("saved-filter-open", args=[kept.pk]) in page


def test_the_list_opens_with_the_one_that_is_chosen_for_it(world: World) -> None:
    client = signed_in(world.officer)
    keep(client, opens="on")
    kept = SavedFilter.objects.get()
    answer = client.get(LIST, follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}?category={Category.values[0]}"
    page = answer.content.decode()
    assert f'href="{LIST}?all=1"' in page, "the last filter can be taken off"
    assert client.get(f"{LIST}?all=1").status_code == 200
    assert signed_in(world.officer_2).get(LIST).status_code == 200
    keep(client, opens="on", name="另一组", query="q=A")
    kept.refresh_from_db()
    assert (kept.opens, SavedFilter.objects.filter(opens=True).count()) == (False, 1), "one opens a list"


def test_a_filter_that_is_no_longer_known_is_said_and_not_guessed(world: World) -> None:
    values = {"category": ["gone"], "colour": ["red"], "q": ["A"]}
    kept = SavedFilter.objects.create(user=world.officer, path=LIST, name="旧", values=values, opens=True)
    client = signed_in(world.officer)
    answer = client.get(reverse("saved-filter-open", args=[kept.pk]))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert all(words in page for words in ("gone", "colour", "red", "The list has no such filter any more."))
    assert f'href="{LIST}?q=A"' in page, "the rest, where the person asks for it"
    assert client.get(LIST, follow=True).status_code == 409
    kept.values = {"colour": ["red"]}
    kept.save()
    assert f'href="{LIST}?all=1"' in client.get(reverse("saved-filter-open", args=[kept.pk])).content.decode()


@pytest.mark.parametrize("path", ["/nowhere/", "/audit/", "/profile/", "/rounds/999/"])
def test_a_list_that_is_gone_or_closed_is_said(world: World, path: str) -> None:
    kept = SavedFilter.objects.create(user=world.officer, path=path, name="旧", values={"q": ["A"]})
    answer = signed_in(world.officer).get(reverse("saved-filter-open", args=[kept.pk]))
    assert answer.status_code == 409
    assert "This list is not there for you any more." in answer.content.decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": " "}, "Give the filters a name."),
        ({"query": "odd=1&page=2"}, "No filter of this list is on"),
        ({"query": "category=gone"}, "Category"),
        ({"path": "/audit/"}, "There is no list for you at this address."),
        ({"path": "https://elsewhere.example/"}, "There is no list for you at this address."),
        ({"name": "x" * 61}, "60"),
    ],
)
def test_what_cannot_be_kept_says_why_and_loses_nothing(world: World, more: dict[str, str], words: str) -> None:
    page = keep(signed_in(world.officer), 422, **more).content.decode()
    assert words in page
    assert more.get("name", "城商行").strip() in page
    assert not SavedFilter.objects.exists()


def test_two_of_one_name_and_more_than_are_kept_are_refused(world: World) -> None:
    client = signed_in(world.officer)
    keep(client)
    assert "already" in keep(client, 422).content.decode()
    rows = [SavedFilter(user=world.officer, path=LIST, name=str(n), values={"q": ["A"]}) for n in range(49)]
    SavedFilter.objects.bulk_create(rows)
    assert "remove one first" in keep(client, 422, name="五十一").content.decode()


def test_renamed_and_removed_by_the_person_alone(world: World) -> None:
    client = signed_in(world.officer)
    keep(client)
    kept = SavedFilter.objects.get()
    url = reverse("saved-filter", args=[kept.pk])
    before = Event.objects.filter(event__startswith="filters.").count()
    for other in (world.officer_2, world.auditor):
        foreign = signed_in(other)
        assert foreign.get(url).status_code == 404
        assert foreign.post(url, {"action": "remove"}).status_code == 404
        assert foreign.get(reverse("saved-filter-open", args=[kept.pk])).status_code == 404
    assert client.post(url, {"action": "save", "name": ""}).status_code == 422
    assert client.post(url, {"action": "save", "name": "新名", "opens": "on"}).status_code == 302
    kept.refresh_from_db()
    assert (kept.name, kept.opens) == ("新名", True)
    assert said()["before"] == {"name": "城商行", "opens": False}
    assert client.post(url, {"action": "remove"}).status_code == 302
    assert not SavedFilter.objects.exists()
    assert Event.objects.filter(event__startswith="filters.").count() == before + 2


def test_a_list_asks_no_more_of_the_database_for_who_has_kept_none(
    world: World, django_assert_num_queries: Any
) -> None:
    from django.contrib.auth import get_user
    from django.http import HttpRequest

    client = signed_in(world.officer)
    request = HttpRequest()
    request.session = client.session
    found: Any = get_user(request)
    assert (found, found.saved_filters) == (User.objects.get(pk=world.officer.pk), 0)
    keep(client)
    found = get_user(request)
    assert found.saved_filters == 1


def test_an_address_that_is_longer_than_can_be_kept_is_refused(world: World) -> None:
    """A number may stand with hundreds of zeros before it, and PostgreSQL would refuse the row with an error."""
    path = reverse("round-detail", args=[world.round.pk]).replace(
        f"/{world.round.pk}/", f"/{'0' * 300}{world.round.pk}/"
    )
    keep(signed_in(world.officer), 422, path=path, query="q=a")
    assert not SavedFilter.objects.exists()
