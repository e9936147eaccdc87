"""Columns by which lists of results are sorted: grades from the best on, and how many targets are missed."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Length, Replace
from django.db.models.lookups import Exact

from assessments.models import Round
from assessments.rulebooks.cache import engine_rulebook

NO_GRADE = 99


def grade_place(rounds: Iterable[Round], grade: Any) -> Case:
    """The place of a grade from the best on, by the rulebook of each round; the last for none."""
    found = [
        When(Q(round=round_.pk) & Q(Exact(grade, Value(spec.id))), then=Value(place))
        for round_ in rounds
        for place, spec in enumerate(engine_rulebook(round_.rulebook).grades)
    ]
    return Case(*found, default=Value(NO_GRADE), output_field=IntegerField())


def missed_count(letters: F) -> Any:
    """How many targets are missed: the letters `x` in the text that holds one letter for each target."""
    return Length(letters) - Length(Replace(letters, Value("x"), Value("")))
