"""The attack table of the data: who owns the database changes rows behind the product, and each row is named
(``docs/trail.md``)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from assessments import workflow
from assessments.models import (
    Assessment,
    Evidence,
    FilingVersion,
    Measure,
    Notice,
    Rating,
    ReviewEntry,
    RoundParameter,
    StepRecord,
)
from assessments.tests.reviews.world import World, build
from banks.models import Bank, FactEntry, RoleGrant
from scorecard.audit.comparison import compare, seal_unknown
from scorecard.audit.models import Event
from scorecard.audit.protection import all_protected
from scorecard.audit.seals import from_ranges
from scorecard.audit.tests.attacks import sql, without_triggers

pytestmark = pytest.mark.django_db


@dataclass
class Data:
    """A case with its notice, and what belongs to it."""

    world: World
    case: Assessment

    @property
    def rating(self) -> Rating:
        return Rating.objects.get(pk=self.case.rating_id or 0)

    @property
    def version(self) -> FilingVersion:
        return FilingVersion.objects.get(assessment=self.case)


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Data:
    """What the product wrote, and what the test's world wrote past it sealed once."""
    settings.MEDIA_ROOT = tmp_path
    world = build()
    case = world.notified("AAA")
    RoundParameter.objects.create(round=case.round, parameter="mean_rate", revision=1, value="0.05", source="notice")
    file = Evidence(
        assessment=case, indicator="a1", name="a.pdf", size=3, uploaded_by=world.people[case.bank_id]["preparer"],
        sha256="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", content_type="application/pdf",
    )  # fmt: skip
    file.file.save("a.pdf", ContentFile(b"abc"), save=False)
    file.save()
    assert {item.kind for item in compare()} == {"unknown"}, "what the services wrote is sealed"
    seal_unknown(None)
    assert list(compare()) == []
    return Data(world, case)


def _change(label: str, what: str, pk: Callable[[Data], int]) -> "Attack":
    def attack(data: Data) -> int:
        row, table = pk(data), label.replace(".", "_")
        without_triggers(table=table)
        sql(f"UPDATE {table} SET {what} WHERE id = %s", row)  # noqa: S608
        return row

    return label, "changed", attack


def _remove(label: str, pk: Callable[[Data], int]) -> "Attack":
    def attack(data: Data) -> int:
        row, table = pk(data), label.replace(".", "_")
        without_triggers(table=table)
        sql(f"DELETE FROM {table} WHERE id = %s", row)  # noqa: S608
        return row

    return label, "missing", attack


def _file(data: Data) -> int:
    row = Evidence.objects.get()
    Path(row.file.path).write_bytes(b"another")
    return row.pk


def _no_file(data: Data) -> int:
    row = Evidence.objects.get()
    Path(row.file.path).unlink()
    return row.pk


def _grant(data: Data) -> int:
    return RoleGrant.objects.create(user=data.world.officer, role="decision_maker").pk


def _submitted(data: Data) -> int:
    version = data.version
    without_triggers(table="assessments_filingversion")
    changed = FilingVersion.objects.get(pk=version.pk)
    changed.facts = {**changed.facts, next(iter(changed.facts)): {"state": "value", "value": "999999"}}
    FilingVersion.objects.filter(pk=version.pk).update(facts=changed.facts)
    return version.pk


def _letter(data: Data) -> int:
    notice = Notice.objects.get()
    without_triggers(table="assessments_notice")
    Notice.objects.filter(pk=notice.pk).update(body={**notice.body, "reason": "another"})
    return notice.pk


def _rating(data: Data) -> int:
    return data.rating.pk


def _notice(_data: Data) -> int:
    return Notice.objects.get().pk


def _case(data: Data) -> int:
    return data.case.pk


def _run(data: Data) -> int:
    return data.rating.run_id


def _parameter(_data: Data) -> int:
    return RoundParameter.objects.get().pk


def _grant_of_second(data: Data) -> int:
    return RoleGrant.objects.get(user=data.world.second).pk


