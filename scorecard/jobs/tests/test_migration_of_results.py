"""Results of jobs that held addresses are read as ids."""

from importlib import import_module

import pytest
from django.apps import apps

from scorecard.jobs.models import Job

migration = import_module("scorecard.jobs.migrations.0003_ids_in_place_of_addresses")


@pytest.mark.django_db
def test_addresses_become_ids_and_every_row_stays() -> None:
    text = "甲银行：报送数据无法读取，未能计分。"
    before = [
        {"run": 4, "url": "/assessments/17/result/"},
        {"url": "/rounds/3/", "scored": 2, "failures": [{"text": text, "url": "/assessments/18/result/"}]},
        {"failures": [{"text": "第 7 行：代码重复"}]},
        {},
    ]
    jobs = [Job.objects.create(kind="test.kind", key=str(number), result=found) for number, found in enumerate(before)]
    migration.forwards(apps, None)
    migration.forwards(apps, None)  # what has been read once stays as it is
    assert [Job.objects.get(pk=job.pk).result for job in jobs] == [
        {"run": 4, "assessment": 17},
        {"scored": 2, "failures": [{"assessment": 18, "zh": "甲银行", "en": ""}]},
        {"failures": [{"text": "第 7 行：代码重复"}]},
        {},
    ]
