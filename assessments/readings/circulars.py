"""Circulars (通报) on a period: prepared from the standings, issued by a decision maker, sent to every expected bank
(``docs/readings.md``, Circular).
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.decisions.letters import target_words
from assessments.decisions.numbers import next_number
from assessments.models import Circular, CircularCopy, ReadingPeriod
from assessments.readings.city import city_standing
from assessments.readings.selectors import banks_of, get_period
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.shown import ShownItem, hold_to_seal, seal_content
from banks.models import User
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import READ_ROLES, Role
from scorecard.access.row_security import unbound
from scorecard.audit.services import canonical, record
from scorecard.inbox.services import tell_many

Json = dict[str, Any]
NUMBER = "普惠监测通〔{year}〕{n}号"
SENT = "assessments.circular_sent"
LEAST = 5  # banks that have filed, below which a copy holds neither the city nor counts
TEXT_LENGTH = 2000
NOT_FILED = "not_filed"


def visible_circulars(actor: User) -> QuerySet[Circular]:
    """The office's letters, for supervisors who read figures; the newest first."""
    rows = Circular.objects.select_related("period", "issued_by").order_by("-pk")
    return rows if actor.bank_id is None and actor.holds(*READ_ROLES) else rows.none()


def get_circular(actor: User, pk: int) -> Circular:
    """One of them, or 404."""
    found = visible_circulars(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible_copies(actor: User) -> QuerySet[CircularCopy]:
    """A bank's people see their own copies, supervisors who read figures all."""
    rows = CircularCopy.objects.select_related("bank").order_by("-pk")
    if actor.bank_id is not None:
        return rows.filter(bank=actor.bank_id)
    return rows if actor.holds(*READ_ROLES) else rows.none()


def get_copy(actor: User, pk: int) -> CircularCopy:
    """One copy, or 404: ``Hidden`` for another bank's."""
    found = visible_copies(actor).filter(pk=pk).first()
    if found is None:
        with unbound():
            other = CircularCopy.objects.filter(pk=pk).first()
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found


# --- What it says ----------------------------------------------------------------------------------------------------


def table_of(actor: User, period: ReadingPeriod) -> Json:
    """The rows, the city and the counts, as they stand now."""
    rulebook = engine_rulebook(period.rulebook)
    rows = []
    for bank in banks_of(actor, period):
        standing = bank.standing
        outcome = dict.fromkeys(rulebook.targets, NOT_FILED)
        if standing is not None:
            outcome = {id: _outcome(one["day"]) for id, one in standing["targets"].items() if id in outcome}
        rows.append(
            {
                "bank": {"code": bank.code, "zh": bank.name_zh, "en": bank.name_en or bank.name_zh},
                "id": bank.pk,
                "targets": outcome,
                "plan": standing["plan"]["share"] if standing is not None else None,
            }
        )
    city = city_standing(actor, period)
    filed = [row for row in rows if NOT_FILED not in row["targets"].values()]
    return {
        "targets": [
            {"id": id, "name": one.name.to_json(), "short": one.short.to_json()} for id, one in rulebook.targets.items()
        ],
        "rows": rows,
        "city": [target_words(rulebook, id, one["day"]) for id, one in city.content["targets"].items()] if city else [],
        "counts": {
            "banks": len(rows),
            "filed": len(filed),
            "met": {id: sum(row["targets"][id] == "met" for row in filed) for id in rulebook.targets},
        },
    }


def _outcome(day: Mapping[str, Any]) -> str:
    return "missed" if day["counts_as_missed"] else str(day["state"])


def earlier_circulars(period: ReadingPeriod) -> list[str]:
    """The numbers of those that have been issued on this period, the newest first."""
    return list(Circular.objects.filter(period=period).order_by("-pk").values_list("number", flat=True))


def circular_content(period: ReadingPeriod, table: Json) -> Iterator[ShownItem]:
    """What a decision maker signs: every row and the city, knowing of the circulars so far. A page that is sent a
    second time was made without the first, so it issues none."""
    yield ShownItem("earlier", _("Circulars on this period so far"), ", ".join(earlier_circulars(period)))
    for row in table["rows"]:
        said = " ".join(f"{id}={state}" for id, state in row["targets"].items())
        yield ShownItem(f"bank {row['bank']['code']}", row["bank"]["zh"], f"{said} plan={row['plan']}")
    for one in table["city"]:
        yield ShownItem(f"city {one['id']}", _("The city"), f"{one['left']} {one['right']} {one['state']}")


def shown_circular(period: ReadingPeriod, table: Json) -> str:
    """The seal of what the page of issuing shows."""
    return seal_content("circular", period.pk, circular_content(period, table))


@transaction.atomic
def issue_circular(*, actor: User, period_id: int, text: str, seen: str | None = None) -> Circular:
    """Issue the circular and every expected bank's copy; their people are told. Raises ``Stale`` where the table is
    not the one that was shown, ``Refused`` with every reason.
    """
    period = get_period(actor, period_id)
    text, now = text.strip(), timezone.now()
    list(ReadingPeriod.objects.select_for_update().filter(pk=period.pk).values_list("pk"))
    table: Json = table_of(actor, period) if actor.holds(*READ_ROLES) else {"counts": {"filed": 0}}
    reasons: list[Any] = []
    if not actor.holds(Role.DECISION_MAKER):
        reasons.append(_("Only a decision maker issues a circular."))
    if not table["counts"]["filed"]:
        reasons.append(_("No bank has filed yet; there is nothing to make known."))
    if len(text) > TEXT_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH})
    if reasons:
        raise Refused(reasons)
    if seen is not None:
        hold_to_seal("circular", period.pk, circular_content(period, table), seen)
    number = next_number(NUMBER, Circular.objects.all(), now)
    body: Json = _frame(period, text, now) | table
    circular = Circular.objects.create(
        period=period,
        number=number,
        body=body,
        digest=digest_of(number, body, now),
        issued_by=actor,
        issued_at=now,
    )
    copies = []
    for row in table["rows"]:
        own = own_body(body, row)
        copies.append(
            CircularCopy(
                circular=circular,
                bank_id=row["id"],
                number=number,
                body=own,
                digest=digest_of(number, own, now),
                issued_at=now,
            )
        )
    kept = CircularCopy.objects.bulk_create(copies, batch_size=500)
    tell_many([(SENT, f"circular:{one.pk}", now, one.bank_id, {"copy": one.pk, "number": number}) for one in kept])
    data = {"period": period.pk, "number": number, "digest": circular.digest, "banks": len(kept)}
    seals = [circular, *kept]
    record("assessments.circular.issued", actor=actor, target=circular, data=data, seals=seals)
    return circular


