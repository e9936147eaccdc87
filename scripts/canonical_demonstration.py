"""The demonstration's part of the canonical results: its rounds, and the status code of every page for every role.

The demonstration is built in a data folder of its own, at a moment that stands still. Which object a page is asked for
is said where the permission matrix says it (`scorecard.tests.matrix_world`); here the objects are the demonstration's.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from canonical_compare import digest

MOMENT = datetime(2018, 9, 3, 2, 0, tzinfo=UTC)  # a Monday after the second quarter, whose readings it tells
PEOPLE = (
    *("anonymous", "preparer", "reviewer", "signatory", "foreign preparer", "foreign signatory"),
    *("officer1", "officer2", "second1", "decider", "admin", "auditor"),
)
FOREIGN = ("DC01", "DC02")  # whose people are foreign: the second's where the object is the first's


def run() -> dict[str, Any]:
    """Build the demonstration and return what is stored of it."""
    with tempfile.TemporaryDirectory(prefix="canonical-") as folder:
        os.environ["SCORECARD_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "scorecard.settings.test"
        os.environ["DEMO"] = "1"
        os.environ.setdefault("LOG_LEVEL", "CRITICAL")
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command
        from django.db import connections
        from django.utils import timezone

        django.setup()
        call_command("migrate", verbosity=0)
        with patch.object(timezone, "now", lambda: MOMENT), open(os.devnull, "w") as silence:  # noqa: PTH123
            call_command("demo", stdout=silence)
            call_command("load_report", "fixtures/report_2017", stdout=silence)
            found = {"rounds": rounds(), "status_codes": status_codes()}
        connections.close_all()
        return found


# --- Rounds ----------------------------------------------------------------------------------------------------------
def rounds() -> dict[str, Any]:
    """Each round with what every bank got in it, its ranks and its statistics."""
    from assessments.models import PeerSnapshot, Round, RoundSnapshot, Trial

    found: dict[str, Any] = {}
    for row in Round.objects.order_by("code"):
        banks = row.assessments.select_related("bank").order_by("bank__code")
        found[row.code] = {
            "state": row.state,
            "rulebook": row.rulebook.hash,
            "banks": {each.bank.code: _assessment(each) for each in banks},
            "statistics": [digest(each.content) for each in RoundSnapshot.objects.filter(round=row).order_by("pk")],
            "peers": [digest(each.content) for each in PeerSnapshot.objects.filter(round=row).order_by("pk")],
            "trials": [digest(_trial(each)) for each in Trial.objects.filter(round=row).order_by("pk")],
        }
    return found


def _trial(row: Any) -> Any:
    return [row.name, row.overlay, row.result, row.scored, row.moved, row.regraded]


def _assessment(row: Any) -> Any:
    from assessments.models import Rating

    rating = Rating.objects.filter(assessment=row).first()
    return {
        "filing": row.filing_state,
        "review": row.review_state,
        "versions": [[each.number, each.self_total, each.digest] for each in row.versions.order_by("number")],
        "runs": [_score(each) for each in row.runs.order_by("pk")],
        "ranks": [[each.category, each.rank, each.of, each.percentile] for each in row.rankings.order_by("pk")],
        "rating": rating and _rating(rating),
    }


def _score(row: Any) -> Any:
    from assessments.scoring.runs import outcome_of

    outcome = {key: value for key, value in outcome_of(row).items() if key != "engine_version"}
    return {
        "version": row.version.number,
        "kind": row.kind,
        "total": row.total,
        "pending": row.pending,
        "grade": [row.grade_before, row.grade],
        "targets": row.targets,
        "outcome": digest(outcome),
        "inputs": digest(row.inputs),
        "array": digest(bytes(row.array).hex()),
    }


def _rating(row: Any) -> Any:
    measures = [
        [each.code, each.tool, each.state, digest(each.proposal), each.options, each.content, each.reason]
        for each in row.measures.order_by("pk")
    ]
    return {
        "points": row.points,
        "grade": [row.grade_before, row.grade_proposed, row.grade],
        "adjustment": [row.adjustment_proposed, row.adjustment],
        "reason": row.reason,
        "measures": measures,
    }


# --- Status codes ----------------------------------------------------------------------------------------------------
def status_codes() -> dict[str, Any]:
    """URL name → object → the status code for each of the people, in their order."""
    from django.core.exceptions import ObjectDoesNotExist
    from django.urls import get_resolver, reverse

    from scorecard.tests.matrix_world import OBJECTS, SHARED
    from scorecard.tests.test_permission_matrix import _names

    found: dict[str, Any] = {"people": list(PEOPLE), "pages": {}}
    worlds = list(_worlds())
    for name in sorted(set(_names(get_resolver().url_patterns))):
        factory = OBJECTS.get(name) or SHARED.get(name)
        pages = found["pages"][name] = {}
        for label, world, side, people in worlds if factory else worlds[:1]:
            try:
                url = reverse(name, kwargs=factory(world, side) if factory else None)
            except (AttributeError, IndexError, LookupError, ValueError, ObjectDoesNotExist):
                continue  # the demonstration has no such object there
            pages[label if factory else "-"] = " ".join(_code(url, person) for person in people)
    return found


def _code(url: str, person: Any) -> str:
    """The status code of one GET; ``login`` is the way to the sign-in page. What it wrote is taken back."""
    from django.db import transaction
    from django.test import Client
    from django.urls import reverse

    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if person is not None:
            client.force_login(person)
        answer = client.get(url)
        if answer.streaming:
            b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        transaction.set_rollback(True)
    to_login = answer.status_code == 302 and answer["Location"].startswith(reverse("login") + "?")
    return "login" if to_login else str(answer.status_code)


def _worlds() -> Iterator[tuple[str, Any, Any, list[Any]]]:
    """One world for each stage that the demonstration shows in each round: its label, the world, the side, people."""
    from types import SimpleNamespace

    from assessments.models import Assessment, Round, RulebookVersion, Trial
    from scorecard.figures.models import Figure, Load
    from scorecard.jobs.models import Job

    schemes = list(RulebookVersion.objects.filter(code__startswith="money-").order_by("code", "version"))
    figures = list(Figure.objects.order_by("position"))
    seen: set[tuple[int, str, str]] = set()
    rows = Assessment.objects.select_related("round__rulebook", "bank").order_by("round__code", "bank__code")
    for row in rows:
        stage = (row.round_id, row.filing_state, row.review_state)
        if stage in seen:
            continue
        place = len(seen)
        seen.add(stage)
        world = SimpleNamespace(
            planned=row.round,
            open_round=row.round,
            yearly=row.round,
            rulebook=row.round.rulebook,
            figure=figures[place * 7 % len(figures)],
            load=Load.objects.first(),
            trial=Trial.objects.order_by("pk").first(),
            scheme=schemes[place % len(schemes)],
        )
        people = _people(row.bank.code)
        evidence, remark = row.evidence.order_by("pk").first(), row.comments.order_by("pk").first()
        side = SimpleNamespace(
            **dict.fromkeys(("draft", "first", "second", "decision", "notified"), row),
            bank=row.bank,
            people={"preparer": people[1]},
            evidence=evidence,
            draft_evidence=evidence,
            remark=remark,
            draft_remark=remark,
            job=Job.objects.filter(bank_id=row.bank_id).order_by("pk").first() or Job.objects.order_by("pk").first(),
        )
        yield f"{row.round.code} {row.bank.code} {row.filing_state}/{row.review_state}", world, side, people
    if not Round.objects.exists():
        raise ValueError("The demonstration has no round.")


def _people(bank: str) -> list[Any]:
    from banks.models import User

    foreign = next(code for code in FOREIGN if code != bank).lower()
    found: list[Any] = []
    for who in PEOPLE:
        if who == "anonymous":
            found.append(None)
            continue
        own = {"preparer": bank, "reviewer": bank, "signatory": bank}
        name = f"{own[who].lower()}-{who}" if who in own else who.replace("foreign ", f"{foreign}-")
        found.append(User.objects.get(username=name))
    return found
