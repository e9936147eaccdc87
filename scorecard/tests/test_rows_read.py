"""No page reads more rows for a province of 120 banks than for one of sixty: it shows a page of them.

A constant number of queries is not enough: one query may read everything. The rows that the driver hands over are
counted here, for each page that a supervisor or an administrator opens without naming more than a round.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assessments.models import Assessment, FilingVersion
from assessments.tests.reviews.world import World, build, person
from banks.models import Bank, FactEntry
from scorecard.access.roles import Role

pytestmark = pytest.mark.django_db
FEW = MORE = 60  # half of them drafts, half submitted: more than the 25 of a page

# What adds up or shows the whole round by its purpose, each with its reason.
WHOLE = {
    "round-aggregate": "sums over every bank of the round",
    "round-quadrant": "draws each of up to 60 banks; more are counted in cells by the job that keeps a round's figures",
    "round-workbook": "a file of every bank; beyond a thousand a worker writes it",
    "round-figures-file": "a file of every bank; beyond a thousand a worker writes it",
    "round-close": "says of each bank what stands against closing, and seals it",
    "round-carry": "seals what would be carried into each draft",
    "round-open": "seals which banks take part",
    "round-score": "seals what would be scored",
    "round-urge": "names the banks that are reminded",
}


def _more(model: type[Model], like: Model, **changed: Any) -> Any:
    values = {field.attname: getattr(like, field.attname) for field in model._meta.concrete_fields}
    values.pop(model._meta.pk.attname)
    return model(**values | changed)


def crowd(world: World, case: Assessment, count: int, begin: int) -> None:
    """So many banks more that take part, every second one with a draft, the others submitted, all with figures."""
    names = [f"{number:04d}" for number in range(begin, begin + count)]
    banks = Bank.objects.bulk_create(
        [
            _more(Bank, case.bank, code=f"CROWD{name}", name_zh=f"众银行{name}", name_en=f"Crowd {name}")
            for name in names
        ]
    )
    cases = Assessment.objects.bulk_create(
        [
            _more(Assessment, case, bank_id=bank.pk)
            if number % 2
            else Assessment(round=world.round, bank=bank, officer=world.officer)
            for number, bank in enumerate(banks)
        ]
    )
    entries = list(FactEntry.objects.filter(bank=case.bank))
    FactEntry.objects.bulk_create(
        [_more(FactEntry, entry, bank_id=bank.pk) for bank in banks for entry in entries if entry.revision == 1]
    )
    assert case.version is not None
    signed = [each for number, each in enumerate(cases) if number % 2]
    versions = FilingVersion.objects.bulk_create(
        [_more(FilingVersion, case.version, assessment_id=each.pk) for each in signed]
    )
    for each, version in zip(signed, versions, strict=True):
        each.version_id = version.pk
    Assessment.objects.bulk_update(signed, ["version"])


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """Counts the rows that the driver hands over."""
    counted, original = [0], CursorWrapper.__getattr__

    def getattribute(self: Any, name: str) -> Any:
        found = original(self, name)
        if name not in ("fetchmany", "fetchall"):
            return found

        def fetch(*args: Any, **kwargs: Any) -> Any:
            rows = found(*args, **kwargs)
            counted[0] += len(rows)
            return rows

        return fetch

    CursorWrapper.__getattr__ = getattribute  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        CursorWrapper.__getattr__ = original  # type: ignore[method-assign]


def pages(patterns: Any, prefix: str = "") -> Iterator[tuple[str, bool]]:
    """The names of all addresses that take nothing, or a round alone; True for the latter."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern) and pattern.name and pattern.name not in WHOLE:
            taken = list(pattern.pattern.converters)
            if not taken or (taken == ["pk"] and pattern.name.startswith("round-")):
                yield f"{prefix}{pattern.name}", bool(taken)


def measured(client: Client, world: World) -> dict[str, int]:
    found = {}
    for name, of_round in pages(get_resolver().url_patterns):
        url = reverse(name, args=[world.round.pk] if of_round else [])
        client.get(url)  # what is kept once for a process does not count
        with rows_read() as rows:
            answer = client.get(url)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        if answer.status_code == 200:
            found[name] = rows[0]
    return found


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.DECISION_MAKER, Role.ADMINISTRATOR, Role.AUDITOR])
def test_no_page_reads_more_when_there_are_more_banks(role: str, client: Client) -> None:
    world = build()
    case = world.submitted("FIRST")
    case.refresh_from_db()
    crowd(world, case, FEW, 0)
    client.force_login(person("looker", role))
    measured(client, world)  # fills the short lists of what was last read
    before = measured(client, world)
    crowd(world, case, MORE, FEW)
    after = measured(client, world)
    assert len(before) > 10
    grown = {name: (before[name], after[name]) for name in before if after.get(name, 0) > before[name]}
    assert not grown