def _frame(period: ReadingPeriod, text: str, now: datetime) -> Json:
    rulebook = engine_rulebook(period.rulebook)
    return {
        "period": {"year": period.year, "month": period.month, "kind": period.kind, "ends": period.ends_on.isoformat()},
        "rulebook": {"title": rulebook.title.to_json(), "hash": period.rulebook.hash},
        "text": text,
        "at": now.isoformat(),
        "authority": {"zh": settings.AUTHORITY_NAME.strip(), "en": settings.AUTHORITY_NAME_EN.strip()},
        "copies": settings.LETTER_COPIES.strip(),
        "seal": settings.LETTER_SEAL.strip(),
    }


def own_body(body: Json, row: Json) -> Json:
    """What one bank reads: everything but the rows of the others, and neither sums nor counts of so few banks that
    they would tell of single ones.
    """
    enough = body["counts"]["filed"] >= LEAST
    city, counts = (body["city"], body["counts"]) if enough else ([], None)
    return {**body, "rows": [row], "city": city, "counts": counts, "bank": row["bank"]}


def digest_of(number: str, body: Json, at: datetime) -> str:
    """What stands on the letter beside its number: SHA-256 over all that it says."""
    told = {"number": number, "body": body, "issued_at": at.astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(canonical(told).encode()).hexdigest()


@transaction.atomic
def open_copy(*, actor: User, pk: int) -> CircularCopy:
    """A copy for whoever reads it; the first of the bank's people is written down."""
    found = get_copy(actor, pk)
    seals: list[Any] = []
    if actor.bank_id == found.bank_id and found.read_at is None:
        found = CircularCopy.objects.select_for_update(of=("self",)).select_related("bank").get(pk=pk)
        if found.read_at is None:
            found.read_by, found.read_at = actor, timezone.now()
            found.save(update_fields=["read_by", "read_at"])
            seals = [found]
    data = {"number": found.number}
    record("assessments.circular.read", actor=actor, target=found, bank_id=found.bank_id, data=data, seals=seals)
    return found
