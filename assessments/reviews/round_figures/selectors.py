"""The sheet of a round: banks and the supervisor's figures, each beside last year's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from assessments.models import Assessment, Round, RoundState
from assessments.reviews.given_facts import GivenFact, facts_of_year, given_specs, years_of
from assessments.rounds.selectors import round_standings
from assessments.workflow.machine import CAPABILITIES, GIVE_FIGURES
from assessments.workflow.step import TRANSITIONS
from banks.models import FactEntry, FactState, User
from banks.services.stand_ins import stands_in_for
from scorecard.access.roles import Role
from scorecard.engine.rulebook.rulebook import Rulebook


@dataclass(frozen=True)
class FigureRow:
    """One bank with its figures. ``may_give`` is what the workflow's capability says of the reader."""

    case: Any  # an assessment with its stage
    figures: Sequence[GivenFact]
    may_give: bool

    @property
    def version(self) -> int:
        """The number of the filing's version, 0 for none."""
        return self.case.version.number if self.case.version else 0


def figure_cases(actor: User, round_: Round, rulebook: Rulebook) -> QuerySet[Assessment]:
    """The banks that take part, each with how many of the supervisor's figures are ``supplied``."""
    later = FactEntry.objects.filter(
        bank=OuterRef("bank"), period=OuterRef("period"), fact=OuterRef("fact"), revision__gt=OuterRef("revision")
    )
    supplied = FactEntry.objects.filter(
        ~Exists(later),
        bank=OuterRef("bank"),
        period=round_.period,
        fact__in=[spec.id for spec in given_specs(rulebook)],
        state__in=[FactState.VALUE, FactState.NOT_APPLICABLE],
    )
    counted = supplied.order_by().values("bank").annotate(n=Count("pk")).values("n")
    rows = round_standings(actor, round_).filter(taken_out_at=None)
    return rows.annotate(supplied=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def figure_rows(actor: User, round_: Round, rulebook: Rulebook, cases: Sequence[Assessment]) -> list[FigureRow]:
    """These cases with their figures, and whether the actor may give them. Three queries."""
    mine: set[int | None] = {None, actor.pk, *stands_in_for(actor, localdate())}
    may = round_.state == RoundState.OPEN and actor.holds(Role.CASE_OFFICER)
    steps = [TRANSITIONS[one.transition] for one in CAPABILITIES if one.name == GIVE_FIGURES]
    return [
        FigureRow(case, figures, may and case.officer_id in mine and any(step.starts_from(case) for step in steps))
        for case, figures in with_figures(round_, rulebook, cases)
    ]


def with_figures(
    round_: Round, rulebook: Rulebook, cases: Sequence[Assessment]
) -> Iterator[tuple[Any, list[GivenFact]]]:
    """These cases, each with its figures. Two queries."""
    years = years_of(cases, round_.year)
    for case in cases:
        yield case, facts_of_year(rulebook, years[case.bank_id])
