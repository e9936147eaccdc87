"""Writing what a workbook of a round's figures changes: all of it, or nothing."""

from collections.abc import Sequence

from django.db import transaction

from assessments.models import Round
from assessments.reviews.services.facts import Given, give_figures
from assessments.rounds.parameters.services import NewValue, set_round_parameter
from banks.models import User


@transaction.atomic
def take_workbook(
    *, actor: User, round_: Round, given: Sequence[Given], values: Sequence[NewValue], note: str, sure: bool
) -> int:
    """Record figures and values of the year by the services of their pages, in one transaction; returns how many."""
    written = len(give_figures(actor=actor, given=given, note=note)) if given else 0
    for new in values:
        set_round_parameter(
            actor=actor,
            round_id=round_.pk,
            parameter=new.parameter,
            value=new.value,
            source=new.source,
            seen=new.seen,
            sure=sure,
        )
    return written + len(values)
