"""Setting the values of the year of a round: what a rulebook leaves to the supervisor, with the clause that sets it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import Round, RoundParameter, RoundState
from assessments.rounds.parameters.values import parameter_texts, parameter_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.parameters import parameter_spec
from assessments.rulebooks.services import require_administrator
from assessments.rulebooks.sizes import Unlikely, size_question
from assessments.rulebooks.stored_values import to_stored
from banks.models import User
from banks.services.errors import Invalid
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import FactValue, Nothing
from scorecard.engine.values.scoring_input import of_year

SOURCE_LENGTH = 200


@dataclass(frozen=True)
class NewValue:
    """A value of the year as somebody wants to set it; ``seen`` is the revision that they saw (0: none)."""

    parameter: str
    value: FactValue | None
    source: str
    seen: int


def check_value(round_: Round, new: NewValue) -> tuple[dict[str, list[Any]], str]:
    """What stands against a new value, by field, and the question to one of unlikely size; nothing is written."""
    last = RoundParameter.objects.filter(round=round_, parameter=new.parameter).order_by("-revision").first()
    found = _problems(new.value, new.source.strip(), last)
    if round_.state == RoundState.CLOSED:
        found[""] = [_("The round is closed and archived; nothing in it changes any more.")]
    return found, _question(round_, new.parameter, new.value)


@transaction.atomic
def set_round_parameter(
    *,
    actor: User | None,
    round_id: int,
    parameter: str,
    value: FactValue | None,
    source: str,
    seen: int | None = None,
    sure: bool = False,
) -> RoundParameter:
    """Set one value of the year; None withdraws it, so that the rulebook's default counts again.

    For those who plan rounds; refused once the round is closed. ``value`` is of the parameter's kind, as `parse_fact`
    reads it; a ratio is a fraction. ``seen`` is the revision that the page showed (0: none), an older one is ``Stale``.
    Scores that were computed before keep what they used; the next scoring uses the new value. The value that counts
    already, with the same source, is left as it is: no row, no event. Raises ``Invalid`` by field (``value``,
    ``source``), or ``Unlikely`` with a question to a value of unlikely size, unless somebody is ``sure``.
    """
    require_administrator(actor)
    round_ = Round.objects.select_for_update(of=("self",)).select_related("rulebook").filter(pk=round_id).first()
    if round_ is None:
        raise Refused([_("This round does not exist.")])
    if round_.state == RoundState.CLOSED:
        raise Refused([_("The round is closed and archived; nothing in it changes any more.")])
    rulebook = engine_rulebook(round_.rulebook)
    if parameter not in rulebook.parameters:
        raise Refused([_("The rulebook of this round leaves no such value to the supervisor.")])
    last = RoundParameter.objects.filter(round=round_, parameter=parameter).order_by("-revision").first()
    revision = last.revision if last is not None else 0
    if seen is not None and seen != revision:
        raise Stale([_("This value has been set again since you opened the page.")], last)
    source = source.strip()
    if problems := _problems(value, source, last):
        raise Invalid(problems)
    text = "" if value is None else to_stored(value)[1]
    if last is not None and (last.value, last.source) == (text, source):
        return last
    if not sure and (question := _question(round_, parameter, value)):
        raise Unlikely([question], {parameter: question})
    made = RoundParameter.objects.create(
        round=round_, parameter=parameter, revision=revision + 1, value=text, source=source, set_by=actor
    )
    record(
        "assessments.round.parameter",
        actor=actor,
        target=round_,
        data={
            "code": round_.code,
            "parameter": parameter,
            "value": [last.value if last else "", text],
            "source": source,
            "revision": made.revision,
        },
        seals=[made],
    )
    return made


def _question(round_: Round, parameter: str, value: FactValue | None) -> str:
    """Whether a value is of the size that it can be, beside that of last year's round."""
    rulebook = engine_rulebook(round_.rulebook)
    before = parameter_values(rulebook, parameter_texts(round_)).get(of_year(parameter, 1))
    return size_question(parameter_spec(rulebook.parameters[parameter]), value, before)


def _problems(value: FactValue | None, source: str, last: RoundParameter | None) -> dict[str, list[Any]]:
    """What stands against a value of the year, by field."""
    problems: dict[str, list[Any]] = {}
    if not source:
        problems["source"] = [_("Say where the value comes from: the notice or clause, or who decided it and when.")]
    elif len(source) > SOURCE_LENGTH:
        problems["source"] = [_("Use at most %(count)d characters for the source.") % {"count": SOURCE_LENGTH}]
    if isinstance(value, Nothing):
        problems["value"] = [_("Give the value, or withdraw it so that the rulebook's default counts.")]
    elif value is None and (last is None or not last.value):
        problems["value"] = [_("Nothing is set that could be withdrawn.")]
    return problems
