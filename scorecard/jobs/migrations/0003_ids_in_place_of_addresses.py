"""Results of jobs name ids; the address of a page is made when somebody reads it."""

import re

from django.db import migrations

ASSESSMENT = re.compile(r"/assessments/(\d+)/")


def without_addresses(result):
    """The result with the ids that its addresses named; what did not succeed keeps the bank that its text began with."""
    kept = {name: value for name, value in result.items() if name != "url"}
    found = ASSESSMENT.search(str(result.get("url", "")))
    if found and "run" in result:
        kept["assessment"] = int(found[1])
    if "failures" in result:
        kept["failures"] = [_failure(item) for item in result["failures"]]
    return kept


def _failure(item):
    found = ASSESSMENT.search(str(item.get("url", "")))
    if found is None:
        return item
    return {"assessment": int(found[1]), "zh": re.split("[：:]", item.get("text", ""))[0], "en": ""}


def forwards(apps, schema_editor):
    jobs = apps.get_model("jobs", "Job").objects.exclude(result={}).order_by("pk")
    for job in jobs.only("result").iterator(chunk_size=500):
        changed = without_addresses(job.result)
        if changed != job.result:
            job.result = changed
            job.save(update_fields=["result"])


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_count_publications_and_sweeps")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)]
