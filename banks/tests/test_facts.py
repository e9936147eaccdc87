"""Facts are append-only: revisions count up, nothing that was recorded changes."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from banks.models import Bank, FactEntry, FactSource, FactState
from banks.selectors.facts import current_facts, current_facts_of, fact_history, fact_periods
from banks.services.facts import record_facts, record_many
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.tests.drawn import examples

V = FactState.VALUE
values = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.one_of(
        st.tuples(st.just(str(V)), st.sampled_from(["0", "1", "1.50", "true"])),
        st.tuples(st.sampled_from([str(FactState.UNANSWERED), str(FactState.NOT_APPLICABLE)]), st.just("")),
    ),
)


class AppendOnly(TestCase):
    bank: Bank

    @classmethod
    def setUpTestData(cls) -> None:
        cls.bank = make_bank()

    @settings(deadline=None, max_examples=examples(40), suppress_health_check=[HealthCheck.differing_executors])
    @given(st.lists(values, max_size=6))
    def test_any_sequence_of_saves(self, saves: list[dict[str, tuple[str, str]]]) -> None:
        """Whatever is saved: old rows stay, revisions are 1, 2, 3 …, the current value is the last."""
        expected: dict[str, tuple[str, str]] = {}
        for save in saves:
            before = list(FactEntry.objects.order_by("pk").values())
            events = Event.objects.count()
            changed = {fact for fact, pair in save.items() if expected.get(fact) != pair}
            made = record_facts(actor=None, bank=self.bank, period="2017", values=save, source=FactSource.FORM)
            expected |= save
            assert {row.fact for row in made} == changed
            assert list(FactEntry.objects.order_by("pk").values())[: len(before)] == before
            assert Event.objects.count() - events == bool(changed)
        current = current_facts(self.bank.pk, ["2017"])["2017"]
        assert {fact: (entry.state, entry.value) for fact, entry in current.items()} == expected
        for fact in expected:
            revisions = list(FactEntry.objects.filter(fact=fact).order_by("pk").values_list("revision", flat=True))
            assert revisions == list(range(1, len(revisions) + 1))


pytestmark = pytest.mark.django_db


def test_current_facts_is_one_query_and_tells_the_nothings_apart() -> None:
    bank, other = make_bank(), make_bank()
    record_many(
        actor=None,
        batch={
            (bank.pk, "2016"): {"x": (V, "1")},
            (bank.pk, "2017"): {"x": (V, "0"), "y": (FactState.UNANSWERED, ""), "z": (FactState.NOT_APPLICABLE, "")},
            (other.pk, "2017"): {"x": (V, "9")},
        },
        source=FactSource.DEMO,
    )
    record_facts(actor=None, bank=bank, period="2017", values={"y": (V, "2")}, source=FactSource.FORM)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = current_facts(bank.pk, ["2016", "2017", "2018"])
    assert len(queries) == 1
    assert found["2018"] == {}
    assert found["2016"]["x"].value == "1"
    assert (found["2017"]["x"].state, found["2017"]["x"].value) == (V, "0")
    assert found["2017"]["y"].revision == 2
    assert found["2017"]["z"].state == FactState.NOT_APPLICABLE
    with CaptureQueriesContext(connection) as queries:
        many = current_facts_of([bank.pk, other.pk], ["2017"])
    assert len(queries) == 1
    assert many[other.pk]["2017"]["x"].value == "9"


def test_a_bulk_is_one_event_and_keeps_figures_out_of_the_trail() -> None:
    banks = [make_bank() for _ in range(3)]
    before = Event.objects.count()
    record_many(actor=None, batch={(bank.pk, "2017"): {"x": (V, "424242")} for bank in banks}, source=FactSource.DEMO)
    assert Event.objects.count() == before + 1
    data = Event.objects.first().data  # type: ignore[union-attr]
    assert '"rows":3' in data and "424242" not in data


def test_another_banks_person_is_hidden() -> None:
    mine, theirs = make_bank(), make_bank()
    preparer = make_person(Role.BANK_PREPARER, bank=mine)
    save: dict[str, Any] = {"period": "2017", "values": {"x": (V, "1")}, "source": FactSource.FORM}
    assert record_facts(actor=preparer, bank=mine, **save)
    with pytest.raises(Hidden):
        record_facts(actor=preparer, bank=theirs, **save)
    assert not FactEntry.objects.filter(bank=theirs).exists()


@pytest.mark.parametrize(
    ("role", "source", "allowed"),
    [
        (Role.CASE_OFFICER, FactSource.SUPERVISOR, True),
        (Role.CASE_OFFICER, FactSource.FORM, False),
        (Role.AUDITOR, FactSource.SUPERVISOR, False),
        (Role.ADMINISTRATOR, FactSource.DEMO, True),
        (Role.ADMINISTRATOR, FactSource.SUPERVISOR, False),
    ],
)
def test_roles_and_sources(role: str, source: str, allowed: bool) -> None:
    bank, person = make_bank(), make_person(role)
    if allowed:
        assert record_facts(actor=person, bank=bank, period="2017", values={"x": (V, "1")}, source=source)
    else:
        with pytest.raises(Refused):
            record_facts(actor=person, bank=bank, period="2017", values={"x": (V, "1")}, source=source)


def test_every_reason_against_the_values_at_once() -> None:
    bank = make_bank()
    bad = {"a": ("odd", ""), "b": (V, ""), "c": (FactState.UNANSWERED, "1"), "d": (V, "1" * 401)}
    with pytest.raises(Refused) as refused:
        record_facts(actor=None, bank=bank, period="2017", values=bad, source=FactSource.FORM)
    assert len(refused.value.reasons) == 4
    assert not FactEntry.objects.exists()


def test_reading_by_person() -> None:
    mine, theirs = make_bank(), make_bank()
    for bank in (mine, theirs):
        record_facts(actor=None, bank=bank, period="2017", values={"x": (V, "1")}, source=FactSource.FORM)
    preparer, officer = make_person(Role.BANK_PREPARER, bank=mine), make_person(Role.CASE_OFFICER)
    administrator = make_person(Role.ADMINISTRATOR)
    assert fact_periods(preparer, mine.pk) == ["2017"] == fact_periods(officer, theirs.pk)
    assert fact_periods(preparer, theirs.pk) == [] == fact_periods(administrator, mine.pk)
    assert fact_history(preparer, mine.pk, "2017", "x").count() == 1
    assert not fact_history(preparer, theirs.pk, "2017", "x").exists()
