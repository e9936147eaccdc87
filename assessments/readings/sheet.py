"""The supervisor's sheet of a period: a row for each bank, out as a workbook and in again, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Reading, ReadingPeriod, ReadingSource, ReadingStanding
from assessments.readings.computing import stand
from assessments.readings.figures import Values, findings, missing, read_figures, reading_facts, stored_of, values_of
from assessments.readings.selectors import banks_of, get_period, latest, year_before
from assessments.readings.services import NOTE_LENGTH, against_figures, carried, freeze
from assessments.reviews.round_figures import layout
from assessments.reviews.round_figures.book import definitions_sheet
from assessments.reviews.round_figures.reading import Change
from assessments.reviews.round_figures.table import SheetTable, order_of, places_of
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank, User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.seals import Rows, Sealing
from scorecard.audit.services import record
from scorecard.engine import FactValue, Nothing, format_fact
from scorecard.exports import Sheet
from scorecard.scanner import refuse_malware
from scorecard.uploads import CLEAR, CellProblem, sheet_titles
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language, screen_language

MOST_BANKS = 500  # banks that one file changes


def figures_title() -> str:
    """The title of the sheet of figures."""
    return _("Readings")


def columns_of(period: ReadingPeriod) -> dict[str, str]:
    """The columns: which bank, each figure with its unit, and the hidden one with the revision."""
    found = {"code": _("Bank code"), "bank": _("Bank"), "category": _("Category")}
    for id, spec in reading_facts(engine_rulebook(period.rulebook)).items():
        unit = unit_name(spec.unit)
        title = f"{in_language(spec.label)} ({unit})" if unit and spec.unit != "%" else in_language(spec.label)
        found[id] = f"{title} [{id}]" if title in found.values() else title
    return found | {layout.STAND: _("State of the file (leave as it is)")}


@dataclass(frozen=True)
class Row:
    """One bank with what stands of it: its newest revision, 0 for none, and the figures with which one begins."""

    bank: Any
    revision: int
    stored: Mapping[str, dict[str, str]]


def rows_of(actor: User, period: ReadingPeriod) -> list[Row]:
    """The expected banks. Three queries, however many there are."""
    banks = list(banks_of(actor, period))
    ids = [bank.pk for bank in banks]
    now = {row.bank_id: row for row in latest(Reading.objects.filter(period=period, bank__in=ids))}
    before = year_before(period, ids)
    found = []
    for bank in banks:
        if (row := now.get(bank.pk)) is not None:
            found.append(Row(bank, row.revision, row.facts))
        else:
            last = before.get(bank.pk)
            found.append(Row(bank, 0, carried(period, last.facts) if last else {}))
    return found


def sheets(actor: User, period: ReadingPeriod) -> list[Sheet]:
    """The workbook: figures on file, and what each means."""
    rulebook = engine_rulebook(period.rulebook)
    specs, head = reading_facts(rulebook), list(columns_of(period).values())
    lines = []
    for row in rows_of(actor, period):
        values = values_of(rulebook, row.stored)
        cells = [layout.cell_of(spec, values.get(id)) for id, spec in specs.items()]
        lines.append([row.bank.code, row.bank.name, row.bank.get_category_display(), *cells, str(row.revision)])
    return [
        Sheet(figures_title(), head, lines, hidden=[len(head) - 1], fixed=2),
        definitions_sheet(list(specs.values())),
    ]


@dataclass(frozen=True)
class Given:
    """What the file gives for one bank: the revision that it was made from, and every figure as it would be then."""

    bank: int
    seen: int
    facts: Mapping[str, dict[str, str]]


@dataclass
class Plan:
    """What a file would do."""

    given: list[Given] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    asked: bool = False


def plan_sheet(actor: User, period: ReadingPeriod, content: bytes) -> Plan:
    """Read the sheet: every change, and every problem by its cell. Raises ``Refused`` for a file that cannot be read
    at all.
    """
    refuse_malware(content)
    plan, titles = Plan(), sheet_titles(content)
    found = places_of(titles, figures_title)
    if not found:
        words = _("The file has no sheet “%(title)s”. Begin with the workbook of this page.")
        raise Refused([words % {"title": figures_title()}])
    for place, title in found:
        table = SheetTable(content, place, title, plan.problems)
        if table.columns and table.match(layout.understood(lambda: columns_of(period)), ["code"]):
            reader = _Rows(plan, table, actor, period)
            for number, cells in table.filled():
                reader.read(number, cells)
    if len(plan.given) > MOST_BANKS:
        words = _("The file changes the figures of more than %(limit)d banks; split it.")
        raise Refused([words % {"limit": MOST_BANKS}])
    plan.problems.sort(key=lambda problem: (problem.sheet, *order_of(problem.cell)))
    return plan


class _Rows:
    """The rows of the banks, one after the other."""

    def __init__(self, plan: Plan, table: SheetTable, actor: User, period: ReadingPeriod) -> None:
        self.plan, self.table, self.period = plan, table, period
        self.rulebook = engine_rulebook(period.rulebook)
        self.specs = reading_facts(self.rulebook)
        self.known = {row.bank.code: row for row in rows_of(actor, period)}
        self.before = year_before(period, [row.bank.pk for row in self.known.values()])
        self.done: dict[str, int] = {}

    def read(self, number: int, cells: Sequence[Any]) -> None:
        """One row: what it would change, and what is wrong with it."""
        table, place = self.table, self.table.columns["code"]
        code = table.text(number, cells, "code")
        row = self.known.get(code)
        if row is None:
            words = _("No bank of this period has the code “%(code)s”.") if code else _("Give the code of the bank.")
            table.add(number, place, words % {"code": code[:40]} if code else words)
            return
        if code in self.done:
            table.add(number, place, _("The bank stands in row %(row)d already.") % {"row": self.done[code]})
            return
        self.done[code] = number
        name = table.text(number, cells, "bank")
        if name and name not in {row.bank.name_zh, row.bank.name_en, row.bank.short_name}:
            words = _("The code is that of %(bank)s, the name beside it another; check that the row is about one bank.")
            table.add(number, place, words % {"bank": row.bank.name})
            return
        self._figures(number, cells, row)

    def _figures(self, number: int, cells: Sequence[Any], row: Row) -> None:
        typed = {id: raw for id in self.specs if (raw := self.table.raw(number, cells, id)) is not None}
        cleared = {id: "" if isinstance(raw, str) and raw in CLEAR else raw for id, raw in typed.items()}
        given, errors = read_figures(self.rulebook, cleared)
        for id, text in errors.items():
            self.table.add(number, self.table.columns[id], text)
        stands = values_of(self.rulebook, row.stored)
        changed = {id: value for id, value in given.items() if value != stands.get(id, Nothing.UNANSWERED)}
        if errors or not (changed or (typed and not row.revision)):
            return
        stand = self.table.text(number, cells, layout.STAND)
        if stand.isascii() and stand.isdecimal() and stand.lstrip("0") != str(row.revision or ""):
            words = _("The reading has changed since the file was made. Take the workbook again.")
            self.table.add(number, self.table.columns["code"], words)
            return
        self._check(number, row, {**stands, **given}, changed)

    def _check(self, number: int, row: Row, values: dict[str, FactValue], changed: Values) -> None:
        """The row as it would be: what is missing or wrong, and what is asked."""
        place = self.table.columns["code"]
        last = self.before.get(row.bank.pk)
        before = values_of(self.rulebook, last.facts) if last is not None else {}
        if absent := missing(self.rulebook, values):
            names = "、".join(in_language(spec.label) for spec in absent)
            self.table.add(number, place, _("These figures are missing: %(names)s.") % {"names": names})
        found = findings(self.rulebook, values, before)
        for each in found:
            if each.error:
                at = next((self.table.columns[id] for id in each.facts if id in self.table.columns), place)
                self.table.add(number, at, each.text)
        asked = {id: each.text for each in found if not each.error for id in each.facts[:1]}
        lang, stands = screen_language(), values_of(self.rulebook, row.stored)
        for id, spec in self.specs.items():
            if id not in changed and id not in asked:
                continue
            now = values.get(id, Nothing.UNANSWERED)
            was = format_fact(spec, stands[id], lang) if id in stands else "—"
            cell = self.table.cell(number, self.table.columns.get(id, place))
            shown = format_fact(spec, now, lang)
            self.plan.changes.append(
                Change(self.table.title, cell, row.bank.name, in_language(spec.label), was, shown, asked.get(id, ""))
            )
        self.plan.asked |= bool(asked)
        self.plan.given.append(Given(row.bank.pk, row.revision, stored_of(values)))


@transaction.atomic
def give_readings(*, actor: User, period_id: int, given: Sequence[Given], note: str, sure: bool) -> list[Reading]:
    """Make the next revision of each of these banks, confirmed by whoever gives it; all of them or none.

    A bank's own draft stays, as the revision after. Raises ``Stale`` where a reading has changed since the file was
    made, ``Refused`` with every reason, and where a check asks something and nobody is ``sure``.
    """
    period = get_period(actor, period_id)
    if not actor.holds(Role.CASE_OFFICER):
        raise Refused([_("Only a case officer gives readings of banks.")])
    note = note.strip()[:NOTE_LENGTH]
    rulebook = engine_rulebook(period.rulebook)
    ids = sorted(one.bank for one in given)
    banks = {bank.pk: bank for bank in Bank.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    now = {row.bank_id: row for row in latest(Reading.objects.filter(period=period, bank__in=ids))}
    drafts = {row.bank_id: row for row in Reading.objects.filter(period=period, bank__in=ids, confirmed_at=None)}
    before = year_before(period, ids)
    revisions = {bank: row.revision for bank, row in now.items()}
    if stale := [banks[one.bank].name for one in given if revisions.get(one.bank, 0) != one.seen]:
        raise Stale([_("The reading of %(banks)s has changed since the file was made.") % {"banks": "、".join(stale)}])
    reasons: list[Any] = []
    made: list[Reading] = []
    for one in given:
        last = before.get(one.bank)
        values = values_of(rulebook, one.facts)
        known = values_of(rulebook, last.facts) if last is not None else {}
        wrong = against_figures(period, values, known, note if sure else "")
        reasons += [_("%(bank)s: %(reason)s") % {"bank": banks[one.bank].name, "reason": reason} for reason in wrong]
        made.append(_given(actor, period, banks[one.bank], one, note))
    if reasons:
        raise Refused(reasons)
    for draft in drafts.values():  # the place that the draft has is taken; it comes after
        draft.revision += 1
        draft.save(update_fields=["revision"])
    for row in made:
        row.save()
    data = {
        "period": period.pk,
        "banks": len(made),
        "revisions": {banks[row.bank_id].code: row.revision for row in made},
        "note": note,
    }
    standings = stand(period, made)
    seals: list[Sealing] = [Rows(Reading, [row.pk for row in made]), *drafts.values()]
    seals.append(Rows(ReadingStanding, [row.pk for row in standings]))
    record("assessments.reading.given", actor=actor, target=period, data=data, seals=seals)
    return made


def _given(actor: User, period: ReadingPeriod, bank: Bank, one: Given, note: str) -> Reading:
    row = Reading(
        period=period,
        bank=bank,
        revision=one.seen + 1,
        source=ReadingSource.SUPERVISOR,
        facts={id: dict(pair) for id, pair in one.facts.items()},
        note=note,
        saves=1,
        writers=[actor.pk],
        saved_by=actor,
        saved_at=timezone.now(),
    )
    freeze(row, actor)
    return row


def may_give(actor: User) -> bool:
    """Whether somebody gives readings of banks; who reads them may take the workbook."""
    return actor.holds(Role.CASE_OFFICER)


def packed(given: Sequence[Given]) -> list[Any]:
    """What a preview carries of the plan."""
    return [[one.bank, one.seen, dict(one.facts)] for one in given]


def unpacked(rows: Sequence[Any]) -> list[Given]:
    """The same again."""
    return [Given(bank, seen, facts) for bank, seen, facts in rows]
