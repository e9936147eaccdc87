"""A file says as much as the page: each state has its own word in both, and it is the same word."""

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.html import strip_tags

from banks.models import Bank, User
from banks.tables import BankTable, PersonTable
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.columns import ChipColumn
from scorecard.tables import BaseTable

pytestmark = pytest.mark.django_db


def tables(base: type[BaseTable] = BaseTable) -> Iterator[type[BaseTable]]:
    assert apps.ready and get_resolver().url_patterns  # every view, and so every table, is imported
    for table in base.__subclasses__():
        if ".tests." not in table.__module__:
            yield table
        yield from tables(table)


def test_every_state_is_exported_in_the_words_of_its_chip() -> None:
    found = list(tables())
    chips = [
        (table, name)
        for table in found
        for name, column in table.base_columns.items()
        if isinstance(column, ChipColumn)
    ]
    assert len(found) > 8 and len(chips) > 8
    # A word of its own for the file would be a second place that says what the states are.
    assert [(table.__name__, name) for table, name in chips if hasattr(table, f"value_{name}")] == []


def exported(client: Client, page: str, table: type[BaseTable], name: str) -> list[str]:
    head = str(table.base_columns[name].verbose_name)
    answer: Any = client.get(reverse(page) + "?_export=csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    return [row[head] for row in rows]


def on_screen(table: Any, name: str) -> list[str]:
    return [html.unescape(strip_tags(str(row.get_cell(name)))).strip() for row in table.rows]


def test_banks_that_left_and_those_to_come_are_two_words(settings: Any) -> None:
    today = timezone.localdate()
    make_bank(code="A")
    make_bank(code="B", active_from=date(2001, 1, 1), active_to=today - timedelta(days=1))
    make_bank(code="C", active_from=today + timedelta(days=1))
    client = Client()
    client.force_login(make_person(Role.ADMINISTRATOR), backend=settings.AUTHENTICATION_BACKENDS[0])
    words = exported(client, "bank-list", BankTable, "active")
    assert len(set(words)) == 3
    assert words == on_screen(BankTable(Bank.objects.order_by("code"), request=None), "active")


def test_people_who_cannot_sign_in_yet_are_a_word_of_their_own(settings: Any) -> None:
    client = Client()
    administrator = make_person(Role.ADMINISTRATOR)
    client.force_login(administrator, backend=settings.AUTHENTICATION_BACKENDS[0])
    waiting, gone = make_person(Role.CASE_OFFICER), make_person(Role.CASE_OFFICER)
    waiting.set_unusable_password()
    waiting.save()
    administrator.set_password("a password of some length")
    administrator.save()
    client.force_login(administrator, backend=settings.AUTHENTICATION_BACKENDS[0])
    User.objects.filter(pk=gone.pk).update(is_active=False)
    words = exported(client, "person-list", PersonTable, "active")
    assert len(set(words)) == 3
    people = User.objects.select_related("bank").prefetch_related("grants").order_by("username")
    assert words == on_screen(PersonTable(people, request=None), "active")
    assert not any(re.search("[<>]", word) for word in words)
