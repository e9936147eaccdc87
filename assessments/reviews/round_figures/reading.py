"""The workbook of a round's figures as it comes back: what it would change, and everything that is wrong, by cell.

A blank cell changes nothing; 清空 or (clear) empties the figure. A cell that stands as it did when the file was made
changes nothing either; one that somebody else has given since then is a conflict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Round, RoundParameter
from assessments.reviews.given_facts import given_specs
from assessments.reviews.round_figures import layout
from assessments.reviews.round_figures.selectors import figure_cases
from assessments.reviews.round_figures.table import SheetTable, made_from_revisions, order_of, places_of
from assessments.reviews.services.facts import Given, check_figures, read_figures
from assessments.rounds.parameters.services import NewValue, check_value
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.parameters import parameter_spec, shown_parameter
from assessments.rulebooks.stored_values import to_engine, to_stored
from banks.models import FactEntry, User
from banks.selectors.facts import current_facts_of
from scorecard.access.decisions import Refused
from scorecard.access.roles import READ_ROLES, Role
from scorecard.engine import FactError, FactValue, format_fact, parse_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.scanner import refuse_malware
from scorecard.uploads import CLEAR, CellProblem, sheet_titles
from scorecard.words.language import in_language, screen_language

MOST_CASES = 500  # banks that one file changes: each is scored again in the same step


@dataclass(frozen=True)
class Change:
    """One cell that would be written."""

    sheet: str
    cell: str
    owner: str  # the bank; blank for a value of the year
    label: str
    before: str
    after: str
    question: str = ""


@dataclass
class Plan:
    """What a file would do."""

    given: list[Given] = field(default_factory=list)
    values: list[NewValue] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    banks: int = 0  # rows that were read

    @property
    def asked(self) -> bool:
        """Whether a figure of unlikely size is among the changes."""
        return any(change.question for change in self.changes)


def plan_workbook(actor: User, round_: Round, content: bytes) -> Plan:
    """Read the sheets that are the reader's. Raises ``Refused`` for a file that cannot be read at all."""
    refuse_malware(content)
    titles = sheet_titles(content)
    rulebook, plan = engine_rulebook(round_.rulebook), Plan()
    known = {layout.figures_title: _plan_figures, layout.values_title: _plan_values}
    found = [(place, title, read) for words, read in known.items() for place, title in places_of(titles, words)]
    if not found:
        words = _(
            "The file has neither a sheet “%(figures)s” nor a sheet “%(values)s”. Begin with the workbook of this "
            "round."
        )
        raise Refused([words % {"figures": layout.figures_title(), "values": layout.values_title()}])
    for place, title, read in found:
        table = SheetTable(content, place, title, plan.problems)
        if table.columns:
            read(plan, table, actor, round_, rulebook)
    plan.problems.sort(key=lambda problem: (problem.sheet, *order_of(problem.cell)))
    return plan


# --- The figures of the banks ----------------------------------------------------------------------------------------


def _plan_figures(plan: Plan, table: SheetTable, actor: User, round_: Round, rulebook: Rulebook) -> None:
    specs = {spec.id: spec for spec in given_specs(rulebook)}
    columns = lambda: layout.bank_columns() | layout.figure_columns(specs.values())  # noqa: E731
    if not table.match(layout.understood(columns), ["code"]):
        return
    if not actor.holds(*READ_ROLES):
        table.add(1, 0, _("You set the values of the year; take the sheet of the banks' figures out of the file."))
        return
    reader = _Figures(plan, table, actor, round_, specs)
    for number, cells in table.filled():
        reader.read(number, cells)
    reader.check()


