"""The page that compares two rulebook versions."""

import copy
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import RulebookVersion
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.filings.world import RULEBOOK, publish
from assessments.tests.rounds.world import planned
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.engine import rulebook_from_json

pytestmark = pytest.mark.django_db


def next_version() -> RulebookVersion:
    """The small rulebook with another cut point, another grade boundary and without its cap, as version 2."""
    data: dict[str, Any] = copy.deepcopy(RULEBOOK)
    data["rulebook"]["version"] = "2"
    data["indicators"]["B1"]["rule"]["points"][1][0] = "0.9"
    data["grades"][0] |= {"min": "17", "basis": "proposed"}
    data["caps"] = []
    rulebook = rulebook_from_json(json.dumps(data, ensure_ascii=False))
    return RulebookVersion.objects.create(
        code="mini",
        version="2",
        title_zh=rulebook.title.zh,
        title_en=rulebook.title.en,
        hash=rulebook.hash,
        content=rulebook.to_json(),
    )


def signed_in(role: str, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(make_person(role))
    client.cookies["django_language"] = language
    return client


def test_a_reader_sees_both_sides_with_their_sources() -> None:
    old, new = publish(), next_version()
    text = signed_in(Role.AUDITOR).get(reverse("rulebook-diff", args=[old.pk, new.pk])).content.decode()
    assert "30% → 0 分, 80% → 4 分" in text and "30% → 0 分, 90% → 4 分" in text
    assert "目标未完成" in text and "删除" in text
    assert "关于测试的通知" in text
    # The basis of the new number stands beside it: it is a proposal and not the supervisor's own.
    assert "basis-proposed" in text and "basis-reconstructed" in text
    english = signed_in(Role.AUDITOR, "en").get(reverse("rulebook-diff", args=[old.pk, new.pk])).content.decode()
    assert "Removed" in english and "linear in between" in english


def test_the_same_version_on_both_sides_says_so_and_an_unknown_one_is_not_found() -> None:
    old = publish()
    client = signed_in(Role.ADMINISTRATOR)
    assert "两个版本内容一致" in client.get(reverse("rulebook-diff", args=[old.pk, old.pk])).content.decode()
    assert client.get(reverse("rulebook-diff", args=[old.pk, old.pk + 99])).status_code == 404


def test_the_page_of_a_rulebook_leads_to_the_comparison() -> None:
    old, new = publish(), next_version()
    text = signed_in(Role.CASE_OFFICER).get(reverse("rulebook-detail", args=[new.pk])).content.decode()
    assert reverse("rulebook-diff", args=[old.pk, new.pk]) in text


def test_the_number_of_queries_does_not_grow_with_what_differs() -> None:
    old, new = publish(), next_version()
    client = signed_in(Role.CASE_OFFICER)

    def queries(a: RulebookVersion, b: RulebookVersion) -> int:
        client.get(reverse("rulebook-diff", args=[a.pk, b.pk]))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse("rulebook-diff", args=[a.pk, b.pk]))
        return len(seen)

    assert queries(old, old) == queries(old, new) <= 6


# --- The ways there --------------------------------------------------------------------------------------------------
def test_the_list_of_rulebooks_leads_from_each_version_to_what_changed_since_the_one_before() -> None:
    old, new = publish(), next_version()
    alone = publish_rulebook(actor=None, code="money-rural-2010", version="2")
    page = signed_in(Role.AUDITOR).get(reverse("rulebook-list")).content.decode()
    assert page.count("/diff/") == 1 and reverse("rulebook-diff", args=[old.pk, new.pk]) in page
    assert alone.title_zh in page and reverse("money-scheme", args=[alone.pk]) in page


def test_what_banks_are_assessed_under_stands_before_the_money_schemes() -> None:
    publish()
    publish_rulebook(actor=None, code="money-rural-2010", version="2")  # published later, and still below
    page = signed_in(Role.AUDITOR).get(reverse("rulebook-list")).content.decode()
    assert 0 < page.index("mini/1") < page.index("money-rural-2010/2")


def test_a_version_follows_the_one_that_it_extends_even_under_another_code() -> None:
    old = publish_rulebook(actor=None, code="money-reserve-2018", version="2")
    new = publish_rulebook(actor=None, code="money-reserve-2019", version="2")
    page = signed_in(Role.AUDITOR).get(reverse("rulebook-list")).content.decode()
    assert reverse("rulebook-diff", args=[old.pk, new.pk]) in page


def test_a_round_leads_to_what_its_rulebook_changes_since_the_round_before() -> None:
    old, new = publish(), next_version()
    planned(code="sh-2016", year=2016, rulebook=old)
    now = planned(code="sh-2017", year=2017, rulebook=new)
    same = planned(code="sh-2018", year=2018, rulebook=new)
    change = reverse("rulebook-diff", args=[old.pk, new.pk])
    client = signed_in(Role.ADMINISTRATOR)
    assert change in client.get(reverse("round-about", args=[now.pk])).content.decode()
    text = client.get(reverse("round-about", args=[same.pk])).content.decode()
    assert "/diff/" not in text and "相同" in text
    # While a round is planned, every rulebook that could be chosen instead of the one before is told apart.
    assert change in client.get(reverse("round-edit", args=[now.pk])).content.decode()
    back = reverse("rulebook-diff", args=[new.pk, old.pk])
    assert back in client.get(reverse("round-create")).content.decode()


def test_without_a_round_before_nothing_is_compared() -> None:
    round_ = planned()
    client = signed_in(Role.ADMINISTRATOR)
    for page in (reverse("round-about", args=[round_.pk]), reverse("round-edit", args=[round_.pk])):
        assert "/diff/" not in client.get(page).content.decode()
