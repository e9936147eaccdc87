"""The two sheets that compute: what is missing, and what the checks say. Each formula keeps its present value."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.worksheet import Worksheet

from assessments.filings.keys import Key, Kind
from assessments.filings.workbook.contents import Contents
from assessments.filings.workbook.flat import address
from assessments.filings.workbook.formulas import Formulas, NoFormula
from assessments.filings.workbook.shown import YES
from assessments.filings.workbook.write import HEAD_ROW, Writer
from assessments.models import REPORT
from scorecard.engine import Nothing
from scorecard.engine.exact.context import Scoring
from scorecard.engine.explain.magnitude import FACTOR
from scorecard.engine.language.exact import compute
from scorecard.engine.rulebook.labels import words
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language

FIRST = HEAD_ROW + 1


# --- What is missing -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """One thing that is required: under which heading and name, and the claims that excuse from it."""

    part: str
    label: str
    key: Key
    excused_by: tuple[str, ...] = ()
    only_if: str = ""  # the claim that asks for it


def wanted(contents: Contents) -> Iterator[Wanted]:
    """Everything that is required before the filing can be passed on, in the order of the sheets."""
    for title, specs in (*contents.groups, *contents.answers):
        for spec in specs:
            if spec.required:
                yield Wanted(title, in_language(spec.label), Key(Kind.FACT, spec.id), contents.excusing(spec.id))
    for title, items in contents.items:
        for item in items:
            id = item.indicator.id
            name = f"{id} {in_language(item.indicator.name)}"
            points, narrative = Key(Kind.SELF_POINTS, id), Key(Kind.NARRATIVE, id)
            yield Wanted(title, f"{name}{_(': ')}{_('self-score')}", points, (id,) if item.claim else ())
            if item.narrative or item.claim:
                only_if = "" if item.narrative else id
                yield Wanted(title, f"{name}{_(': ')}{_('narrative')}", narrative, (), only_if)
    yield Wanted(pgettext("sheet", "Report"), _("Summary report"), Key(Kind.NARRATIVE, REPORT))


def state(contents: Contents, item: Wanted) -> str:
    """Whether it is there: the words of the overview, as the sheet's formula gives them."""
    claims = [bool(contents.value(Key(Kind.NOT_APPLICABLE, id))) for id in item.excused_by]
    asked = not item.only_if or bool(contents.value(Key(Kind.NOT_APPLICABLE, item.only_if)))
    if (claims and all(claims)) or not asked:
        return _("not asked")
    value = contents.value(item.key)
    blank = value is None or value is Nothing.UNANSWERED or (isinstance(value, str) and not value.strip())
    return _("missing") if blank else _("filled in")


def write_overview(writer: Writer, page: Worksheet) -> None:
    """The overview: a row for each thing that is required, with a link to it and a formula that looks at it."""
    contents, items = writer.contents, list(wanted(writer.contents))
    text, link = writer.format(text_wrap=True), writer.format(text_wrap=True, font_color="#1F5FA8", underline=1)
    last = FIRST + len(items) - 1
    column = f"{address(FIRST, 3)}:{address(last, 3)}"
    missing = sum(state(contents, item) == _("missing") for item in items)
    bold = writer.format(bold=True, font_size=14, align="left")
    page.write_string(1, 2, _("Still missing, as you fill in:"), writer.format(align="right"))
    page.write_formula(1, 3, f'=COUNTIF({column},"{_("missing")}")', bold, missing)
    for row, item in enumerate(items, start=FIRST):
        page.write_string(row, 1, item.part, text)
        page.write_url(row, 2, writer.links[item.key], link, item.label[:250])
        page.write_formula(row, 3, _state_formula(writer, item), text, state(contents, item))
    _warn(writer, page, last, _("missing"))
    page.autofilter(HEAD_ROW, 1, last, 3)
    writer.finish(page, last + 1, 3)


def _warn(writer: Writer, page: Worksheet, last: int, said: str) -> None:
    """Let a state stand out, as the formulas find it."""
    how = writer.book.add_format({"bg_color": "#FCE4E4", "font_color": "#8A1F1F"})
    rule = {"type": "cell", "criteria": "==", "value": f'"{said}"', "format": how}
    page.conditional_format(FIRST, 3, last, 3, rule)


