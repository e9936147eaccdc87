"""Migrations that rename keep every row, and those that read names out of the trail say what was said."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from assessments.models import Assessment, EncodedFiling, Round
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk.encoded import encode_missing
from assessments.tests.rounds.test_round_scoring import a_round
from banks.models import Bank, BankName
from banks.services.banks import change_bank


@pytest.mark.django_db(transaction=True)
def test_renamed_tables_and_names_out_of_the_trail_keep_every_row_there_and_back() -> None:
    """One way back and forth for all that a migration carries over: it costs a minute of processor."""
    round_, cases = a_round(3)
    encode_missing([case.version_id for case in cases], engine_rulebook(round_.rulebook))
    encoded = EncodedFiling.objects.order_by("version_id").values_list("version_id", "layout", "body")
    rows = [(version, layout, bytes(body)) for version, layout, body in encoded]
    assert len(rows) == 3
    renamed = Bank.objects.get(pk=cases[0].bank_id)
    old, old_category = renamed.name_zh, renamed.category
    Round.objects.filter(pk=round_.pk).update(state="closed", closed_at=timezone.now() - timedelta(days=400))
    change_bank(actor=None, bank=renamed, revision=renamed.revision, values={"name_zh": "改名", "category": "rural"})
    names = list(Bank.objects.order_by("pk").values_list("pk", "name_zh"))
    try:
        MigrationExecutor(connection).migrate([("assessments", "0005_draft_keys"), ("banks", "0003_names_by_pinyin")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT version_id, layout, body FROM assessments_packedversion ORDER BY version_id")
            assert [(version, layout, bytes(body)) for version, layout, body in cursor.fetchall()] == rows
            cursor.execute("SELECT id, name_zh FROM banks_bank ORDER BY id")
            assert cursor.fetchall() == names
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert [(version, layout, bytes(body)) for version, layout, body in encoded.all()] == rows
    assert Round.objects.count() == 1
    for pk, name in names:
        told = list(BankName.objects.filter(bank_id=pk).order_by("since", "pk").values_list("name_zh", "category"))
        category = Bank.objects.get(pk=pk).category
        assert told == ([(old, old_category), ("改名", "rural")] if pk == renamed.pk else [(name, category)])
    for case in Assessment.objects.filter(round=round_):
        assert case.kept_category
        assert case.kept_name_zh == (old if case.bank_id == renamed.pk else case.bank.name_zh)
