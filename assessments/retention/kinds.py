"""The kinds of data that are removed after a while, and how. Whatever is not named here is kept for ever."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from assessments.models import Evidence, LegalHold, RoundState, WorkbookUpload
from scorecard.audit.models import Event
from scorecard.audit.services import record
from scorecard.jobs.models import Job, JobState

DESTROYED = "assessments.evidence.destroyed"
BATCH = 500


@dataclass(frozen=True)
class Kind:
    """One kind: its name, what it is in words, the setting with its days (0: for ever), and what removes it.

    ``remove`` takes the moment before which something is too old, and returns how many went.
    """

    name: str
    title: Any
    setting: str
    counted_from: Any
    remove: Callable[[datetime], int]

    @property
    def days(self) -> int:
        """For how many days it is kept; 0: for ever."""
        return int(getattr(settings, self.setting))

    def limit(self, now: datetime) -> datetime | None:
        """What is older than this goes; None where nothing does."""
        return now - timedelta(days=self.days) if self.days else None


def not_held(rows: QuerySet[Any], way: str = "assessment") -> QuerySet[Any]:
    """The rows whose round and bank no hold names."""
    of_round, of_bank = OuterRef(f"{way}__round"), OuterRef(f"{way}__bank")
    standing = LegalHold.objects.filter(lifted_at__isnull=True).filter(
        Q(round=of_round, bank=None) | Q(round=None, bank=of_bank) | Q(round=of_round, bank=of_bank)
    )
    return rows.filter(~Exists(standing))


def _evidence(limit: datetime) -> int:
    """Remove the content of evidence of closed rounds. The row stays with name, size and SHA-256; an event tells which
    went, case by case, so that verification knows them from files that somebody removed."""
    rows = not_held(
        Evidence.objects.filter(assessment__round__state=RoundState.CLOSED, assessment__round__closed_at__lt=limit)
        # What is filed under a measure comes after the closing of its round, and is as old as its own day.
        .exclude(obligation_filing__isnull=False, uploaded_at__gte=limit)
    )
    gone = destroyed()
    cases: dict[int, list[Evidence]] = {}
    for row in rows.select_related("assessment").order_by("assessment", "pk").iterator(chunk_size=BATCH):
        if row.pk not in gone:
            cases.setdefault(row.assessment_id, []).append(row)
        else:  # nothing where it is gone; else what a process has left that died between its event and this
            row.file.storage.delete(str(row.file.name))
    for files in cases.values():
        with transaction.atomic():
            case = files[0].assessment
            data = {"rows": [row.pk for row in files], "sha256": [row.sha256 for row in files]}
            record(DESTROYED, actor=None, target=case, bank_id=case.bank_id, data=data)
        for row in files:  # after the commit: a file without its row's event would be a break
            row.file.storage.delete(str(row.file.name))
    return sum(map(len, cases.values()))


def destroyed() -> set[int]:
    """The numbers of the evidence whose content was removed."""
    import json

    texts = Event.objects.filter(event=DESTROYED).values_list("data", flat=True)
    return {pk for text in texts for pk in json.loads(text)["rows"]}


def _workbooks(limit: datetime) -> int:
    """Drop the content of uploaded workbooks of closed rounds; what they filled in stands in the answers."""
    rows = not_held(
        WorkbookUpload.objects.filter(
            content__isnull=False, assessment__round__state=RoundState.CLOSED, assessment__round__closed_at__lt=limit
        )
    )
    return rows.update(content=None)


def _jobs(limit: datetime) -> int:
    """Remove ended background work that no score, rank or part refers to."""
    rows = Job.objects.filter(state__in=[JobState.DONE, JobState.FAILED], finished_at__lt=limit)
    for relation in Job._meta.related_objects:
        refers = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        rows = rows.exclude(Exists(refers))
    return rows.delete()[0]


KINDS: tuple[Kind, ...] = (
    Kind("evidence", _("Content of evidence"), "RETENTION_EVIDENCE_DAYS", _("the close of its round"), _evidence),
    Kind("workbooks", _("Uploaded workbooks"), "RETENTION_WORKBOOK_DAYS", _("the close of its round"), _workbooks),
    Kind("jobs", _("Rows of background work"), "RETENTION_JOB_DAYS", _("its end"), _jobs),
)
