"""Migrations that rename keep every row."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from assessments.models import EncodedFiling, Round
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
