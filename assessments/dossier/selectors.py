"""What the search finds, and what a dossier holds. Every read starts from what the actor may see, and the number of
queries does not depend on how many years, measures or letters there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from assessments.access import visible_assessments
from assessments.decisions.selectors import visible_notices
from assessments.measures.selectors import visible_measures
from assessments.models import Assessment, LiveState, Notice, Objection, ObjectionLetter, RoundState
from assessments.objections.selectors import visible_objections
from assessments.reviews.queue import own_work
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from banks.access import visible_banks
from banks.models import Bank, User
from banks.selectors.banks import bank_people
from scorecard.access.roles import REVIEW_ROLES
from scorecard.searching import having_every_word
from scorecard.words.language import in_language

FOUND = 20
FIELDS = ("name_zh", "name_en", "short_name", "code", "name_initials")


@dataclass(frozen=True)
class Hit:
    """A bank that was found, with its cases of open rounds."""

    bank: Bank
    cases: Sequence[Assessment]


def find_banks(actor: User, typed: str) -> list[Hit]:
    """The banks of which every word that was typed is found in a name, the short name, the code, or the first letters
    of the name's pinyin; those that begin with it first. Two queries.
    """
    words = typed.split()
    if not words:
        return []
    rows = having_every_word(visible_banks(actor), FIELDS, typed)
    banks = list(rows.order_by("name_sort", "pk")[: FOUND * 5])
    start = words[0].lower()
    banks.sort(key=lambda bank: not any(str(getattr(bank, name)).lower().startswith(start) for name in FIELDS))
    banks = banks[:FOUND]
    cases: dict[int, list[Assessment]] = {}
    open_ones = visible_assessments(actor).filter(bank__in=banks, round__state=RoundState.OPEN)
    for case in open_ones.select_related("bank", "round").order_by("-round__year", "pk"):
        cases.setdefault(case.bank_id, []).append(case)
    return [Hit(bank, cases.get(bank.pk, [])) for bank in banks]


def own_open_cases(actor: User, typed: str) -> list[Assessment]:
    """The cases that wait for the actor, a bank's own ones of open rounds, of whose bank every word that was typed is
    found in a name, the code or the initials, or in the year of the round; all of them where nothing was typed.
    """
    rows: QuerySet[Assessment]
    if actor.bank_id is not None:
        rows = visible_assessments(actor).taking_part().filter(round__state=RoundState.OPEN).order_by("-round__year")
    elif actor.holds(*REVIEW_ROLES):
        rows = own_work(actor)
    else:
        return []
    fields = (*(f"bank__{name}" for name in FIELDS), "round__year")
    return list(having_every_word(rows, fields, typed).select_related("bank", "round")[:FOUND])


@dataclass(frozen=True)
class Year:
    """One year's case: its points and grade as they were decided, else as they stand, and the targets missed."""

    case: Assessment
    points: str
    grade: str
    decided: bool
    missed: Sequence[str]
    adjustment: str


def years_of(actor: User, bank: Bank) -> list[Year]:
    """The cases of a bank, the latest year first. One query."""
    rows = (
        visible_assessments(actor)
        .filter(bank=bank)
        .select_related("bank", "round__rulebook", "officer", "version", "rating__run", "reviewed_run", "system_run")
        .defer(
            *(
                f"{run}__{name}"
                for run in ("rating__run", "reviewed_run", "system_run")
                for name in ("stored", "array", "inputs")
            ),
            *(f"version__{name}" for name in ("facts", "history", "answers", "report", "explanations")),
            "round__rulebook__content",
        )
        .order_by("-round__year", "-pk")
    )
    return [_year(case) for case in rows]


def _year(case: Assessment) -> Year:
    rulebook, rating = engine_rulebook(case.round.rulebook), case.rating
    decided = rating is not None and bool(rating.grade)
    run = rating.run if rating is not None else case.counted_run
    grade = (rating.grade or rating.grade_proposed) if rating is not None else (run.grade if run is not None else "")
    letters = zip(rulebook.targets.values(), run.targets if run is not None else "", strict=False)
    return Year(
        case,
        rating.points if rating is not None else (run.total if run is not None else ""),
        grade_name(rulebook, grade) if grade else "",
        decided,
        [in_language(spec.short) for spec, letter in letters if letter == "x"],
        rating.adjustment if rating is not None and decided else "",
    )


@dataclass(frozen=True)
class Dossier:
    """Everything that is known of a bank, as far as the actor may see it."""

    years: Sequence[Year]
    measures: Sequence[Any]
    notices: Sequence[Notice]
    objections: Sequence[Objection]
    replies: Sequence[ObjectionLetter]
    people: Sequence[User]


def dossier_of(actor: User, bank: Bank) -> Dossier:
    """What stands on the page of a bank that an access function has given."""
    objections = visible_objections(actor).filter(notice__rating__assessment__bank=bank)
    replies = ObjectionLetter.objects.filter(objection__in=objections.order_by().values("pk"))
    measures = list(visible_measures(actor).filter(assessment__bank=bank))
    for live in measures:
        live.shown_words = LiveState(live.shown_state).label
    return Dossier(
        years=years_of(actor, bank),
        measures=measures,
        notices=list(visible_notices(actor).filter(rating__assessment__bank=bank)),
        objections=list(objections),
        replies=list(replies.order_by("-issued_at")),
        people=bank_people(actor, bank),
    )
