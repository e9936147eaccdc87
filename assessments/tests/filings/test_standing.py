"""The bank's start page for every pair of states that a filing and its review can be in."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments.filings.standing import standing
from assessments.models import Assessment, Filing, Notice, Rating, Review, ScoreKind
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.filings.test_pages import at
from assessments.tests.filings.test_scoring import fill, submit
from assessments.tests.filings.world import World, build
from assessments.workflow import TRANSITIONS
from scorecard.links import Link

pytestmark = pytest.mark.django_db

PAIRS = sorted(
    {(row.filing[side], row.review[side] or row.review[0]) for row in TRANSITIONS.values() for side in (0, 1)},
    key=lambda pair: (list(Filing).index(pair[0]), list(Review).index(pair[1])),
)
TOLD = (Review.NOTIFIED, Review.ACKNOWLEDGED)


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    forget()
    return build()


def put(world: World, filing: str, review: str) -> Notice | None:
    """The assessment in a pair of states, with what the steps before it leave behind."""
    fill(world)
    reviewed = None
    if filing == Filing.NOT_FILED:
        Assessment.objects.filter(pk=world.assessment.pk).update(filing_state=filing)
    elif review != Review.NONE:
        version = submit(world)
        score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
        reviewed = score_version(version_id=version.pk, kind=ScoreKind.REVIEWED)
    notice = None
    if review in (Review.DECIDED, *TOLD):
        rating = Rating.objects.create(
            assessment=world.assessment,
            run=reviewed,
            points="19.37",
            grade_before="pass",
            grade_proposed="pass",
            grade="pass",
            reason="依据充分",
            decided_by=world.officer,
            decided_at=timezone.now(),
        )
        if review in TOLD:
            done = review == Review.ACKNOWLEDGED
            notice = Notice.objects.create(
                rating=rating,
                number="测评〔2018〕1号",
                body={"measures": [{}, {}]},
                issued_by=world.officer,
                issued_at=timezone.now(),
                appeal_until=timezone.now(),
                acknowledged_by=world.signatory if done else None,
                acknowledged_at=timezone.now() if done else None,
            )
        world.assessment.rating = rating
    Assessment.objects.filter(pk=world.assessment.pk).update(
        filing_state=filing, review_state=review, rating=world.assessment.rating
    )
    return notice


@pytest.mark.parametrize(("filing", "review"), PAIRS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_pair_of_states_has_its_sentence_score_step_and_links(
    world: World, filing: str, review: str, language: str
) -> None:
    notice = put(world, filing, review)
    answer = at(world.preparer, language).get(reverse("home"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("data-standing=") == 1 and f'data-standing="{filing} {review}"' in page
    assert answer.context["standing"].sentence in page
    assert answer.context["next"].title and answer.context["next"].text
    letter = reverse("notice-detail", args=[world.assessment.pk])
    assert ("19.37" in page) == (review in TOLD), "decided points stand once the notice is out, never before"
    assert (letter in page) == (review in TOLD)
    assert ('data-mark="total"' in page) == (review not in TOLD), "no provisional total beside a decided one"
    provisional = {"zh-hans": "预评得分", "en": "Provisional score"}[language]
    assert (provisional in page) == (review == Review.NONE)
    if review in TOLD:
        assert notice is not None and notice.number in page
        assert answer.context["standing"].decided.measures == 2
    if review == Review.ACKNOWLEDGED:
        assert answer.context["next"].link == Link("notice-detail", (world.assessment.pk,))


def test_what_happens_between_acceptance_and_notice_is_one_sentence(world: World) -> None:
    """The bank learns the inner steps of the review by nothing, not by a change of words either."""
    sentences = set()
    for review in (Review.FIRST, Review.SECOND, Review.DECISION, Review.DECIDED):
        case = Assessment(round=world.assessment.round, filing_state=Filing.SUBMITTED, review_state=review)
        sentences.add(standing(case, None).sentence)
    assert len(sentences) == 1