class _Figures:
    """The rows of the banks, one after the other."""

    def __init__(
        self, plan: Plan, table: SheetTable, actor: User, round_: Round, specs: Mapping[str, FactSpec]
    ) -> None:
        self.plan, self.table, self.actor, self.specs = plan, table, actor, specs
        self.rulebook = engine_rulebook(round_.rulebook)
        self.cases = {case.bank.code: case for case in figure_cases(actor, round_, self.rulebook)}
        ids = [case.bank_id for case in self.cases.values()]
        self.current = {bank: found[round_.period] for bank, found in current_facts_of(ids, [round_.period]).items()}
        rows = FactEntry.objects.filter(bank__in=ids, period=round_.period, fact__in=specs)
        self.known = {(row.bank_id, row.fact, row.revision): row for row in rows}
        self.rows: dict[str, int] = {}
        self.places: dict[tuple[int, str], tuple[int, int]] = {}

    def read(self, number: int, cells: Sequence[Any]) -> None:
        """One row: the figures that it would change."""
        code = self.table.text(number, cells, "code")
        case: Any = self.cases.get(code)
        place = self.table.columns["code"]
        if case is None:
            words = _("No bank of this round has the code “%(code)s”.") if code else _("Give the code of the bank.")
            self.table.add(number, place, words % {"code": code[:40]} if code else words)
            return
        if code in self.rows:
            self.table.add(number, place, _("The bank stands in row %(row)d already.") % {"row": self.rows[code]})
            return
        self.rows[code] = number
        name = self.table.text(number, cells, "bank")
        names = {case.bank_name, case.bank.name_zh, case.bank.name_en, case.bank.short_name, case.kept_name_zh}
        if name and name not in names:
            words = _("The code is that of %(bank)s, the name beside it another; check that the row is about one bank.")
            self.table.add(number, place, words % {"bank": case.bank_name})
            return
        self.plan.banks += 1
        self.places[case.pk, ""] = (number, place)
        stand = made_from_revisions(self.table.text(number, cells, layout.STAND))
        values: dict[str, str | Decimal] = {}
        for fact in self.specs:
            raw = self.table.raw(number, cells, fact)
            if raw is not None and self._changes(number, case, fact, raw, stand.get(fact)):
                values[fact] = "" if raw in CLEAR else raw
        if values:
            entries = self.current[case.bank_id]
            seen = {fact: entries[fact].revision if fact in entries else 0 for fact in values}
            version = case.version.number if case.version else 0
            self.plan.given.append(Given(case.pk, version, values, seen))

    def _changes(self, number: int, case: Any, fact: str, raw: str | Decimal, made_from: int | None) -> bool:
        """Whether a cell would change its figure; note what is wrong with it."""
        place, spec = self.table.columns[fact], self.specs[fact]
        stored, wrong = read_figures(self.rulebook, {fact: "" if raw in CLEAR else raw})
        if wrong:
            self.table.add(number, place, wrong[fact][0])
            return False
        pair, entry = stored[fact], self.current[case.bank_id].get(fact)
        if pair == ((entry.state, entry.value) if entry else ("not_supplied", "")):
            return False
        if made_from is not None and (entry.revision if entry else 0) != made_from:
            base = self.known.get((case.bank_id, fact, made_from))
            if pair == ((base.state, base.value) if base else ("not_supplied", "")):
                return False
            now = _shown(spec, entry)
            words = _(
                "Somebody has given “%(now)s” since the file was made. Take the workbook again, or empty the cell."
            )
            self.table.add(number, place, words % {"now": now})
            return False
        self.places[case.pk, fact] = (number, place)
        after = format_fact(spec, to_engine(spec, *pair), screen_language())
        cell = self.table.cell(number, place)
        label = in_language(spec.label)
        self.plan.changes.append(Change(self.table.title, cell, case.bank_name, label, _shown(spec, entry), after))
        return True

    def check(self) -> None:
        """What the service says of all of it, put to the cells."""
        if len(self.plan.given) > MOST_CASES:
            words = _("The file changes the figures of more than %(limit)d banks; split it.")
            self.table.add(1, 0, words % {"limit": MOST_CASES})
            return
        found = check_figures(actor=self.actor, given=self.plan.given)
        for here, reasons in found.wrong.items():
            for reason in reasons:
                self.table.add(*self.places[here], reason)
        questions = {self.table.cell(*self.places[here]): words for here, words in found.asked.items()}
        self.plan.changes = [
            Change(**{**vars(change), "question": questions.get(change.cell, "")})
            if change.sheet == self.table.title
            else change
            for change in self.plan.changes
        ]


def _shown(spec: FactSpec, entry: FactEntry | None) -> str:
    return format_fact(spec, to_engine(spec, entry.state, entry.value), screen_language()) if entry else "—"


# --- The values of the year ------------------------------------------------------------------------------------------


def _plan_values(plan: Plan, table: SheetTable, actor: User, round_: Round, rulebook: Rulebook) -> None:
    if not table.match(layout.understood(layout.value_columns), ["name"]):
        return
    by_label = {
        layout.fold(text): name for name, one in rulebook.parameters.items() for text in (one.label.zh, one.label.en)
    }
    newest = {row.parameter: row for row in RoundParameter.objects.filter(round=round_).order_by("revision")}
    done: set[str] = set()
    for number, cells in table.filled():
        raw, source = table.raw(number, cells, "value"), table.text(number, cells, "source")
        if raw is None:
            if source:
                table.add(number, table.columns["source"], _("A source stands here without a new value beside it."))
            continue
        place, name = table.columns["value"], by_label.get(layout.fold(table.text(number, cells, "name")))
        if name is None:
            table.add(
                number, table.columns["name"], _("The rulebook of this round leaves no such value to the supervisor.")
            )
        elif name in done:
            table.add(number, table.columns["name"], _("The value stands twice; take one of the two rows out."))
        elif not actor.holds(Role.ADMINISTRATOR):
            table.add(
                number, place, _("The administrator, who plans rounds, sets the values of the year; empty the cell.")
            )
        else:
            done.add(name)
            stand = made_from_revisions(table.text(number, cells, layout.STAND)).get(name)
            _plan_value(plan, table, round_, rulebook, newest.get(name), number, (name, raw, source, stand))


def _plan_value(
    plan: Plan,
    table: SheetTable,
    round_: Round,
    rulebook: Rulebook,
    last: RoundParameter | None,
    number: int,
    given: tuple[str, str | Decimal, str, int | None],
) -> None:
    """One value of the year: what the service would say, and what would change."""
    name, raw, source, made_from = given
    place, spec = table.columns["value"], parameter_spec(rulebook.parameters[name])
    revision = last.revision if last else 0
    value: FactValue | None = None
    if made_from is not None and made_from != revision:
        table.add(number, place, _("The value has been set again since the file was made; take the workbook again."))
        return
    if raw not in CLEAR:
        try:
            value = parse_fact(spec, raw)
        except FactError as error:
            table.add(number, place, in_language(error.message))
            return
    if last is not None and value is not None and (last.value, last.source) == (to_stored(value)[1], source):
        return
    new = NewValue(name, value, source, revision)
    problems, question = check_value(round_, new)
    for column, reasons in problems.items():
        for reason in reasons:
            table.add(number, table.columns.get(column, place), reason)
    lang = screen_language()
    before = to_engine(spec, "value", last.value) if last and last.value else None
    plan.values.append(new)
    plan.changes.append(
        Change(
            table.title,
            table.cell(number, place),
            "",
            in_language(spec.label),
            shown_parameter(rulebook.parameters[name], before, lang) or "—",
            _("the default counts again") if value is None else format_fact(spec, value, lang),
            question,
        )
    )
