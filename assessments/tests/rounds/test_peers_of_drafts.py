"""A draft and a what-if compare with nobody: figures tried one after the other would find where each peer stands."""

import pytest

from assessments.filings.selectors import get_draft
from assessments.models import Assessment, PeerSnapshot
from assessments.scoring.runs import outcome_of
from assessments.scoring.what_if import try_facts
from banks.services.facts import record_facts

from .test_pages import score
from .world import peer_round

pytestmark = pytest.mark.django_db


def test_no_trial_of_figures_reads_the_frozen_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecard.jobs.services.publish", lambda *args, **kwargs: None)
    round_, cases = peer_round("0.6", "0.7", "0.8", "0.9", "0.95")
    score(round_)
    assert PeerSnapshot.objects.get().content
    case = Assessment.objects.select_related("bank", "round__rulebook", "system_run__version").get(pk=cases[1].pk)
    assert case.system_run is not None
    assert outcome_of(case.system_run)["indicators"]["B1"]["state"] == "scored"
    record_facts(actor=None, bank=case.bank, period="2017", values={"rate": ("value", "0.7")}, source="form")
    draft = get_draft(case)
    assert draft.result.indicators["B1"].state == "pending"
    found = [try_facts(draft, {"rate": text}).result.indicators["B1"] for text in ("55", "79.99", "80.01", "99")]
    assert {(each.state, each.points) for each in found} == {("pending", None)}
