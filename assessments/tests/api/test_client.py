"""The client of docs/ files a whole assessment from a CSV, against a real server."""

import csv
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from assessments.models import FilingVersion, ScoreKind
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.api.world import machine, token_for
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.filings.world import PASSWORD, build


def the_client() -> Any:
    spec = importlib.util.spec_from_file_location("api_client", settings.BASE_DIR / "docs" / "api-client.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.django_db(transaction=True)
def test_a_whole_assessment_from_a_csv(
    live_server: Any, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    forget()
    world, client = build(), the_client()
    (tmp_path / "制度.pdf").write_bytes(PDF)
    rows = [
        ("facts/bal", "12000"), ("facts/bal_prev", "10000"), ("facts/rate", "55"), ("facts/policy", "2"),
        ("facts/flow", "promise;online"), ("answers/A1/narrative", "有模型。"), ("answers/A1/self_points", "4"),
        ("answers/A2/narrative", "限时。"), ("answers/A2/self_points", "4"), ("report", "一年来的工作。"),
        ("evidence/B1", "制度.pdf"),
    ]  # fmt: skip

    def write(more: list[tuple[str, str]]) -> str:
        path = tmp_path / "filing.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("field", "value"), *rows, *more])
        return str(path)

    tokens = {
        "SCORECARD_PREPARER": token_for(world.preparer),
        "SCORECARD_REVIEWER": token_for(world.reviewer),
        "SCORECARD_SIGNATORY": token_for(world.signatory),
    }
    for name, token in tokens.items():
        monkeypatch.setenv(name, token)
    asked = [live_server.url, str(world.assessment.pk)]
    assert client.main([*asked, write([("facts/bal", "zwölf")])]) == 2
    assert "/facts/bal" in capsys.readouterr().err
    assert client.main([*asked, write([])]) == 1, "own points are missing"
    missing = [line.split()[2] for line in capsys.readouterr().out.splitlines() if line.startswith("still open")]
    assert missing and all(field.startswith("/answers/") for field in missing)
    more = [(field.lstrip("/"), "0" if field.endswith("self_points") else "说明") for field in missing]

    def scored(machine: Any, assessment: int, seconds: int = 60) -> Any:
        score_version(version_id=FilingVersion.objects.get().pk, kind=ScoreKind.SYSTEM)  # no worker here
        return found(machine, assessment, seconds)

    found = client.wait_for_result
    monkeypatch.setattr(client, "wait_for_result", scored)
    assert client.main([*asked, write(more)], password=lambda: PASSWORD) == 0
    version = FilingVersion.objects.get()
    assert (version.prepared_by, version.signed_by) == (world.preparer, world.signatory)
    assert version.digest in capsys.readouterr().out
    assert len(version.evidence) == 1, "a file that is there is not sent again"
    assert machine(world.signatory).get(f"/assessments/{world.assessment.pk}/result").json()["state"] == "scored"
