"""The workbook of a round's figures as it goes out: the figures of every bank, the values of the year, definitions."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from assessments.filings.fact_fields import definition
from assessments.models import Round
from assessments.reviews.given_facts import given_specs
from assessments.reviews.round_figures import layout
from assessments.reviews.round_figures.selectors import figure_cases, with_figures
from assessments.rounds.parameters.values import parameter_rows, parameter_texts, parameter_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.parameters import parameter_spec
from assessments.rulebooks.stored_values import to_engine
from banks.models import User
from scorecard.access.roles import READ_ROLES, Role
from scorecard.engine.rulebook.model import FACT_KINDS, FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.scoring_input import of_year
from scorecard.exports import Sheet
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language, screen_language
from scorecard.words.sources import provenance

PART = 500  # banks that are read at once


def sheets(actor: User, round_: Round, stage_words: Any) -> list[Sheet]:
    """What this person may read of it: the figures for those who see assessments, the values of the year for all
    supervisors, who may set them with the columns to set them in.
    """
    rulebook = engine_rulebook(round_.rulebook)
    specs, found = given_specs(rulebook), []
    if actor.holds(*READ_ROLES):
        head = [*layout.bank_columns().values(), *layout.figure_columns(specs).values()]
        rows = _figures(actor, round_, rulebook, stage_words)
        found.append(Sheet(layout.figures_title(), head, rows, hidden=[len(head) - 1], fixed=2))
    if rulebook.parameters:
        found.append(_values(round_, rulebook, actor.holds(Role.ADMINISTRATOR)))
    found.append(definitions_sheet([*specs, *(parameter_spec(one) for one in rulebook.parameters.values())]))
    return found


def _figures(actor: User, round_: Round, rulebook: Rulebook, stage_words: Any) -> Iterator[list[Any]]:
    """A row for each bank; the last cell says which revision of each figure the row was made from."""
    cases = figure_cases(actor, round_, rulebook).iterator(chunk_size=PART)
    while part := list(islice(cases, PART)):
        for case, figures in with_figures(round_, rulebook, part):
            line = [case.bank.code, case.bank_name, case.category_words, case.officer_name, stage_words(case.stage)]
            for fact in figures:
                entry = fact.entry
                line.append(
                    layout.cell_of(fact.spec, to_engine(fact.spec, entry.state, entry.value) if entry else None)
                )
                line.append(layout.cell_of(fact.spec, fact.before))
            yield [
                *line,
                ";".join(f"{fact.spec.id}:{fact.entry.revision if fact.entry else 0}" for fact in figures),
            ]


def _values(round_: Round, rulebook: Rulebook, to_set: bool) -> Sheet:
    """A row for each value of the year."""
    rows_set = parameter_rows(round_)
    values = parameter_values(rulebook, parameter_texts(round_, rows_set))
    newest: dict[str, Any] = {row.parameter: row for row in rows_set if row.round_id == round_.pk}
    columns = layout.value_columns()
    if not to_set:
        columns = {name: title for name, title in columns.items() if name not in ("value", "source")}
    rows = []
    for name, parameter in rulebook.parameters.items():
        spec, row = parameter_spec(parameter), newest.get(name)
        cells = {
            "name": in_language(parameter.label),
            "unit": unit_name(parameter.unit),
            "last": layout.cell_of(spec, values.get(of_year(name, 1))),
            "default": layout.cell_of(spec, parameter.default),
            "now": layout.cell_of(spec, values.get(name, parameter.default)),
            "now_source": row.source if row is not None and row.value else "",
            layout.STAND: f"{name}:{row.revision if row is not None else 0}",
        }
        rows.append([cells.get(column) for column in columns])
    return Sheet(layout.values_title(), list(columns.values()), rows, hidden=[len(columns) - 1], fixed=1)


def definitions_sheet(specs: list[FactSpec]) -> Sheet:
    """What each figure means, in which unit, within which limits, and where it is asked for."""
    lang = screen_language()
    head = [_("Figure"), _("Kind"), _("Unit"), _("Lowest"), _("Highest"), _("Choices"), _("Definition"), _("Source")]
    rows = [
        [
            in_language(spec.label),
            in_language(FACT_KINDS[spec.kind].words),
            unit_name(spec.unit),
            layout.cell_of(spec, spec.min),
            layout.cell_of(spec, spec.max),
            "；".join(f"{id} {label.get(lang)}" for id, label in spec.options.items()),
            definition(spec),
            provenance(spec.source),
        ]
        for spec in specs
    ]
    return Sheet(layout.definitions_title(), head, rows, fixed=1)
