"""What the supervisor's pages read: the queue, one assessment indicator by indicator, and what a review still lacks.

Rows are built from the stored outcomes of score runs; nothing here computes points.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.access import visible_assessments, visible_rounds
from assessments.cases import to_engine
from assessments.models import (
    Assessment,
    Comment,
    Evidence,
    FilingVersion,
    Measure,
    MeasureState,
    Review,
    ReviewEntry,
    Round,
    RoundState,
    ScoreRun,
)
from assessments.rulebook_cache import engine_rulebook
from assessments.score_array import indicator_points
from assessments.workflow.table import TRANSITIONS
from banks.models import FactEntry, FactSource, User
from banks.selectors.facts import current_facts
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.engine import format_fact
from scorecard.engine.model import FactSpec, Indicator, Section
from scorecard.engine.rulebook import Rulebook

# Fewer peers than this say more about each of them than about the group; then nothing of it is drawn.
MIN_PEERS = 5
# Types whose points cannot follow from figures alone: the officer has to look.
JUDGED_TYPES = ("qualitative", "mixed")


def language() -> str:
    """The language of the screen for the engine's bilingual texts."""
    return get_language() or "zh"


# --- The queue -------------------------------------------------------------------------------------------------------


def stages_of(roles: Iterable[str]) -> list[str]:
    """The review states from which one of these roles takes a step, in the order of the table: its own part of the
    queue.

    Read from the workflow table, so that a change of the table changes the queue.
    """
    held = frozenset(roles)
    found = {
        row.review[0]: None
        for row in TRANSITIONS.values()
        if row.event.startswith("assessments.review.") and not row.roles.isdisjoint(held)
    }
    return [str(state) for state in found]


def in_hand(actor: User) -> QuerySet[Assessment]:
    """Every submitted assessment that the actor may see and that some supervisor's step leads on from: what is to be
    decided by the nearest deadline first, then what is decided and waits to be sent.

    One query with all that a list shows; whoever sorts by points sorts by numbers.
    """
    moving = {row.review[0] for row in TRANSITIONS.values() if row.roles.isdisjoint(BANK_ROLES)}
    number = DecimalField(max_digits=12, decimal_places=4)
    return (
        visible_assessments(actor)
        .filter(review_state__in=moving, version__isnull=False)
        .select_related("bank", "round", "round__rulebook", "officer", "version", "system_run", "reviewed_run")
        .defer(
            "system_run__stored",
            "system_run__array",
            "system_run__inputs",
            "reviewed_run__stored",
            "reviewed_run__array",
            "reviewed_run__inputs",
            "version__facts",
            "version__history",
            "version__answers",
            "version__report",
            "version__explanations",
            "round__rulebook__content",
        )
        .annotate(
            self_sort=Cast(NullIf(F("version__self_total"), Value("")), number),
            system_sort=F("system_run__total_sort"),
            reviewed_sort=F("reviewed_run__total_sort"),
        )
        .annotate(settled=Case(When(review_state__in=_settled(), then=Value(1)), default=Value(0)))
        .order_by("settled", "round__review_deadline", "version__submitted_at", "pk")
    )


def _settled() -> list[str]:
    """The states in which the rating is decided."""
    return [str(row.review[1]) for row in TRANSITIONS.values() if row.name in ("decide", "issue_notice", "acknowledge")]


def own_work(actor: User) -> QuerySet[Assessment]:
    """The part of the queue that waits for one of the actor's roles, without the cases in which the actor may not act.

    An officer's own cases and those nobody has; a second reviewer's and a decision maker's without those in which they
    took an earlier part (product.md, People).
    """
    mine_first = Case(When(officer=actor, then=Value(0)), default=Value(1))
    rows = own_part(in_hand(actor), actor).annotate(mine_first=mine_first)
    order = ("settled", "round__review_deadline", "mine_first", "version__submitted_at", "pk")  # of in_hand()
    return rows.order_by(*order)


