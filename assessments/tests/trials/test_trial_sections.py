"""Trials of the weights and limits of sections and of the total: on the form, in the reasons, in the draft."""

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from assessments.models import Assessment, Round, RulebookVersion, ScoreKind
from assessments.scoring.runs import score_version
from assessments.tests.filings.world import RULEBOOK
from assessments.tests.rounds.world import peer_round, published
from assessments.tests.trials.test_trials import client, finished, moved, start
from assessments.trials.services import build_draft
from banks.models import User
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.engine import load_rulebook

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return make_person(Role.CASE_OFFICER)


def weighted(version: str = "weighted", times: str = "0.5", ceiling: str = "14") -> RulebookVersion:
    """The small rulebook whose second section counts half, within a total of at most 14 points."""
    data: dict[str, Any] = json.loads(json.dumps(RULEBOOK))
    data["rulebook"] |= {"version": version, "total": {"min": "0", "max": ceiling, "ceiling": ceiling}}
    data["sections"]["B"] |= {"weight": times, "max": f"{Decimal(times) * 8:f}"}
    data["grades"][0]["min"] = "12"
    return published(data)


def a_round(*rates: str) -> Round:
    """A round under the weighted rulebook: 6 + 0.5 × (points of the rate + 4) + 4 points for each bank."""
    round_, cases = peer_round(*rates, book=weighted())
    for case in cases:
        version = Assessment.objects.get(pk=case.pk).version_id
        assert version is not None
        score_version(version_id=version, kind=ScoreKind.SYSTEM)
    round_.refresh_from_db()
    return round_


def test_the_form_offers_weights_and_limits_and_takes_another(officer: User) -> None:
    round_ = a_round("0.3", "0.8")
    browser = client(officer)
    page = browser.get(f"{reverse('trial-create')}?round={round_.pk}").content.decode()
    assert "板块与总分的权重和限制" in page and "B 推进情况" in page
    assert 'name="v-sections.B.weight"' in page and 'name="v-rulebook.total.ceiling"' in page
    sent = {"round": round_.pk, "rulebook": round_.rulebook_id, "name": "推进情况权重"}
    wrong = browser.post(reverse("trial-create"), sent | {"v-sections.B.weight": "半"})
    assert wrong.status_code == 422 and 'href="#id_sections-B-weight"' in wrong.content.decode()
    answer = browser.post(reverse("trial-create"), sent | {"v-sections.B.weight": "1"})
    assert answer.status_code == 302


def test_who_moves_is_told_with_the_weight_that_is_behind_it(officer: User) -> None:
    """6 + 0.5 × 4 + 4 = 12 becomes 6 + 4 + 4 = 14; 6 + 0.5 × 8 + 4 = 14 stays under the ceiling of 14."""
    round_ = a_round("0.3", "0.8")
    trial = finished(start(officer, round_, {"sections.B.weight": "1"}))
    (mover,) = moved(trial)
    assert (mover.before, mover.after, mover.change) == (12, 14, 2)
    (rest,) = mover.moves
    assert rest.kind == "rest" and rest.because == ("推进情况：权重（系数）：0.5 → 1",)
    lifted = finished(start(officer, round_, {"sections.B.weight": "1", "rulebook.total.ceiling": "18"}, "上限"))
    assert [(m.before, m.after) for m in moved(lifted)] == [(14, 18), (12, 14)]
    for mover in moved(lifted):
        (rest,) = mover.moves
        assert set(rest.because) == {"推进情况：权重（系数）：0.5 → 1", "总分：最高得分：14 → 18 分"}


def test_another_version_with_another_weight_is_the_reason(officer: User) -> None:
    round_ = a_round("0.3")
    other = weighted("heavier", "1", "18")
    trial = start(officer, round_)
    trial.rulebook = other
    trial.save(update_fields=["rulebook"])
    (mover,) = moved(finished(trial))
    assert mover.change == 2
    assert mover.moves[0].because == (
        "推进情况：heavier 版与 weighted 版不同",
        "总分：heavier 版与 weighted 版不同",
    )


def test_the_draft_writes_the_weight_down_as_a_proposal(officer: User, tmp_path: Path) -> None:
    trial = finished(start(officer, a_round("0.3"), {"sections.B.weight": "0.75", "rulebook.total.ceiling": "16"}))
    name, content = build_draft(actor=officer, trial_id=trial.pk)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    draft = load_rulebook(next(p for p in (tmp_path / "mini").iterdir()))
    section = draft.sections["B"]
    assert (section.weight, section.max, section.basis, draft.ceiling) == (Decimal("0.75"), 6, "proposed", 16)
    assert name.endswith(".zip")
