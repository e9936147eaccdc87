"""Values set for the year on the page of a rulebook: default, who uses them, and that they are no one's own number."""

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.rulebooks.cache import engine_rulebook, forget
from assessments.rulebooks.parameters import shown_parameter, users_of_parameters
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.filings.world import RULEBOOK
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.engine import load_rulebook, rulebook_from_json
from scorecard.engine.tests.conftest import RULEBOOKS

pytestmark = pytest.mark.django_db


def test_the_rulebook_says_what_is_set_for_the_year_and_which_rules_use_it() -> None:
    forget()
    row = publish_rulebook(actor=None, code="national-2020", version="3")
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


def test_a_rule_that_uses_a_value_through_a_definition_is_told_too() -> None:
    data: dict[str, Any] = copy.deepcopy(RULEBOOK)
    said = {"source": "doc § 3", "basis": "proposed"}
    words = {"zh": "系数", "en": "Factor"}
    data["parameters"] = {
        "line": {"label": words, "kind": "number", "default": "1"} | said,
        "idle": {"label": words, "kind": "number", "default": "1"} | said,
    }
    data["definitions"] = data.get("definitions", {}) | {
        "inner": {"label": words, "unit": "%", "expr": "rate * line"} | said,
        "scaled": {"label": words, "unit": "%", "expr": "inner * 2"} | said,
    }
    data["indicators"]["B1"]["rule"]["x"] = "scaled"
    book = rulebook_from_json(json.dumps(data, ensure_ascii=False))
    assert users_of_parameters(book) == {"line": ("B1",), "idle": ()}


def test_a_year_is_written_without_separators() -> None:
    """A year is no amount: “2,016 年” stood on the page of a rulebook."""
    book = load_rulebook(RULEBOOKS / "tech-finance-2017" / "1")
    assert shown_parameter(book.parameters["goal_from"], Decimal(2016), "zh") == "2016 年"
    assert shown_parameter(book.parameters["goal_from"], Decimal(2016), "en") == "2016", "a year, not so many years"
    assert shown_parameter(book.parameters["goal_from"], Decimal(3), "en") == "3 years"
    assert shown_parameter(book.parameters["goal"], Decimal(27000000), "zh").startswith("27,000,000")
