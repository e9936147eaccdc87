"""Values set for the year on the page of a rulebook: default, who uses them, and that they are no one's own number."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.rulebook_cache import engine_rulebook, forget
from assessments.selectors.parameters import users_of_parameters
from assessments.services.rulebooks import publish_rulebook
from banks.tests.factories import make_person
from scorecard.access.roles import Role

pytestmark = pytest.mark.django_db


def test_the_rulebook_says_what_is_set_for_the_year_and_which_rules_use_it() -> None:
    forget()
    row = publish_rulebook(actor=None, code="national-2020", version="1")
    book = engine_rulebook(row)
    users = users_of_parameters(book)
    assert set(users) == {"high_share_line"} and users["high_share_line"]
    for owner in users["high_share_line"]:
        assert owner in book.indicators or owner in book.targets
    client = Client()
    client.force_login(make_person(Role.AUDITOR))
    page = client.get(reverse("rulebook-detail", args=[row.pk])).content.decode()
    part = page[page.index('id="parameters"') : page.index('id="facts"')]
    assert "普惠型小微企业贷款占比较高的界线" in part and "30%" in part and "basis-proposed" in part
    assert all(owner in part for owner in users["high_share_line"])
