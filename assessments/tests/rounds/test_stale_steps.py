"""Opening, closing, scoring and publishing hold to what their page showed: a page of before does nothing."""

import copy
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.models import Assessment, Review, Round, RoundState, RulebookVersion
from assessments.rounds.services import open_round
from assessments.tests.filings.world import RULEBOOK
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.jobs.models import Job

from .world import at, planned, submit

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_person(role))
    client.cookies["django_language"] = "zh-hans"
    return client


def seal(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found, "the page seals what it shows"
    return found[1]


def differences(page: str) -> str:
    return page.split('id="differences"')[1].split("</table>")[0]


def twice(client: Client, url: str, change: Any, **data: str) -> tuple[str, Any]:
    """Open the page, let something change, send the page of before, then the page that shows the difference."""
    before = seal(client.get(url, data if "rulebook" in data else None).content.decode())
    change()
    answer = client.post(url, data | {"seen": before})
    assert answer.status_code == 409
    page = answer.content.decode()
    shown = differences(page)
    return shown, lambda: client.post(url, data | {"seen": seal(page)})


def test_a_round_does_not_open_for_other_banks_than_were_listed() -> None:
    make_bank()
    round_ = planned()
    late: list[Any] = []
    shown, again = twice(
        signed_in(Role.ADMINISTRATOR),
        reverse("round-open", args=[round_.pk]),
        lambda: late.append(make_bank(name_zh="迟到银行")),
    )
    assert "迟到银行" in shown
    round_.refresh_from_db()
    assert round_.state == RoundState.PLANNED and not round_.assessments.exists()
    assert again().status_code == 302
    round_.refresh_from_db()
    assert round_.state == RoundState.OPEN and round_.assessments.count() == 2


def test_a_round_does_not_open_with_another_deadline_than_was_shown() -> None:
    make_bank()
    round_ = planned()
    moved = round_.filing_deadline + timedelta(days=3)
    shown, _again = twice(
        signed_in(Role.ADMINISTRATOR),
        reverse("round-open", args=[round_.pk]),
        lambda: Round.objects.filter(pk=round_.pk).update(filing_deadline=moved),
    )
    assert f"{timezone.localtime(moved):%Y-%m-%d %H:%M}" in shown


def opened(count: int = 2) -> Round:
    for _number in range(count):
        make_bank()
    return open_round(actor=None, round_id=planned().pk)


def test_a_round_does_not_close_over_a_case_that_moved() -> None:
    round_ = opened()
    at(round_, timezone.now() - timedelta(days=1))
    case = round_.assessments.select_related("bank").first()
    assert case is not None
    shown, again = twice(
        signed_in(Role.ADMINISTRATOR),
        reverse("round-close", args=[round_.pk]),
        lambda: Assessment.objects.filter(pk=case.pk).update(
            filing_state="submitted", review_state=Review.ACKNOWLEDGED
        ),
        reason="其余未报送。",
    )
    assert case.bank.name_zh in shown and str(Review.ACKNOWLEDGED.label) in shown
    round_.refresh_from_db()
    assert round_.state == RoundState.OPEN
    assert again().status_code == 302
    round_.refresh_from_db()
    assert round_.state == RoundState.CLOSED


def test_scoring_does_not_start_over_another_version_than_was_counted() -> None:
    round_ = opened()
    first, second = round_.assessments.select_related("bank").order_by("pk")
    submit(first)
    shown, again = twice(
        signed_in(Role.SECOND_REVIEWER), reverse("round-score", args=[round_.pk]), lambda: submit(second)
    )
    assert second.bank.name_zh in shown and first.bank.name_zh not in shown
    assert not Job.objects.filter(kind="assessments.score_round").exists()
    assert again().status_code == 302
    assert Job.objects.filter(kind="assessments.score_round").count() == 1


def test_what_is_published_is_what_was_checked(tmp_path: Path, settings: Any) -> None:
    settings.RULEBOOK_DIR = tmp_path
    folder = tmp_path / "mini" / "1"
    folder.mkdir(parents=True)

    def write(data: Any) -> None:
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        (folder / "rulebook.yaml").write_text(text, encoding="utf-8")

    checked = copy.deepcopy(RULEBOOK)
    checked["facts"].pop("note")
    write(checked)
    changed = copy.deepcopy(checked)
    name = next(iter(changed["indicators"]))
    changed["indicators"][name]["name"]["zh"] = "换过的指标"
    shown, again = twice(
        signed_in(Role.ADMINISTRATOR), reverse("rulebook-publish"), lambda: write(changed), rulebook="mini/1"
    )
    assert "换过的指标" in shown and name in shown
    assert not RulebookVersion.objects.exists()
    assert again().status_code == 302
    assert "换过的指标" in RulebookVersion.objects.get().content


@pytest.mark.parametrize("seen", ["", "x", "eyJh:1:abc"])
def test_a_page_without_a_readable_seal_opens_nothing(seen: str) -> None:
    make_bank()
    round_ = planned()
    url = reverse("round-open", args=[round_.pk])
    assert signed_in(Role.ADMINISTRATOR).post(url, {"seen": seen}).status_code == 409
    round_.refresh_from_db()
    assert round_.state == RoundState.PLANNED


def test_the_seal_of_one_round_or_step_is_none_of_another() -> None:
    make_bank()
    one, other = planned(code="one"), planned(code="two", year=2016)
    client = signed_in(Role.ADMINISTRATOR)
    held = seal(client.get(reverse("round-open", args=[one.pk])).content.decode())
    assert client.post(reverse("round-open", args=[other.pk]), {"seen": held}).status_code == 409
    assert client.post(reverse("round-open", args=[one.pk]), {"seen": held}).status_code == 302
    assert client.post(reverse("round-close", args=[one.pk]), {"seen": held, "reason": "x"}).status_code == 409
