"""How far the drafts of a round are, for who looks after them: numbers, days and names, nothing of the contents."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from assessments.access import visible_assessments
from assessments.filings.form_layout import form_pages
from assessments.messages.urging import URGED, key_of
from assessments.models import REPORT, Answer, Filing, Review, Round
from assessments.models.assessments import FILES_UNTIL
from assessments.rounds.selectors import SAID, stage
from assessments.rulebooks.cache import engine_rulebook
from banks.models import FactEntry, FactState, User
from scorecard.engine import Rulebook
from scorecard.inbox.models import Reminder


@dataclass(frozen=True)
class Asked:
    """What a rulebook asks of a bank: required figures and answers, own points, narratives; with the report it is all.

    A figure that falls away with an indicator which the bank says does not apply is asked all the same: a draft can be
    complete below the whole number.
    """

    facts: frozenset[str]
    points: frozenset[str]
    narratives: frozenset[str]

    @property
    def whole(self) -> int:
        """How many things there are, the report among them."""
        return len(self.facts) + len(self.points) + len(self.narratives) + 1


def asked_of(rulebook: Rulebook) -> Asked:
    """What this rulebook asks."""
    pages = form_pages(rulebook)
    items = [item for item in pages.items.values() if item.asked]
    return Asked(
        frozenset(spec.id for page in pages.pages for spec in page.facts if spec.required),
        frozenset(item.indicator.id for item in items),
        frozenset(item.indicator.id for item in items if item.narrative),
    )


def draft_standings(actor: User, round_: Round) -> QuerySet[Any]:
    """The filings of a round that are with their banks: how much is filled in, who saved and signed in last, when the
    bank was last reminded: those that nobody has saved first, then those that were saved longest ago. One query,
    whatever the rows. How much is filled in is counted for the rows that are shown.
    """
    asked = asked_of(engine_rulebook(round_.rulebook))
    people = User.objects.filter(bank=OuterRef("bank"), is_active=True).order_by().values("bank")
    urged = Reminder.objects.filter(kind=URGED, bank_id=OuterRef("bank_id"), key__startswith=key_of(round_.pk))
    return (
        visible_assessments(actor)
        .taking_part()
        .filter(round=round_, review_state=Review.NONE)
        .exclude(filing_state=Filing.NOT_FILED)
        .select_related("bank", "officer", "round", "saved_by", "version")
        .defer("version__facts", "version__history", "version__answers", "version__explanations", "version__report")
        .annotate(
            stage=stage(),
            until=FILES_UNTIL,
            signed_in=Subquery(people.annotate(last=Max("last_login")).values("last")[:1]),
            filled=_filled(round_, asked),
            whole=Value(asked.whole),
            urged_at=Subquery(urged.order_by("-id").values("made_at")[:1]),
            **SAID,
        )
        .order_by(F("saved_at").asc(nulls_first=True), "bank__code", "pk")
    )


def _filled(round_: Round, asked: Asked) -> Any:
    """How many of the things asked are there, in SQL: the newest revision of each counts."""
    newer_fact = FactEntry.objects.filter(
        bank=OuterRef("bank"), period=OuterRef("period"), fact=OuterRef("fact"), revision__gt=OuterRef("revision")
    )
    facts = (
        FactEntry.objects.filter(bank=OuterRef("bank"), period=round_.period, fact__in=asked.facts)
        .exclude(state=FactState.UNANSWERED)
        .filter(~Exists(newer_fact))
    )
    newer_answer = Answer.objects.filter(
        assessment=OuterRef("assessment"), indicator=OuterRef("indicator"), revision__gt=OuterRef("revision")
    )
    answers = Answer.objects.filter(assessment=OuterRef("pk")).filter(~Exists(newer_answer))
    pointed = answers.filter(indicator__in=asked.points).filter(~Q(self_points="") | Q(not_applicable=True))
    told = answers.filter(indicator__in=asked.narratives | {REPORT}).exclude(narrative="")
    return _count(facts, "bank") + _count(pointed, "assessment") + _count(told, "assessment")


def _count(rows: QuerySet[Any, Model], by: str) -> Any:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def untouched() -> Q:
    """A draft into which nobody of the bank has put anything, and which nobody has passed on."""
    return Q(saved_at=None, filing_state=Filing.PREPARING, version=None)