def _state_formula(writer: Writer, item: Wanted) -> str:
    name = writer.names[item.key]
    spec = writer.contents.rulebook.facts.get(item.key.id) if item.key.kind == Kind.FACT else None
    several = spec is not None and spec.kind == "checklist"
    blank = f"COUNTBLANK({name})=ROWS({name})" if several else f"LEN(TRIM({name}))=0"
    found = f'IF({blank},"{_("missing")}","{_("filled in")}")'
    yes = YES.get(writer.contents.language)

    def claimed(id: str) -> str:
        return f'{writer.names[Key(Kind.NOT_APPLICABLE, id)]}="{yes}"'

    if item.excused_by:
        return f'=IF(AND({",".join(claimed(id) for id in item.excused_by)}),"{_("not asked")}",{found})'
    if item.only_if:
        return f'=IF({claimed(item.only_if)},{found},"{_("not asked")}")'
    return f"={found}"


# --- What the checks say ---------------------------------------------------------------------------------------------


def write_checks(writer: Writer, page: Worksheet) -> None:
    """The rulebook's checks and the question to a figure's size, each with its formula where there is one."""
    contents, text = writer.contents, writer.format(text_wrap=True)
    kinds = {"error": _("must hold"), "warning": _("else to be explained")}
    scoring = Scoring(contents.rulebook, contents.inputs)
    row = FIRST
    for check in contents.rulebook.checks.values():
        said = in_language(words(contents.rulebook, check.holds))
        page.write_string(row, 1, said, text)
        writer.fit(page, row, [(said, 90)])
        page.write_string(row, 2, kinds[check.severity], text)
        formulas = Formulas(contents.rulebook, _figure_names(writer), contents.inputs.history.get(-1, {}))
        try:
            condition, used = formulas.check(check.holds.node)
        except NoFormula:
            page.write_string(row, 3, _("checked on upload"), text)
        else:
            names = [writer.names[Key(Kind.FACT, fact)] for fact in used]
            lacking = f"COUNT({','.join(names)})<{len(names)}" if names else "FALSE"
            answer = f'IF({condition},"{pgettext("check", "holds")}","{_("does not hold")}")'
            answer = f'IFERROR({answer},"{_("checked on upload")}")'
            there = all(isinstance(contents.value(Key(Kind.FACT, fact)), Decimal) for fact in used)
            found = compute(check.holds, scoring)
            kept = (
                pgettext("check", "holds")
                if found is True
                else _("does not hold")
                if found is False
                else _("checked on upload")
            )
            formula = f'=IF({lacking},"{_("figures missing")}",{answer})'
            page.write_formula(row, 3, formula, text, kept if there else _("figures missing"))
        row += 1
    for _title, specs in contents.groups:
        for spec in specs:
            row += _size(writer, page, row, spec)
    if row > FIRST:
        _warn(writer, page, row - 1, _("does not hold"))
        _warn(writer, page, row - 1, _("check unit and figure"))
    writer.finish(page, row, 3)


def _figure_names(writer: Writer) -> dict[str, str]:
    facts = writer.contents.rulebook.facts
    return {key.id: name for key, name in writer.names.items() if key.kind == Kind.FACT and facts[key.id].is_number}


def _size(writer: Writer, page: Worksheet, row: int, spec: FactSpec) -> int:
    """The question to the size of one figure against last year's; returns how many rows it took."""
    contents, text = writer.contents, writer.format(text_wrap=True)
    repeated = next((other.id for other in contents.rulebook.facts.values() if other.carries_from == spec.id), "")
    now = writer.names[Key(Kind.FACT, spec.id)]
    before_key = Key(Kind.FACT, repeated)
    if before_key in writer.names:
        before, value = writer.names[before_key], contents.value(before_key)
    elif isinstance(value := contents.last.get(spec.id), Decimal):
        before = plain(value)
    else:
        return 0
    said = _("“%(label)s” against last year: at most %(factor)d times as much, at least a %(factor)dth of it")
    page.write_string(row, 1, said % {"label": in_language(spec.label), "factor": FACTOR}, text)
    page.write_string(row, 2, _("else to be explained"), text)
    most, least = f"MAX(ABS({now}),ABS({before}))", f"MIN(ABS({now}),ABS({before}))"
    told = (
        f'IF({least}=0,"",IF({most}>={FACTOR}*{least},"{_("check unit and figure")}","{pgettext("check", "holds")}"))'
    )
    lacking = f"COUNT({now},{before})<2"
    page.write_formula(row, 3, f'=IF({lacking},"{_("figures missing")}",{told})', text, _sized(contents, spec, value))
    return 1


def _sized(contents: Contents, spec: FactSpec, before: object) -> str:
    now = contents.value(Key(Kind.FACT, spec.id))
    if not isinstance(now, Decimal) or not isinstance(before, Decimal):
        return _("figures missing")
    most, least = max(abs(now), abs(before)), min(abs(now), abs(before))
    if not least:
        return ""
    return _("check unit and figure") if most >= FACTOR * least else pgettext("check", "holds")