def _first(model: type[Model]) -> Callable[[Data], int]:
    return lambda data: model._base_manager.order_by("pk").values_list("pk", flat=True)[0]


Attack = tuple[str, str, Callable[[Data], int]]  # the model, how a row of it is told, what is done
POSTGRES = connection.vendor == "postgresql"
LAST_PERSON = "(SELECT max(id) FROM banks_user)"
LONG_AGO = "'2020-01-01 00:00:00+00'"
ATTACKS: dict[str, Attack] = {
    "decided grade": _change("assessments.rating", "grade = '优秀'", _rating),
    "reason of the decision": _change("assessments.rating", "reason = 'x'", _rating),
    "who decided": _change("assessments.rating", f"decided_by_id = {LAST_PERSON}", _rating),
    "letter": ("assessments.notice", "changed", _letter),
    "number of the letter": _change("assessments.notice", "number = 'x'", _notice),
    "last day for an appeal": _change("assessments.notice", f"appeal_until = {LONG_AGO}", _notice),
    "receipt that never was": _change("assessments.notice", f"acknowledged_at = {LONG_AGO}", _notice),
    "notice removed": _remove("assessments.notice", _notice),
    "submitted figures": ("assessments.filingversion", "changed", _submitted),
    "time of the submission": _change(
        "assessments.filingversion", f"submitted_at = {LONG_AGO}", lambda data: data.version.pk
    ),
    "total of a score": _change("assessments.scorerun", "total = '99'", _run),
    "array of a score": _change("assessments.scorerun", '"array" = ' + ("'\\x00'" if POSTGRES else "x'00'"), _run),
    "inputs of a score": _change("assessments.scorerun", "inputs = '{}'", _run),
    "state of a case": _change("assessments.assessment", "review_state = 'decided'", _case),
    "own deadline": _change("assessments.assessment", f"due_at = {LONG_AGO}", _case),
    "reviewer's points": _change("assessments.reviewentry", "points = '5', reason = 'x'", _first(ReviewEntry)),
    "who took a step": _change(
        "assessments.steprecord", "actor_id = (SELECT max(id) FROM banks_user)", _first(StepRecord)
    ),
    "declined measure": _change("assessments.measure", "state = 'accepted'", _first(Measure)),
    "deadline of the round": _change(
        "assessments.round", "filing_deadline = '2026-12-01 00:00:00+00'", lambda data: data.case.round_id
    ),
    "value of the year": _change("assessments.roundparameter", "value = '0.9'", _parameter),
    "value of the year removed": _remove("assessments.roundparameter", _parameter),
    "rulebook": _change("assessments.rulebookversion", "content = '{}'", lambda data: data.case.round.rulebook_id),
    "category in the register": _change("banks.bank", "category = 'rural'", lambda data: data.case.bank_id),
    "role granted": ("banks.rolegrant", "unknown", _grant),
    "role changed": _change("banks.rolegrant", "role = 'administrator'", _grant_of_second),
    "role taken away": _remove("banks.rolegrant", _grant_of_second),
    "name of a person": _change("banks.user", "name = 'x'", lambda data: data.world.officer.pk),
    "person made inactive": _change(
        "banks.user", "is_active = " + ("false" if POSTGRES else "0"), lambda data: data.world.officer.pk
    ),
    "digest of a file": _change("assessments.evidence", "sha256 = ''", _first(Evidence)),
    "file on the disk": ("assessments.evidence", "file", _file),
    "file removed from the disk": ("assessments.evidence", "no_file", _no_file),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_data_is_named(data: Data, name: str) -> None:
    label, kind, attack = ATTACKS[name]
    row = attack(data)
    assert (label, kind) in {(item.label, item.kind) for item in compare() if _within(row, item.rows)}
    with pytest.raises(CommandError):
        call_command("verify_data")


def _within(row: int, ranges: str) -> bool:
    return any(first <= row <= last for first, last in from_ranges(ranges))


def test_figures_that_share_a_seal(data: Data) -> None:
    entries = list(FactEntry.objects.order_by("pk").values_list("pk", flat=True))
    without_triggers(table="banks_factentry")
    sql("UPDATE banks_factentry SET value = '1' WHERE id = %s", entries[1])
    (found,) = compare()
    assert (found.label, found.kind) == ("banks.factentry", "changed") and _within(entries[1], found.rows)
    sql("DELETE FROM banks_factentry WHERE id = %s", entries[1])
    (found,) = compare()
    assert found.kind == "missing"


def test_the_database_refuses_changes_of_append_only_tables(data: Data) -> None:
    if POSTGRES:
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    for one in all_protected().values():
        table = one.model._meta.db_table
        if not one.append_only or not one.model._base_manager.exists():
            continue
        fixed = next(field.column for field in one.model._meta.local_concrete_fields if field.name not in one.but)
        statements = [f'UPDATE {table} SET "{fixed}" = "{fixed}"', f"DELETE FROM {table}"]  # noqa: S608
        if connection.vendor == "postgresql":
            statements.append(f"TRUNCATE {table} CASCADE")
        else:
            statements.append(f"REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608
        for statement in statements:
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                sql(statement)


def test_an_undecided_rating_may_go_and_leaves_no_difference(data: Data) -> None:
    world = data.world
    case = world.for_decision("BBB")
    seal_unknown(None)
    workflow.perform("send_back_undecided", actor=world.decider, assessment_id=case.pk, reason="请复核。")
    assert not Rating.objects.filter(assessment=case).exists()
    assert list(compare()) == []


def test_a_missing_trigger_is_named(data: Data, capsys: Any) -> None:
    call_command("verify_data")
    without_triggers(table="assessments_notice")
    with pytest.raises(CommandError):
        call_command("verify_data")
    assert "assessments_notice_no_update" in capsys.readouterr().err


def test_what_was_sealed_late_stands_in_the_trail(data: Data) -> None:
    before = Event.objects.filter(event="audit.data.sealed").count()
    Bank.objects.create(
        code="LATE", name_zh="补录银行", category="city", entity_kind="legal_entity", active_from="2000-01-01"
    )
    assert [item.kind for item in compare()] == ["unknown"]
    assert seal_unknown(data.world.auditor) == 1
    assert Event.objects.filter(event="audit.data.sealed").count() == before + 1
    assert list(compare()) == []


# Fields of sealed models that no seal covers: caches, counts, sort keys, and what the person or the sign-in changes.
NOT_SEALED = {
    "banks.bank": {"created_at", "name_initials", "name_sort", "revision", "updated_at"},
    "banks.bankname": {"recorded_at"},
    "banks.user": {
        "created_at", "language", "last_login", "must_change_password", "name_initials", "name_sort", "password",
    },
    "assessments.round": {"created_at", "created_by", "revision"},
    "assessments.assessment": {
        "created_at", "kept_name_sort", "reviewed_run", "revision", "saved_at", "saved_by", "system_run", "touched",
        "sections_used",  # follows from the rows of sections, which are sealed
        *("second_reviewer", "decision_maker"),  # follow from the records of steps (``handed_to``), which are sealed
        "kept_within_head",  # came when rounds had closed under seals without it; the ranks that follow are sealed
    },
    "assessments.scorerun": {"created_at", "job", "stored", "total_sort"},
    "assessments.rating": {"proposed_at"},
    # The digest of what is filed for an obligation covers its files, and is sealed with it.
    # ``scan`` is set when a content is first checked, which may be after the file was filed and sealed.
    "assessments.evidence": {"members", "obligation_filing", "scan"},
    "assessments.apitoken": {"last_used", "used", "window"},
    # The secret is encrypted anew at each use, so that a new key of the application reaches it.
    "identity.factor": {"counter", "last_step", "secret", "used_at"},
}  # fmt: skip


def test_every_field_is_sealed_or_named_as_one_that_is_not() -> None:
    for one in all_protected().values():
        if one.sealed:
            fields = {field.name for field in one.model._meta.local_concrete_fields} - {"id"}
            assert fields - set(one.sealed) == NOT_SEALED.get(one.label, set()), one.label