def own_part(queue: QuerySet[Assessment], actor: User) -> QuerySet[Assessment]:
    """Of these assessments, the ones that wait for the actor; see ``own_work``."""
    condition = Q(pk__in=[])
    for role in sorted(actor.roles):
        states = stages_of([role])
        part = Q(review_state__in=states)
        if role == Role.CASE_OFFICER:
            condition |= part & (Q(officer=actor) | Q(officer=None))
        elif role == Role.SECOND_REVIEWER:
            condition |= part & ~Q(officer=actor) & ~Q(reviewed_by=actor)
        elif role == Role.DECISION_MAKER:
            condition |= part & ~Q(officer=actor) & ~Q(reviewed_by=actor) & ~Q(second_by=actor)
    # NULL officers: a negated comparison with NULL excludes nothing here, Django adds the IS NOT NULL itself.
    return queue.filter(condition)


def overdue(queue: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Of these, the ones whose review deadline is over and that are not decided yet, in open rounds."""
    late = queue.filter(round__review_deadline__lt=timezone.now(), round__state=RoundState.OPEN)
    return late.exclude(review_state__in=_settled())


def stage_counts(actor: User) -> dict[str, int]:
    """How many assessments of open rounds stand in each review state. One query."""
    rows = visible_assessments(actor).filter(round__state=RoundState.OPEN).order_by()
    return dict(rows.values_list("review_state").annotate(n=Count("pk")))


def open_rounds(actor: User) -> list[Round]:
    """The rounds that are open, the one with the nearest review deadline first."""
    return list(visible_rounds(actor).filter(state=RoundState.OPEN).order_by("review_deadline"))


def returned(actor: User) -> QuerySet[Assessment]:
    """Filings of the actor that are back with the bank for correction, the nearest day for the resubmission first."""
    rows = visible_assessments(actor).filter(officer=actor, returned_at__isnull=False, review_state=Review.NONE)
    return (
        rows.filter(round__state=RoundState.OPEN)
        .select_related("bank", "round", "version")
        .annotate(until=Coalesce("due_at", "round__filing_deadline"))
        .order_by("until", "pk")
    )


def unread_answers(actor: User) -> QuerySet[Comment]:
    """The banks' answers in the actor's cases to which no supervisor has answered since, the newest first."""
    later = Comment.objects.filter(assessment=OuterRef("assessment"), pk__gt=OuterRef("pk"), author__bank=None)
    return (
        Comment.objects.filter(
            assessment__in=visible_assessments(actor).filter(officer=actor), author__bank__isnull=False
        )
        .filter(~Exists(later), assessment__round__state=RoundState.OPEN)
        .select_related("assessment__bank", "author")
        .order_by("-id")
    )


# --- One assessment, indicator by indicator --------------------------------------------------------------------------


@dataclass(frozen=True)
class Peers:
    """Points of the other banks of the same category in the same round, without names.

    ``enough`` is False where the group is smaller than ``MIN_PEERS``; then ``points`` is empty and only ``count``
    stands.
    """

    count: int = 0
    points: tuple[Decimal, ...] = ()

    @property
    def enough(self) -> bool:
        return bool(self.points)

    @property
    def median(self) -> Decimal | None:
        """The middle of the group; the mean of the two in the middle where it is even."""
        if not self.points:
            return None
        middle = len(self.points) // 2
        if len(self.points) % 2:
            return self.points[middle]
        return (self.points[middle - 1] + self.points[middle]) / 2


@dataclass
class Row:
    """One indicator of one assessment as the officer sees it; points are exact, None where there are none."""

    spec: Indicator
    section: Section
    self_points: Decimal | None = None
    system: Decimal | None = None
    system_state: str = ""
    system_reason: Mapping[str, str] = field(default_factory=dict)
    counted: Decimal | None = None
    entry: ReviewEntry | None = None
    earlier: ReviewEntry | None = None
    last_year: Decimal | None = None
    last_year_max: Decimal | None = None
    peers: Peers = field(default_factory=Peers)
    narrative: str = ""
    claimed: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def name(self) -> str:
        return self.spec.name.get(language())

    @property
    def section_name(self) -> str:
        return self.section.name.get(language())

    @property
    def type_name(self) -> str:
        """How the points come about, in a word."""
        words = {"qualitative": _("qualitative"), "quantitative": _("quantitative"), "mixed": _("mixed")}
        return words[self.spec.type]

    @property
    def judged(self) -> Decimal | None:
        """The officer's own points, None where the officer agrees or has not looked."""
        return Decimal(self.entry.points) if self.entry and self.entry.points else None

    @property
    def asks_judgement(self) -> bool:
        """Whether the officer has to look: the points cannot follow from figures alone, or there are none yet."""
        return needs_view(self.spec) or self.system is None

    @property
    def open(self) -> bool:
        """Whether the officer still has to look."""
        return self.asks_judgement and self.entry is None

    @property
    def differs(self) -> bool:
        """Whether the officer's points differ from the system's."""
        return self.judged is not None and self.judged != self.system

    @property
    def self_gap(self) -> Decimal | None:
        """What the bank gave itself above (or below) what counts now."""
        if self.self_points is None or self.counted is None:
            return None
        return self.self_points - self.counted

    @property
    def revision(self) -> int:
        return self.entry.revision if self.entry else 0


def needs_view(spec: Indicator) -> bool:
    """Whether an indicator asks for judgement: qualitative or mixed, and a supervisor may set its points."""
    return bool(spec.judged_by) and spec.type in JUDGED_TYPES


class ReviewSheet:
    """One assessment laid out for review. A handful of queries whatever the number of indicators; each is made once."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.version: FilingVersion | None = assessment.version
        self.rulebook: Rulebook = engine_rulebook(assessment.round.rulebook)

    @cached_property
    def system_run(self) -> ScoreRun | None:
        return _of_version(self.assessment.system_run, self.version)

    @cached_property
    def reviewed_run(self) -> ScoreRun | None:
        return _of_version(self.assessment.reviewed_run, self.version)

    @property
    def run(self) -> ScoreRun | None:
        """The run that counts now: the reviewed one, or the system's while nothing has been reviewed."""
        return self.reviewed_run or self.system_run

    @cached_property
    def entries(self) -> dict[str, ReviewEntry]:
        return latest_entries(self.version)

    @cached_property
    def earlier_entries(self) -> dict[str, ReviewEntry]:
        """The officer's points on the version before this one, to be looked at again."""
        if self.version is None or self.version.number < 2:
            return {}
        before = FilingVersion.objects.filter(assessment=self.assessment, number=self.version.number - 1).first()
        return {name: entry for name, entry in latest_entries(before).items() if entry.points}

    @cached_property
    def last_year(self) -> dict[str, Any]:
        """The outcome of the bank's assessment of the year before, as it was decided or last reviewed."""
        before = (
            Assessment.objects.filter(bank=self.assessment.bank_id, round__year=self.assessment.round.year - 1)
            .select_related("rating__run", "reviewed_run", "system_run", "round__rulebook")
            .order_by("-round_id")
            .first()
        )
        if before is None:
            return {}
        rating = getattr(before, "rating", None)
        run = rating.run if rating else before.reviewed_run or before.system_run
        if run is None:
            return {}
        grade = (rating.grade or rating.grade_proposed) if rating else run.grade
        return {"assessment": before, "outcome": run.outcome, "total": run.total, "grade": grade, "rating": rating}

    @property
    def last_grade(self) -> str:
        """Last year's grade in words, by the rulebook of that year; blank where there is none."""
        if not self.last_year or not self.last_year["grade"]:
            return ""
        before = engine_rulebook(self.last_year["assessment"].round.rulebook)
        return before.grade(self.last_year["grade"]).name.get(language())

    @cached_property
    def peers(self) -> dict[str, Peers]:
        """Points by indicator of the other banks of the category in this round. One query."""
        bodies = (
            Assessment.objects.filter(
                round=self.assessment.round_id, bank__category=self.assessment.bank.category, system_run__isnull=False
            )
            .exclude(pk=self.assessment.pk)
            .values_list("system_run__array", flat=True)
        )
        gathered = indicator_points(self.rulebook, bodies)
        return {
            name: Peers(len(points), tuple(sorted(points)) if len(points) >= MIN_PEERS else ())
            for name, points in gathered.items()
            if points
        }

    @cached_property
    def evidence(self) -> dict[str, list[Evidence]]:
        """The files of the version in hand, by indicator."""
        found: dict[str, list[Evidence]] = {}
        if self.version is not None:
            rows = Evidence.objects.filter(assessment=self.assessment, pk__in=self.version.evidence)
            for row in rows.select_related("uploaded_by"):
                found.setdefault(row.indicator, []).append(row)
        return found

    @cached_property
    def comments(self) -> list[Comment]:
        """Every remark, the oldest first; for supervisors."""
        return list(self.assessment.comments.select_related("author", "reply_to").order_by("id"))

    @cached_property
    def rows(self) -> list[Row]:
        """Every indicator in the order of the rulebook."""
        return [self._row(spec) for spec in self.rulebook.indicators.values()]

    def row(self, indicator: str) -> Row | None:
        """One indicator, or None where the rulebook does not know it."""
        return next((row for row in self.rows if row.id == indicator), None)

    @cached_property
    def sections(self) -> list[tuple[Section, Mapping[str, Any], list[Row]]]:
        """The sections that hold indicators themselves, each with its outcome and its rows."""
        outcomes = self.run.outcome["sections"] if self.run else {}
        found = []
        for section in self.rulebook.sections.values():
            rows = [row for row in self.rows if row.section.id == section.id]
            if rows:
                found.append((section, outcomes.get(section.id, {}), rows))
        return found

    def _row(self, spec: Indicator) -> Row:
        version = self.version
        answer = version.answers.get(spec.id, {}) if version else {}
        now = self.run.outcome["indicators"].get(spec.id, {}) if self.run else {}
        before = self.last_year.get("outcome", {}).get("indicators", {}).get(spec.id, {})
        return Row(
            spec=spec,
            section=self.rulebook.sections[spec.section],
            self_points=_decimal(answer.get("self_points")),
            system=_decimal(now.get("system")),
            system_state=now.get("state", ""),
            system_reason=now.get("reason", {}),
            counted=_decimal(now.get("points")),
            entry=self.entries.get(spec.id),
            earlier=self.earlier_entries.get(spec.id),
            last_year=_decimal(before.get("points")),
            last_year_max=_decimal(before.get("max")),
            peers=self.peers.get(spec.id, Peers()),
            narrative=answer.get("narrative", ""),
            claimed=bool(answer.get("not_applicable")),
            evidence=self.evidence.get(spec.id, []),
            comments=[remark for remark in self.comments if remark.indicator == spec.id],
        )

    @cached_property
    def given_facts(self) -> list["GivenFact"]:
        """The figures that the supervisor gives, with what the system counted and last year's."""
        return given_facts(self.assessment, self.rulebook)

    def filed_facts(self, spec: Indicator) -> list[tuple[str, str, str]]:
        """The figures that an indicator rests on: label, value as filed, last year's value, as people read them."""
        lang = language()
        given = {fact.spec.id: fact for fact in self.given_facts}
        found = []
        for name in spec.facts:
            fact = self.rulebook.facts.get(name)
            if fact is None or (fact.derived is not None and name not in (self.version.facts if self.version else {})):
                continue
            if name in given:
                found.append((fact.label.get(lang), given[name].shown, given[name].last_year))
                continue
            now = self.version.facts.get(name) if self.version else None
            before = self.version.history.get("-1", {}).get(name) if self.version else None
            found.append((fact.label.get(lang), _shown(fact, now, lang), _shown(fact, before, lang) if before else ""))
        return found

    @cached_property
    def progress(self) -> tuple[int, int]:
        """How many of the indicators that ask for judgement have been looked at, of how many."""
        asked = [row for row in self.rows if row.asks_judgement]
        return sum(1 for row in asked if not row.open), len(asked)

    @cached_property
    def differing(self) -> list[Row]:
        """The indicators in which the officer departs from the system."""
        return [row for row in self.rows if row.differs]


def _of_version(run: ScoreRun | None, version: FilingVersion | None) -> ScoreRun | None:
    return run if run is not None and version is not None and run.version_id == version.pk else None


def _decimal(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(text)


def _shown(spec: FactSpec, stored: Mapping[str, str] | None, lang: str) -> str:
    return format_fact(spec, to_engine(spec, stored["state"], stored["value"]) if stored else None, lang)


def latest_entries(version: FilingVersion | None) -> dict[str, ReviewEntry]:
    """The newest view of each indicator of a version. Rows come by revision, so the last of each stays. One query."""
    if version is None:
        return {}
    rows = ReviewEntry.objects.filter(version=version).select_related("entered_by").order_by("indicator", "revision")
    return {row.indicator: row for row in rows}


# --- The supervisor's own figures ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GivenFact:
    """One figure that the supervisor gives, or that the system counted for the supervisor to confirm or correct."""

    spec: FactSpec
    entry: FactEntry | None
    shown: str
    last_year: str

    @property
    def label(self) -> str:
        return self.spec.label.get(language())

    @property
    def given(self) -> bool:
        """Whether there is a value, or the word that it does not apply."""
        return self.entry is not None and self.entry.state in ("value", "not_applicable")

    @property
    def counted(self) -> bool:
        """Whether the figure in force is the system's own count."""
        return self.entry is not None and self.entry.source == FactSource.SYSTEM


def given_facts(assessment: Assessment, rulebook: Rulebook) -> list[GivenFact]:
    """The figures that the rulebook expects from supervisor and system, in its order. One query."""
    lang = language()
    period, before = assessment.round.period, str(assessment.round.year - 1)
    entries = current_facts(assessment.bank_id, [period, before])
    found = []
    for spec in rulebook.facts.values():
        if spec.supplied_by == "bank" or spec.derived is not None:
            continue
        entry, earlier = entries[period].get(spec.id), entries[before].get(spec.id)
        shown = format_fact(spec, to_engine(spec, entry.state, entry.value), lang) if entry else ""
        last = format_fact(spec, to_engine(spec, earlier.state, earlier.value), lang) if earlier else ""
        found.append(GivenFact(spec, entry, shown, last))
    return found


# --- Remarks ---------------------------------------------------------------------------------------------------------


def visible_comments(actor: User, assessment: Assessment) -> QuerySet[Comment]:
    """The remarks that the actor may see: a bank's people those marked for the bank, supervisors all.

    ``assessment`` has come through ``access.get_assessment``.
    """
    rows = assessment.comments.select_related("author", "reply_to").order_by("id")
    return rows.filter(for_bank=True) if actor.is_bank_person else rows


# --- What is still lacking (guards of the workflow) ------------------------------------------------------------------


def score_reasons(assessment: Assessment) -> Iterator[str]:
    """The version in hand has its system score; without it a review has nothing to verify."""
    version = assessment.version
    if version is None:
        yield _("The bank has not submitted anything yet.")
    elif _of_version(assessment.system_run, version) is None:
        yield _(
            "Version %(number)d has not been scored yet; it is scored in the background, look again in a moment."
        ) % {"number": version.number}


def review_reasons(assessment: Assessment) -> Iterator[str]:
    """The supervisor's figures are all given and every indicator that asks for judgement has been looked at, by
    name.
    """
    sheet = ReviewSheet(assessment)
    lang = language()
    if lacking := [fact.spec.label.get(lang) for fact in sheet.given_facts if not fact.given]:
        yield _("Give the supervisor's figures that are still missing: %(labels)s.") % {"labels": _joined(lacking)}
    unseen = [spec for spec in sheet.rulebook.indicators.values() if needs_view(spec) and spec.id not in sheet.entries]
    if unseen:
        yield _("Look at these indicators and agree or give points: %(names)s.") % {"names": _named(unseen)}
    outcomes = sheet.run.outcome["indicators"] if sheet.run else {}
    pending = [
        spec
        for spec in sheet.rulebook.indicators.values()
        if outcomes.get(spec.id, {}).get("state") in ("pending", "undefined") and spec not in unseen
    ]
    if pending and not lacking:
        yield _("These indicators have no points yet; give them: %(names)s.") % {"names": _named(pending)}


def measure_reasons(assessment: Assessment) -> Iterator[str]:
    """Each proposed measure has been decided, by name (product.md, A year, 6: nothing fires by itself)."""
    open_ones = Measure.objects.filter(rating__assessment=assessment, state=MeasureState.PROPOSED)
    for measure in open_ones.order_by("id"):
        label = measure.proposal.get("label", {})
        name = label.get("en" if language().startswith("en") else "zh") or measure.code
        yield _("Decide the measure “%(name)s”: accept, change or decline it, with a reason.") % {"name": name}


def _named(specs: Iterable[Indicator]) -> str:
    return _joined([f"{spec.id} {spec.name.get(language())}" for spec in specs])


def _joined(words: list[str]) -> str:
    return ("、" if language().startswith("zh") else ", ").join(words)
