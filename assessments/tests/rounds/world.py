"""Rounds, banks and people for tests of the rounds, made by the services that the product uses."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone

from assessments.models import (
    Assessment,
    Filing,
    FilingVersion,
    Notice,
    Rating,
    Review,
    Round,
    RulebookVersion,
    ScoreKind,
)
from assessments.rounds.services import create_round, open_round
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.filings.world import COMPLETE, RULEBOOK, publish
from banks.models import FactEntry, FactSource, User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.engine import rulebook_from_json


def administrator() -> User:
    """Somebody who runs rounds."""
    return make_person(Role.ADMINISTRATOR)


def values(**more: Any) -> dict[str, Any]:
    """A complete round for ``create_round``, its filing deadline ten days ahead."""
    now = timezone.now()
    given = {
        "code": "sh-2017",
        "year": 2017,
        "title_zh": "2017年度评价",
        "title_en": "Round of 2017",
        "rulebook": more.pop("rulebook", None) or publish(),
        "opens_at": now - timedelta(days=1),
        "filing_deadline": now + timedelta(days=10),
        "review_deadline": now + timedelta(days=40),
        "appeal_days": 15,
    }
    return given | more


def planned(**more: Any) -> Round:
    """A planned round."""
    return create_round(actor=None, **values(**more))


def at(round_: Round, moment: datetime) -> None:
    """Move a round's filing deadline to a moment, straight in the database, its other instants around it."""
    Round.objects.filter(pk=round_.pk).update(
        opens_at=moment - timedelta(days=30), filing_deadline=moment, review_deadline=moment + timedelta(days=60)
    )
    round_.refresh_from_db()


def submit(case: Assessment, *, history: dict[str, Any] | None = None, **facts: str) -> FilingVersion:
    """A frozen version of one bank's filing, put straight into the store as the workflow would leave it. What the
    supervisor supplies is given too, so that no points are awaited.
    """
    person = make_person()
    for fact in ("returns", "violations"):
        entry = {"bank": case.bank, "period": case.round.period, "fact": fact}
        if not FactEntry.objects.filter(**entry).exists():
            FactEntry.objects.create(**entry, revision=1, state="value", value="0", source=FactSource.SUPERVISOR)
    given = COMPLETE | facts
    version = FilingVersion.objects.create(
        assessment=case,
        number=case.versions.count() + 1,
        facts={fact: {"state": "value", "value": value} for fact, value in given.items()},
        history=history or {},
        bank_properties={"category": case.bank.category, "entity": case.bank.entity_kind, "differentiated": False},
        self_total="15.5",
        digest=sha256(f"{case.pk} {sorted(given.items())}".encode()).hexdigest(),
        prepared_by=person,
        checked_by=person,
        signed_by=person,
        submitted_at=timezone.now(),
    )
    case.version, case.filing_state, case.review_state = version, Filing.SUBMITTED, Review.WAITING
    case.system_run = case.reviewed_run = None
    case.save()
    return version


def peers_book(
    version: str = "peers",
    formula: str = "percentile(rate) if rate > line else 0 * rate",
    definitions: dict[str, Any] | None = None,
) -> RulebookVersion:
    """The small rulebook with points by the share of peers below, from a line on that the supervisor sets."""
    data: dict[str, Any] = json.loads(json.dumps(RULEBOOK))
    data["rulebook"]["version"] = version
    data["rulebook"]["peer_minimum"] = "2"  # the rounds of these tests are small
    data["parameters"] = {
        "line": {
            "label": {"zh": "界线", "en": "line"},
            "kind": "ratio",
            "default": "0.5",
            "source": "doc § 3",
            "basis": "reconstructed",
        }
    }
    data["definitions"] = {**data.get("definitions", {}), **(definitions or {})}
    data["indicators"]["B1"]["rule"] = {"kind": "formula", "x": formula, "unit": "%", "scale": "4"}
    return published(data)


def published(data: dict[str, Any]) -> RulebookVersion:
    """A rulebook out of its data, put straight into the store."""
    rulebook = rulebook_from_json(json.dumps(data, ensure_ascii=False))
    return RulebookVersion.objects.create(
        code=rulebook.code,
        version=rulebook.version,
        title_zh=rulebook.title.zh,
        title_en=rulebook.title.en,
        hash=rulebook.hash,
        content=rulebook.to_json(),
    )


def peer_round(*rates: str, book: RulebookVersion | None = None) -> tuple[Round, list[Assessment]]:
    """An open round whose banks, one a rate, are compared with each other; not scored yet."""
    forget()
    for _ in rates:
        make_bank(category="city")
    round_ = planned(rulebook=book or peers_book())
    open_round(actor=None, round_id=round_.pk)
    cases = list(Assessment.objects.select_related("bank").order_by("pk"))
    for case, rate in zip(cases, rates, strict=True):
        submit(case, rate=rate)
    return round_, cases


def rate(case: Assessment) -> Rating:
    """A proposed rating on the system score of a submission."""
    version = case.version or submit(case)
    run = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    case.rating = Rating.objects.create(
        assessment=case, run=run, points=run.total, grade_before=run.grade_before, grade_proposed=run.grade
    )
    Assessment.objects.filter(pk=case.pk).update(rating=case.rating)
    return case.rating


def notified(case: Assessment, appeal_until: datetime) -> Notice:
    """A notice on its way to the bank, with the end of its appeal period; the review state stays as it is."""
    state = case.review_state
    rating = rate(case)
    Assessment.objects.filter(pk=case.pk).update(review_state=state)
    return Notice.objects.create(
        rating=rating,
        number=f"n{case.pk}",
        issued_by=make_person(Role.DECISION_MAKER),
        issued_at=timezone.now(),
        appeal_until=appeal_until,
    )
