"""Chinese names sort by pinyin and are found by their initials, wherever names stand in a list."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.tests.test_migrations import ROOT
from scorecard.words.pinyin import initials, sort_key

IN_ORDER = ["安徽银行", "长安银行", "重庆银行", "农业银行", "上海银行", "中国银行"]


def test_the_keys() -> None:
    assert sorted(sorted(IN_ORDER), key=sort_key) == IN_ORDER != sorted(IN_ORDER)
    assert initials("上海浦东银行ABC") == "shpdyhabc"
    assert sort_key("𠮷Bank") and sort_key("") == ""


@pytest.mark.django_db
def test_the_keys_follow_the_name() -> None:
    bank = make_bank(name_zh="上海银行")
    assert (bank.name_sort, bank.name_initials) == (sort_key("上海银行"), "shyh")
    bank.name_zh = "安徽银行"
    bank.save(update_fields=["name_zh"])
    bank.refresh_from_db()
    assert (bank.name_sort, bank.name_initials) == (sort_key("安徽银行"), "ahyh")
    User.objects.bulk_create([User(username="wangfang", name="王芳")])
    assert User.objects.get(username="wangfang").name_initials == "wf"


@pytest.mark.django_db
def test_the_register_sorts_by_pinyin_and_finds_initials() -> None:
    for number, name in enumerate(sorted(IN_ORDER)):
        make_bank(name_zh=name, code=f"P{number}")
    client = Client()
    client.force_login(make_person(Role.ADMINISTRATOR))
    page = client.get(reverse("bank-list"), {"sort": "name"}).content.decode()
    places = [page.index(name) for name in IN_ORDER]
    assert places == sorted(places)
    found = client.get(reverse("bank-list"), {"q": "cqyh"}).content.decode()
    assert [name for name in IN_ORDER if name in found] == ["重庆银行"]


def sorted_by_code_point() -> Iterator[str]:
    """Each place that sorts by the name of a bank or of a person itself."""
    names = {"name_zh", "bank__name_zh", "case_officer__name", "officer__name", "head_office__name_zh", "-name_zh"}
    for path in sorted(path for top in ("assessments", "banks", "scorecard") for path in (ROOT / top).rglob("*.py")):
        if {"tests", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            values = [value.value for key in node.keywords if key.arg == "order_by" for value in ast.walk(key.value)
                      if isinstance(value, ast.Constant)]  # fmt: skip
            if called == "order_by":
                values += [value.value for value in node.args if isinstance(value, ast.Constant)]
            if names & set(values):
                yield f"{Path(path).relative_to(ROOT)}:{node.lineno}"


def test_no_list_sorts_names_by_code_point() -> None:
    assert list(sorted_by_code_point()) == []


@pytest.mark.django_db
def test_every_search_for_a_bank_knows_initials() -> None:
    from assessments.reviews.views.queue import QueueFilters
    from assessments.rounds.filtersets import StandingFilters
    from banks.filtersets import BankFilters, PersonFilters

    for filters in (QueueFilters, StandingFilters, PersonFilters):
        assert "bank__name_initials" in filters.search_fields
    assert "name_initials" in BankFilters.search_fields and "name_initials" in PersonFilters.search_fields
