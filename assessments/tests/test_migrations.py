"""Migrations that rename keep every row."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from assessments.models import Assessment, EncodedFiling, Round
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk.encoded import encode_missing
from assessments.tests.rounds.test_round_scoring import a_round


@pytest.mark.django_db(transaction=True)
def test_encoded_filings_keep_every_row_there_and_back() -> None:
    round_, cases = a_round(3)
    encode_missing([case.version_id for case in cases], engine_rulebook(round_.rulebook))
    rows = list(EncodedFiling.objects.order_by("pk").values_list("version_id", "layout", "body"))
    rows = [(version, layout, bytes(body)) for version, layout, body in rows]
    assert len(rows) == 3
    try:
        MigrationExecutor(connection).migrate([("assessments", "0005_draft_keys")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT version_id, layout, body FROM assessments_packedversion ORDER BY version_id")
            assert [(version, layout, bytes(body)) for version, layout, body in cursor.fetchall()] == rows
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    found = EncodedFiling.objects.order_by("pk").values_list("version_id", "layout", "body")
    assert [(version, layout, bytes(body)) for version, layout, body in found] == rows
    assert Round.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_names_out_of_the_trail_keep_every_row_and_closed_rounds_say_what_they_said() -> None:
    from banks.models import Bank, BankName
    from banks.services.banks import change_bank

    round_, cases = a_round(2)
    renamed = Bank.objects.get(pk=cases[0].bank_id)
    old, old_category = renamed.name_zh, renamed.category
    before = list(Bank.objects.order_by("pk").values_list("pk", "name_zh"))
    Round.objects.filter(pk=round_.pk).update(state="closed", closed_at=timezone.now() - timedelta(days=400))
    try:
        MigrationExecutor(connection).migrate(
            [("assessments", "0006_encoded_filings"), ("banks", "0003_names_by_pinyin")]
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, name_zh FROM banks_bank ORDER BY id")
            assert cursor.fetchall() == before
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert BankName.objects.count() == len(before)
    change_bank(actor=None, bank=renamed, revision=renamed.revision, values={"name_zh": "改名", "category": "rural"})
    try:
        MigrationExecutor(connection).migrate(
            [("assessments", "0006_encoded_filings"), ("banks", "0003_names_by_pinyin")]
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    rows = list(BankName.objects.filter(bank=renamed).order_by("since", "pk").values_list("name_zh", "category"))
    assert rows == [(old, old_category), ("改名", "rural")]
    for case in Assessment.objects.filter(round=round_):
        assert case.kept_category
        assert case.kept_name_zh == (old if case.bank_id == renamed.pk else case.bank.name_zh)
