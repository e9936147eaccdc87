"""What belongs to the file of a round or a bank: which rows of which tables."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from assessments.models import (
    Answer,
    Assessment,
    Comment,
    Evidence,
    FilingVersion,
    LiveMeasure,
    Measure,
    MeasureStep,
    MoneyClaim,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    Obligation,
    ObligationFiling,
    ParticipantChange,
    PeerSnapshot,
    Ranking,
    Rating,
    ReviewEntry,
    Round,
    RoundParameter,
    RulebookVersion,
    ScoreRun,
    StepRecord,
    TargetEntry,
)
from banks.models import Bank, BankName, FactEntry, User
from scorecard.audit.models import Event

#: Tables of a case, each with the way from its rows to the assessment.
OF_CASE: tuple[tuple[type[Model], str], ...] = (
    (FilingVersion, "assessment"),
    (Answer, "assessment"),
    (Evidence, "assessment"),
    (ScoreRun, "assessment"),
    (ReviewEntry, "assessment"),
    (TargetEntry, "version__assessment"),
    (Comment, "assessment"),
    (Rating, "assessment"),
    (Measure, "rating__assessment"),
    (Notice, "rating__assessment"),
    (Objection, "notice__rating__assessment"),
    (ObjectionGround, "objection__notice__rating__assessment"),
    (ObjectionLetter, "objection__notice__rating__assessment"),
    (LiveMeasure, "assessment"),
    (Obligation, "live__assessment"),
    (ObligationFiling, "obligation__live__assessment"),
    (MeasureStep, "live__assessment"),
    (StepRecord, "assessment"),
    (ParticipantChange, "assessment"),
    (Ranking, "assessment"),
)
#: What is the bank's own and in nobody else's hands: remarks inside it, what it has not lodged or filed, and files that
#: it took out of that.
OWN: dict[type[Model], Q] = {
    Comment: Q(inside=True),
    Objection: Q(lodged_at=None),
    ObjectionGround: Q(objection__lodged_at=None),
    ObligationFiling: Q(filed_at=None),
    Evidence: (
        Q(objection__isnull=False) & (Q(objection__lodged_at=None) | Q(withdrawn_at__isnull=False))
        | Q(obligation_filing__isnull=False) & (Q(obligation_filing__filed_at=None) | Q(withdrawn_at__isnull=False))
    ),
}
CHUNK = 500


@dataclass(frozen=True)
class Scope:
    """A round, a bank, or one bank in one round."""

    round_id: int | None
    bank_id: int | None

    def cases(self) -> QuerySet[Assessment]:
        """The cases of the file."""
        rows = Assessment.objects.order_by("pk")
        if self.round_id is not None:
            rows = rows.filter(round=self.round_id)
        return rows if self.bank_id is None else rows.filter(bank=self.bank_id)

    def tables(self) -> Iterator[QuerySet[Any]]:
        """The rows of every table, table by table."""
        cases = self.cases()
        rounds = Round.objects.filter(pk__in=cases.values("round"))
        if self.round_id is not None:
            rounds = Round.objects.filter(pk=self.round_id)
        banks = Bank.objects.filter(pk__in=cases.values("bank"))
        if self.bank_id is not None:
            banks = Bank.objects.filter(pk=self.bank_id)
        yield rounds.order_by("pk")
        yield RoundParameter.objects.filter(round__in=rounds).order_by("pk")
        yield PeerSnapshot.objects.filter(round__in=rounds).order_by("pk")
        yield RulebookVersion.objects.filter(pk__in=rounds.values("rulebook")).order_by("pk")
        yield banks.order_by("pk")
        yield BankName.objects.filter(bank__in=banks).order_by("pk")
        facts = FactEntry.objects.filter(bank__in=banks)
        if self.round_id is not None:
            facts = facts.filter(period__in=[str(round_.period) for round_ in rounds])
        yield facts.order_by("pk")
        yield cases
        for model, way in OF_CASE:
            yield given(model).filter(**{f"{way}__in": cases}).order_by("pk")
        if self.round_id is None:  # claims are of a year, and of no round
            yield MoneyClaim.objects.filter(bank__in=banks).order_by("pk")

    def events(self) -> Iterator[int]:
        """The numbers of the events of the file, in order: about its rows, and about its bank outside any round."""
        found: set[int] = set()
        for rows in self.tables():
            label = rows.model._meta.label_lower
            keys = [str(pk) for pk in rows.values_list("pk", flat=True)]
            for start in range(0, len(keys), CHUNK):
                about = Event.objects.filter(object_type=label, object_id__in=keys[start : start + CHUNK])
                found.update(about.values_list("seq", flat=True))
        if self.round_id is None:
            found.update(Event.objects.filter(bank_id=self.bank_id).values_list("seq", flat=True))
        yield from sorted(found)


def given(model: type[Model]) -> QuerySet[Any]:
    """The rows of a table that are not the bank's own."""
    rows = model._base_manager.all()
    return rows.exclude(pk__in=model._base_manager.filter(OWN[model]).values("pk")) if model in OWN else rows


def people(ids: set[int]) -> list[dict[str, Any]]:
    """The people whose numbers stand in the rows: name and bank, nothing else of them."""
    rows = User.objects.filter(Q(pk__in=ids)).order_by("pk")
    return [{"id": one.pk, "name": one.name, "bank": one.bank_id} for one in rows]


def plain_row(row: Model) -> dict[str, Any]:
    """A row as JSON: exact numbers as text, instants with their offset, bytes in Base64."""
    return {field.attname: _plain(field.value_from_object(row)) for field in row._meta.concrete_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat() if timezone.is_aware(value) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    return str(value)


def people_of(row: Model) -> set[int]:
    """The numbers of the people that a row names."""
    found = (field.value_from_object(row) for field in row._meta.concrete_fields if field.related_model is User)
    return {int(pk) for pk in found if pk is not None}
