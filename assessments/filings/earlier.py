"""What stands of a bank's earlier years: its figures as they were signed, its targets as they were decided.

A figure that was typed after the signature, or that nobody signed, says nothing of that year. What the supervisor gave
and the system counted is on file, and frozen with the decision once the bank has its notice.
"""

from collections.abc import Collection, Mapping

from assessments.models import Assessment, Rating, Review, ScoreRun
from assessments.rounds.carrying import DECIDED, OF_THE_BANK
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import Stored
from banks.models import FactEntry, FactState

_TOLD = (Review.NOTIFIED, Review.ACKNOWLEDGED)
# The letters of ``ScoreRun.targets`` as the recorded outcome of an earlier year: met or not, or neither.
_RECORDED: dict[str, Stored] = {
    "m": {"state": FactState.VALUE.value, "value": "true"},
    "x": {"state": FactState.VALUE.value, "value": "false"},
    "n": {"state": FactState.NOT_APPLICABLE.value, "value": ""},
}
_UNREAD = ("version__answers", "version__history", "version__report", "rating__run__stored", "rating__run__array")


def cases_of(bank_id: int, periods: Collection[str]) -> dict[str, Assessment]:
    """By period, the bank's case of each year that has one: a decided one before others, a signed one before drafts.
    One query.
    """
    return cases_of_banks([bank_id], periods)[bank_id]


def cases_of_banks(bank_ids: Collection[int], periods: Collection[str]) -> dict[int, dict[str, Assessment]]:
    """The same for many banks, by bank. One query."""
    years = [int(period) for period in periods]
    rows = Assessment.objects.filter(bank__in=bank_ids, round__year__in=years)
    rows = rows.select_related("round", "version", "rating__run").defer(*_UNREAD)
    found: dict[int, dict[str, Assessment]] = {bank: {} for bank in bank_ids}
    for case in sorted(rows, key=lambda case: (case.version_id is not None, case.review_state in DECIDED, case.pk)):
        found[case.bank_id][case.round.period] = case  # the last of a year stays
    return found


def as_signed(entries: Mapping[str, FactEntry], case: Assessment | None) -> dict[str, Stored]:
    """The figures of one year and, under their ids, the outcomes of targets: ``entries`` are on file, ``case`` is the
    year's own. A year without one (before the first round) is known by what is on file alone.
    """
    found: dict[str, Stored] = {
        fact: {"state": entry.state, "value": entry.value}
        for fact, entry in entries.items()
        if case is None or entry.source not in OF_THE_BANK
    }
    if case is not None and case.version is not None:
        found |= case.version.facts
        rating: Rating | None = getattr(case, "rating", None)
        if rating is not None and rating.run is not None and case.review_state in _TOLD:
            given = rating.run.inputs.get("facts", {})
            found |= {fact: value for fact, value in given.items() if fact in entries} | _decided(case, rating.run)
    return found


def _decided(case: Assessment, run: ScoreRun) -> dict[str, Stored]:
    """The outcome of each target that an officer decided, as the rating counted it."""
    decided = run.inputs.get("decisions", {})
    if not decided:
        return {}
    letters = zip(engine_rulebook(case.round.rulebook).targets, run.targets, strict=True)
    return {target: _RECORDED[letter] for target, letter in letters if target in decided and letter in _RECORDED}
