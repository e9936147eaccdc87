"""Everything of a round as sheets: bank × indicator with the points, bank × figure with what was filed and given."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.models import Assessment, Round
from assessments.reviews.round_figures.layout import bank_columns, cell_of
from assessments.rounds.selectors import RESULT_COLUMNS
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.inputs import from_supervisor
from assessments.scoring.outcome_codec import read_array
from banks.selectors.facts import current_facts_of
from scorecard.engine import Nothing
from scorecard.engine.arrays import STATES
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain, scaled
from scorecard.exports import Sheet
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language

PART = 500


def points_sheet(cases: QuerySet[Assessment], rulebook: Rulebook, stage_words: Any) -> Sheet:
    """A row for each bank, a column for each indicator: its points in the score that counts, or a word."""
    head = [*bank_columns().values(), _("Score that counts"), _("Points awaited")]
    head += [
        _("%(id)s %(name)s (at most %(top)s)") % {"id": one.id, "name": in_language(one.name), "top": plain(one.max)}
        for one in rulebook.indicators.values()
    ]
    rows = (_bank(case, stage_words) + _points(case, rulebook) for case in cases.iterator(chunk_size=PART))
    return Sheet(_("Points"), head, rows, fixed=2)


def facts_sheet(cases: QuerySet[Assessment], round_: Round, rulebook: Rulebook, stage_words: Any) -> Sheet:
    """A row for each bank, a column for each figure and answer: as the bank signed it, and as the score took it from
    the supervisor.
    """
    specs = [spec for spec in rulebook.facts.values() if spec.derived is None]
    head = [*bank_columns().values(), *(_titled(spec) for spec in specs)]
    wide = cases.only(*RESULT_COLUMNS, "version__facts", "system_run__inputs", "reviewed_run__inputs")
    return Sheet(_("Figures and answers"), head, _facts(wide, round_, rulebook, specs, stage_words), fixed=2)


def _bank(case: Any, stage_words: Any) -> list[Any]:
    return [case.bank.code, case.bank_name, case.category_words, case.officer_name, stage_words(case.stage)]


def _points(case: Any, rulebook: Rulebook) -> list[Any]:
    """The points of one bank; what is awaited or not applicable is a word and never 0."""
    run = case.counted_run
    if run is None or not run.array:
        words = _("not scored yet") if case.version_id else _("not submitted")
        return [words] * (2 + len(rulebook.indicators))
    row, digits = read_array(rulebook, bytes(run.array)), rulebook.rounding.indicator
    awaited = scaled(int(row["pending"]), digits)
    cells: list[Any] = [scaled(int(row["total"]), rulebook.rounding.total), awaited]
    if awaited:
        cells[0] = _("from %(low)s") % {"low": plain(cells[0])}
    for place, spec in enumerate(rulebook.indicators.values()):
        state = STATES[int(row["states"][place])]
        if state in ("pending", "undefined"):
            cells.append(_("awaited"))
        elif state == "not_applicable" and spec.not_applicable == "share_out":
            cells.append(_("not applicable"))
        else:
            cells.append(scaled(int(row["points"][place]), digits))
    return cells


def _facts(
    cases: QuerySet[Assessment], round_: Round, rulebook: Rulebook, specs: list[FactSpec], stage_words: Any
) -> Iterator[list[Any]]:
    found = cases.iterator(chunk_size=PART)
    while part := list(islice(found, PART)):
        current = current_facts_of([case.bank_id for case in part], [round_.period])
        for case in part:
            run = case.counted_run
            signed = case.version.facts if case.version else {}
            given = (
                run.inputs.get("facts", {}) if run else from_supervisor(current[case.bank_id][round_.period], rulebook)
            )
            yield _bank(case, stage_words) + [_fact(spec, (signed | given).get(spec.id)) for spec in specs]


def _fact(spec: FactSpec, stored: dict[str, str] | None) -> Any:
    """A figure as a number or in words; the kinds of nothing are told apart."""
    if stored is None:
        return in_language((Nothing.UNANSWERED if spec.supplied_by == "bank" else Nothing.NOT_SUPPLIED).label)
    value = to_engine(spec, stored["state"], stored["value"])
    return in_language(value.label) if isinstance(value, Nothing) else cell_of(spec, value)


def _titled(spec: FactSpec) -> str:
    unit = unit_name(spec.unit)
    label = f"{in_language(spec.label)} ({unit})" if unit and spec.unit != "%" else in_language(spec.label)
    return f"{label} · {_('supervisor')}" if spec.supplied_by != "bank" else label
