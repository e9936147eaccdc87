"""Reads what a step depends on for many cases at once: a constant number of queries, however many they are.

Guards and contents of the workflow ask ``kept`` before they ask the database; here it is filled for all of them.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from assessments.access import visible_assessments
from assessments.meetings import selectors as meetings
from assessments.models import (
    Assessment,
    Correction,
    Evidence,
    Measure,
    Objection,
    Rating,
    ReviewEntry,
    ReviewStage,
    RoundState,
    ScoreRun,
    TargetEntry,
)
from assessments.models.assessments import CATEGORY, NAME_SORT
from assessments.reviews.given_facts import facts_of_year, years_of
from assessments.reviews.selectors import Peers, ReviewSheet, of_version
from assessments.rounds.working_days import last_instant
from assessments.workflow.assigned import kept_from, people_of
from assessments.workflow.duties import steps_back
from assessments.workflow.shown import Kept
from banks.models import FactEntry, FactSource, User
from banks.services.stand_ins import stands_in_for
from scorecard.access.roles import Role

# What a step may ask to be read beside the case itself.
SHEET, RATING, SECONDS, DECIDERS = "sheet", "rating", "seconds", "deciders"


class ListedSheet(ReviewSheet):
    """A sheet of which a list shows points, reasons and evidence: neither peers, remarks nor other years."""

    @cached_property
    def reviewed_run(self) -> ScoreRun | None:
        return of_version(self.assessment.reviewed_run, self.version)

    @cached_property
    def peers(self) -> dict[str, Peers]:
        return {}

    @cached_property
    def last_year(self) -> dict[str, Any]:
        return {}

    @cached_property
    def earlier_entries(self) -> dict[str, ReviewEntry]:
        return {}

    @cached_property
    def comments(self) -> list[Any]:
        return []


@dataclass(frozen=True)
class Entry:
    """One case of a list, with what has been read of it."""

    case: Assessment
    kept: Kept

    @property
    def sheet(self) -> ReviewSheet:
        sheet: ReviewSheet = self.kept[SHEET]
        return sheet

    @property
    def rating(self) -> Rating | None:
        rating: Rating | None = self.kept[RATING]
        return rating


def cases_for(actor: User) -> QuerySet[Assessment]:
    """The cases of open rounds that the actor may see, the nearest review deadline first, then by name."""
    rows = visible_assessments(actor).taking_part().filter(round__state=RoundState.OPEN)
    return (
        rows.filter(correction_state=Correction.NONE)
        .select_related(
            "bank",
            "round",
            "round__rulebook",
            "officer",
            "second_reviewer",
            "decision_maker",
            "version",
            "system_run",
            "reviewed_run",
            "rating",
        )
        .defer("round__rulebook__content", "system_run__array", "reviewed_run__array")
        .annotate(said_category=CATEGORY, said_sort=NAME_SORT)
        .order_by("round__review_deadline", "said_sort", "pk")
    )


def load(actor: User, cases: Sequence[Assessment], parts: Collection[str]) -> list[Entry]:
    """The cases with what their step reads. The number of queries does not depend on how many they are."""
    entries = [Entry(case, {}) for case in cases]
    _people(actor, entries)
    for case in cases:
        _one_object(case)
    if SHEET in parts:
        _sheets(entries)
    if RATING in parts:
        _ratings(entries)
    if SECONDS in parts:
        _barred(entries, Role.SECOND_REVIEWER)
    if DECIDERS in parts:
        _barred(entries, Role.DECISION_MAKER)
    return entries


def _one_object(case: Assessment) -> None:
    """A run asks its version for the case and its rulebook: they are the ones that have been read."""
    if case.version is not None:
        case.version.assessment = case
    for run in (case.system_run, case.reviewed_run):
        if run is not None and run.version_id == case.version_id and case.version is not None:
            run.version = case.version


def _people(actor: User, entries: Sequence[Entry]) -> None:
    """For whom the actor stands in, in which of the cases their own work is in the first review, and what was sent
    back."""
    absent = stands_in_for(actor, timezone.localdate())
    parts = _first_reviews(entries, [actor.pk])
    back = steps_back(entry.case.pk for entry in entries)
    for entry in entries:
        part = (entry.case.pk, actor.pk) in parts
        entry.kept.update({"stands_in": absent, "part": part, "back": back.get(entry.case.pk)})


def _first_reviews(entries: Sequence[Entry], people: Sequence[int]) -> set[tuple[int, int]]:
    """In which cases whose points or figures are in the first review: pairs of case and person."""
    cases = [entry.case for entry in entries]
    views = ReviewEntry.objects.filter(
        version__in=[case.version_id for case in cases if case.version_id],
        stage=ReviewStage.FIRST,
        entered_by__in=people,
    )
    found = set(views.values_list("assessment", "entered_by").distinct())
    figures = FactEntry.objects.filter(
        bank__in=[case.bank_id for case in cases], source=FactSource.SUPERVISOR, entered_by__in=people
    )
    gave: dict[tuple[int, str], list[int]] = defaultdict(list)
    for bank, period, person in figures.values_list("bank", "period", "entered_by").distinct():
        gave[bank, period].append(person or 0)
    return found | {(case.pk, person) for case in cases for person in gave[case.bank_id, case.round.period]}


def _barred(entries: Sequence[Entry], role: str) -> None:
    """Who of the role may not have which case: four eyes, asked of the same duties as the single step asks."""
    people = people_of(role)
    parts = _first_reviews(entries, [person.pk for person in people])
    ratings = [entry.case.rating_id for entry in entries if entry.case.rating_id]
    lodged = Objection.objects.filter(notice__rating__in=ratings, lodged_at__isnull=False)
    objected = set(lodged.values_list("notice__rating", flat=True))
    for entry in entries:
        case = entry.case
        known = {"objected": case.rating_id in objected}
        entry.kept["barred"] = [
            person
            for person in people
            if any(kept_from(person, case, role, known | {"part": (case.pk, person.pk) in parts}))
        ]


def _sheets(entries: Sequence[Entry]) -> None:
    versions = [entry.case.version_id for entry in entries if entry.case.version_id]
    views: dict[int, dict[str, ReviewEntry]] = defaultdict(dict)
    for view in (
        ReviewEntry.objects.filter(version__in=versions).select_related("entered_by").order_by("indicator", "revision")
    ):
        views[view.version_id][view.indicator] = view  # the newest stays
    decisions = _decisions(versions)
    files: dict[int, dict[str, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
    ids = {pk for entry in entries if entry.case.version for pk in entry.case.version.evidence}
    for file in Evidence.objects.filter(pk__in=ids).select_related("scan"):
        files[file.assessment_id][file.indicator].append(file)
    years: dict[int, Any] = {}
    by_year: dict[int, list[Assessment]] = defaultdict(list)
    for entry in entries:
        by_year[entry.case.round.year].append(entry.case)
    for year, cases in by_year.items():
        found = years_of(cases, year)
        years |= {case.pk: found[case.bank_id] for case in cases}
    for entry in entries:
        case, sheet = entry.case, ListedSheet(entry.case)
        version = case.version_id or 0
        sheet.entries, sheet.decisions = views[version], decisions[version]
        sheet.evidence = dict(files[case.pk])
        sheet.given_facts = facts_of_year(sheet.rulebook, years[case.pk])
        entry.kept[SHEET] = sheet


def _decisions(versions: Sequence[int]) -> dict[int, dict[str, TargetEntry]]:
    found: dict[int, dict[str, TargetEntry]] = defaultdict(dict)
    for row in TargetEntry.objects.filter(version__in=versions).order_by("target", "revision"):
        found[row.version_id][row.target] = row  # the newest stays
    return found


def _ratings(entries: Sequence[Entry]) -> None:
    """The rating that holds of each case: none of them is being put right, so it is the one in hand."""
    ids = [entry.case.rating_id for entry in entries if entry.case.rating_id]
    measures = Prefetch("measures", Measure.objects.order_by("id"))
    ratings = Rating.objects.select_related("run").filter(pk__in=ids).prefetch_related(measures)
    found = {rating.pk: rating for rating in ratings}
    spoken = meetings.of_cases({entry.case.pk: entry.case.rating_id or 0 for entry in entries})
    decisions = _decisions([entry.case.version_id for entry in entries if entry.case.version_id])
    now = timezone.now()
    until = {days: last_instant(now, days) for days in {entry.case.round.appeal_days for entry in entries}}
    for entry in entries:
        case, rating = entry.case, found.get(entry.case.rating_id or 0)
        if rating is not None:
            rating.assessment = case
            if rating.run is not None and case.version is not None and rating.run.version_id == case.version_id:
                rating.run.version = case.version
        told = {"decisions": decisions[case.version_id or 0], "until": until[case.round.appeal_days]}
        told["meeting"] = spoken[case.pk]
        entry.kept.update({RATING: rating, **told})
