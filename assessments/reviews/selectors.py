"""What the pages of one review read: the assessment indicator by indicator, the supervisor's figures, the remarks.

Rows are built from the stored outcomes of score runs; nothing here computes points.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from assessments.models import (
    Assessment,
    Comment,
    Evidence,
    FilingVersion,
    ReviewEntry,
    ScoreRun,
    TargetEntry,
)
from assessments.models.assessments import CATEGORY
from assessments.reviews.given_facts import GivenFact, given_facts, shown_fact
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.outcome_codec import indicator_points
from assessments.scoring.runs import outcome_of, undecided_targets
from assessments.scoring.selectors import working_run
from banks.models import User
from scorecard.access.roles import Role
from scorecard.engine.rulebook.model import Indicator, Section
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language, screen_language

# Fewer peers than this say more about each of them than about the group; then nothing of it is drawn.
MIN_PEERS = 5
# Types whose points cannot follow from figures alone: the officer has to look.
JUDGED_TYPES = ("qualitative", "mixed")


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
        return in_language(self.spec.name)

    @property
    def section_name(self) -> str:
        return in_language(self.section.name)

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
    def missing_evidence(self) -> bool:
        """Whether evidence was asked for and none is there, of an item that the bank does not call not applicable."""
        shown = any(file.counts for file in self.evidence)
        return bool(self.spec.evidence) and not shown and not self.claimed

    @property
    def settled(self) -> bool:
        """Whether the row needs nothing more: computed, or looked at and agreed."""
        return not (self.open or self.differs or self.claimed)

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
        return of_version(self.assessment.system_run, self.version)

    @cached_property
    def reviewed_run(self) -> ScoreRun | None:
        return of_version(working_run(self.assessment), self.version)

    @property
    def run(self) -> ScoreRun | None:
        """The run that counts now: the reviewed one, or the system's while nothing has been reviewed."""
        return self.reviewed_run or self.system_run

    @cached_property
    def outcome(self) -> Mapping[str, Any]:
        """What the run that counts now concluded; empty where there is none."""
        return outcome_of(self.run) if self.run else {}

    @cached_property
    def entries(self) -> dict[str, ReviewEntry]:
        return latest_entries(self.version)

    @cached_property
    def undecided(self) -> list[str]:
        """The targets that neither the figures nor the officer decide, by name."""
        return [in_language(self.rulebook.targets[name].short) for name in undecided_targets(self.outcome)]

    @cached_property
    def decisions(self) -> dict[str, TargetEntry]:
        return latest_decisions(self.version)

    @property
    def decided(self) -> list[tuple[str, TargetEntry]]:
        """What the officer decided of targets, each with its name."""
        specs = self.rulebook.targets
        return [(in_language(specs[t].short), row) for t, row in self.decisions.items() if t in specs]

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
        run = rating.run if rating else before.counted_run
        if run is None:
            return {}
        grade = (rating.grade or rating.grade_proposed) if rating else run.grade
        return {"assessment": before, "outcome": outcome_of(run), "total": run.total, "grade": grade, "rating": rating}

    @property
    def last_grade(self) -> str:
        """Last year's grade in words, by the rulebook of that year; blank where there is none."""
        if not self.last_year or not self.last_year["grade"]:
            return ""
        before = engine_rulebook(self.last_year["assessment"].round.rulebook)
        return before.grade(self.last_year["grade"]).name.get(screen_language())

    @cached_property
    def peers(self) -> dict[str, Peers]:
        """Points by indicator of the other banks of the category in this round. One query."""
        bodies = (
            Assessment.objects.counted_once()
            .annotate(said_category=CATEGORY)
            .filter(round=self.assessment.round_id, said_category=self.assessment.category, system_run__isnull=False)
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
        """The files of the current version, by indicator."""
        found: dict[str, list[Evidence]] = {}
        if self.version is not None:
            rows = Evidence.objects.filter(assessment=self.assessment, pk__in=self.version.evidence)
            for row in rows.select_related("uploaded_by", "scan"):
                found.setdefault(row.indicator, []).append(row)
        return found

    @cached_property
    def comments(self) -> list[Comment]:
        """Every remark, the oldest first; for supervisors."""
        return list(self.assessment.comments.filter(inside=False).select_related("author", "reply_to").order_by("id"))

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
        outcomes = self.outcome.get("sections", {})
        found = []
        for section in self.rulebook.sections.values():
            rows = [row for row in self.rows if row.section.id == section.id]
            if rows:
                found.append((section, outcomes.get(section.id, {}), rows))
        return found

    def _row(self, spec: Indicator) -> Row:
        version = self.version
        answer = version.answers.get(spec.id, {}) if version else {}
        now = self.outcome.get("indicators", {}).get(spec.id, {})
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
    def given_facts(self) -> list[GivenFact]:
        """The figures that the supervisor gives, with what the system counted and last year's."""
        return given_facts(self.assessment, self.rulebook)

    def filed_facts(self, spec: Indicator) -> list[tuple[str, str, str]]:
        """The figures that an indicator depends on: label, value as filed, last year's value, as people read them."""
        lang = screen_language()
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
            found.append(
                (fact.label.get(lang), shown_fact(fact, now, lang), shown_fact(fact, before, lang) if before else "")
            )
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


def of_version(run: ScoreRun | None, version: FilingVersion | None) -> ScoreRun | None:
    return run if run is not None and version is not None and run.version_id == version.pk else None


def _decimal(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(text)


def latest_entries(version: FilingVersion | None) -> dict[str, ReviewEntry]:
    """The newest view of each indicator of a version. Rows come by revision, so the last of each stays. One query."""
    if version is None:
        return {}
    rows = ReviewEntry.objects.filter(version=version).select_related("entered_by").order_by("indicator", "revision")
    return {row.indicator: row for row in rows}


def latest_decisions(version: FilingVersion | None) -> dict[str, TargetEntry]:
    """The newest decision of each target of a version. One query."""
    if version is None:
        return {}
    rows = TargetEntry.objects.filter(version=version).select_related("entered_by").order_by("target", "revision")
    return {row.target: row for row in rows}


# --- Officers --------------------------------------------------------------------------------------------------------


def all_officers() -> QuerySet[User]:
    """Everybody who is a case officer or has a case as one, whatever they are today; for filters."""
    has_cases = Assessment.objects.filter(officer=OuterRef("pk"))
    people = User.objects.filter(Exists(has_cases) | Q(grants__role=Role.CASE_OFFICER))
    return people.distinct().order_by("name_sort", "username")


def active_reviewers() -> QuerySet[User]:
    """Those who have cases: case officers, second reviewers, decision makers."""
    roles = (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER)
    holders = User.objects.filter(is_active=True, bank=None, grants__role__in=roles)
    return User.objects.filter(pk__in=holders.values("pk")).order_by("name_sort", "username")


def active_of(role: str) -> QuerySet[User]:
    """The active supervisors who hold a role."""
    return User.objects.filter(is_active=True, bank=None, grants__role=role).order_by("name_sort", "username")


def active_officers() -> QuerySet[User]:
    """The case officers who may take a case."""
    return active_of(Role.CASE_OFFICER)
