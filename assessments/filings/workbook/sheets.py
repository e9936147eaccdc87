"""The sheets of a workbook, each filled with what it is for."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.worksheet import Worksheet

from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX
from assessments.filings.workbook.computed import write_checks, write_overview
from assessments.filings.workbook.contents import Contents
from assessments.filings.workbook.flat import ITEM, MARK
from assessments.filings.workbook.instructions import write_instructions
from assessments.filings.workbook.shown import NO, YES, offered
from assessments.filings.workbook.write import HEAD_ROW, LINE, Writer, explain, sheet_name
from assessments.models import REPORT
from scorecard.engine import FactValue, format_fact
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.units import quantities
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language
from scorecard.words.sources import provenance

FIRST = HEAD_ROW + 1
NUMBER_FORMATS = {"%": "0.00%"}


def workbook(contents: Contents) -> bytes:
    """The workbook of these contents, in the language of the screen."""
    writer = Writer(contents)
    pages = _pages(writer)  # all of them first: they stand in the order in which they are made
    writer.open_lists()
    write_instructions(writer, pages["intro"])
    _figures(writer, pages["figures"])
    _answers(writer, pages["answers"])
    _own(writer, pages["self"])
    _report(writer, pages["report"])
    write_checks(writer, pages["checks"])
    write_overview(writer, pages["overview"])
    writer.write_stamp()
    return writer.save()


def _pages(writer: Writer) -> dict[str, Worksheet]:
    """The sheets that people see: name, title, and the heads of the columns with their widths."""
    figures = [(_("Figure"), 42.0), (_("Unit"), 9), (_("This year"), 20), (_("Last year"), 18)]
    figures += [(_("Definition"), 52), (_("How to fill in"), 36)]
    answers = [(_("Question"), 54.0), (pgettext("sheet", "Answer"), 34), (_("Last year"), 26), (_("Definition"), 52)]
    own = [(_("Indicator"), 30.0), (pgettext("sheet", "Points"), 10), (_("Rule"), 50)]
    own += [(_("Self-score"), 10), (_("Not applicable"), 9), (_("Narrative"), 70)]
    report = [(_("About"), 42.0), (_("Text"), 100)]
    checks = [(_("What must hold"), 90.0), (_("Kind"), 12), (_("Result"), 20)]
    overview = [(_("Part"), 24.0), (_("Item"), 60), (_("State"), 16)]
    named = [
        ("intro", pgettext("sheet", "Instructions"), writer.contents.head.round_title, [("", 16.0), ("", 90)]),
        ("overview", pgettext("sheet", "Overview"), _("What is missing"), overview),
        ("figures", pgettext("sheet", "Figures"), pgettext("sheet", "Figures"), figures),
        ("answers", pgettext("sheet", "Answers"), pgettext("sheet", "Answers"), answers),
        ("self", pgettext("sheet", "Self-assessment"), pgettext("sheet", "Self-assessment"), own),
        ("report", pgettext("sheet", "Report"), _("Report and explanations"), report),
        ("checks", pgettext("sheet", "Checks"), pgettext("sheet", "Checks"), checks),
    ]
    filled = ("figures", "answers", "self", "report")
    return {
        id: writer.sheet(sheet_name(name), title, heads, id if id in filled else "") for id, name, title, heads in named
    }


def _figures(writer: Writer, page: Worksheet) -> None:
    contents, row = writer.contents, FIRST
    writer.kinds(page, {3: Kind.FACT})
    text, muted = writer.format(text_wrap=True), writer.format(text_wrap=True, font_color="#555555", indent=1)
    for title, specs in contents.groups:
        writer.heading(page, row, title, 6)
        row += 1
        for spec in specs:
            page.write_string(row, 0, spec.id)
            page.write_string(row, 1, in_language(spec.label), text)
            page.write_string(row, 2, unit_name(spec.unit), muted)
            number = writer.input_format(align="right", num_format=_number_format(spec))
            writer.enter(page, row, 3, Key(Kind.FACT, spec.id), number)
            page.data_validation(row, 3, row, 3, _limits(spec))
            page.write_string(row, 4, _shown(contents, spec, contents.last.get(spec.id)), writer.format(align="right"))
            definition, how = _definition(contents, spec), _how(contents, spec)
            page.write_string(row, 5, definition, muted)
            page.write_string(row, 6, how, muted)
            writer.fit(page, row, [(in_language(spec.label), 42), (definition, 52), (how, 36)])
            row += 1
    writer.finish(page, row, 6)


def _number_format(spec: FactSpec) -> str:
    if spec.unit == "%":
        return NUMBER_FORMATS["%"]
    return "#,##0" if not spec.digits else "#,##0." + "0" * min(spec.digits, 2)


def _limits(spec: FactSpec) -> dict[str, object]:
    """A word when a figure outside its range is typed; it can be kept, since text is understood too."""
    found: dict[str, object] = {"validate": "any", "ignore_blank": True, "error_type": "warning"}
    low, high = (None if bound is None else float(bound) for bound in (spec.min, spec.max))
    if low is not None and high is not None:
        found |= {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
    elif low is not None:
        found |= {"validate": "decimal", "criteria": ">=", "value": low}
    elif high is not None:
        found |= {"validate": "decimal", "criteria": "<=", "value": high}
    found |= {"error_title": _("Is this right?"), "error_message": _range(spec)[:255]} if _range(spec) else {}
    return found | explain(in_language(spec.label), in_language(spec.help))


def _range(spec: FactSpec) -> str:
    """The range of a figure in words; "" where it has none."""
    edges = []
    if spec.min is not None:
        edges.append(_("at least %(edge)s") % {"edge": in_language(quantities(Fraction(spec.min), spec.unit))})
    if spec.max is not None:
        edges.append(_("at most %(edge)s") % {"edge": in_language(quantities(Fraction(spec.max), spec.unit))})
    return _(", ").join(edges)


def _how(contents: Contents, spec: FactSpec) -> str:
    found = [_("must be filled in") if spec.required else _("may be left blank")]
    if edges := _range(spec):
        found.append(edges)
    if spec.kind == "count" and not spec.digits:
        found.append(_("a whole number"))
    if contents.may_be_na(spec):
        found.append(_("or “not applicable”"))
    if form := in_language(spec.form):
        found.append(form)
    return _("; ").join(found)


def _definition(contents: Contents, spec: FactSpec) -> str:
    if words := in_language(spec.help):
        return words
    repeated = contents.rulebook.facts.get(spec.carries_from)
    if repeated is None:
        return ""
    return _("What was “%(label)s” a year before, on the same basis; it should be the figure filed last year.") % {
        "label": in_language(repeated.label)
    }


def _shown(contents: Contents, spec: FactSpec, value: FactValue | None) -> str:
    return "—" if value is None else format_fact(spec, value, contents.language)


def _answers(writer: Writer, page: Worksheet) -> None:
    contents, row = writer.contents, FIRST
    writer.kinds(page, {2: Kind.FACT})
    text, muted = writer.format(text_wrap=True), writer.format(text_wrap=True, font_color="#555555", indent=1)
    yes_no = writer.choices([YES.get(contents.language), NO.get(contents.language)])
    for title, specs in contents.answers:
        writer.heading(page, row, title, 4)
        row += 1
        for spec in specs:
            page.write_string(row, 1, in_language(spec.label), text)
            page.write_string(row, 3, _shown(contents, spec, contents.last.get(spec.id)), muted)
            page.write_string(row, 4, _definition(contents, spec), muted)
            writer.fit(page, row, [(in_language(spec.label), 54), (_definition(contents, spec), 52)])
            if spec.kind == "checklist":
                row = _checklist(writer, page, row, spec, yes_no)
                continue
            page.write_string(row, 0, spec.id)
            writer.enter(page, row, 2, Key(Kind.FACT, spec.id), writer.input_format(num_format="@"))
            if spec.kind != "text":
                offers = yes_no if spec.kind == "bool" else writer.choices(offered(spec, contents.language).values())
                page.data_validation(row, 2, row, 2, _list(offers, spec))
            row += 1
    writer.finish(page, row, 4)


def _list(offers: str, spec: FactSpec) -> dict[str, object]:
    found: dict[str, object] = {"validate": "list", "source": offers, "error_type": "warning"}
    found["error_title"], found["error_message"] = _("Is this right?"), _("Choose one of the list.")
    return found | explain(in_language(spec.label), in_language(spec.help))


def _checklist(writer: Writer, page: Worksheet, row: int, spec: FactSpec, offers: str) -> int:
    """A row for each item under the question; returns the next row."""
    key, first = Key(Kind.FACT, spec.id), row + 1
    item_text, note = writer.format(text_wrap=True, indent=2), writer.format(font_color="#555555")
    page.write_string(row, 0, MARK)
    page.write_string(row, 2, _("answer each item below"), note)
    for place, (option, label) in enumerate(spec.options.items()):
        page.write_string(first + place, 0, f"{spec.id}{ITEM}{option}")
        page.write_string(first + place, 1, in_language(label), item_text)
        writer.enter(page, first + place, 2, key, writer.input_format(num_format="@"), option)
    last = first + len(spec.options) - 1
    page.data_validation(first, 2, last, 2, _list(offers, spec))
    writer.name(page, key, first, last, 2)
    return last + 1


def _own(writer: Writer, page: Worksheet) -> None:
    contents, row = writer.contents, FIRST
    writer.kinds(page, {4: Kind.SELF_POINTS, 5: Kind.NOT_APPLICABLE, 6: Kind.NARRATIVE})
    yes = writer.choices([YES.get(contents.language)])
    for title, items in contents.items:
        writer.heading(page, row, title, 6)
        row += 1
        for item in items:
            _indicator(writer, page, row, item.indicator, yes if item.claim else "")
            row += 1
    writer.finish(page, row, 6)


def _indicator(writer: Writer, page: Worksheet, row: int, indicator: Indicator, yes: str) -> None:
    contents, text = writer.contents, writer.format(text_wrap=True)
    muted = writer.format(text_wrap=True, font_color="#555555", indent=1)
    low, high = plain(indicator.min), plain(indicator.max)
    page.write_string(row, 0, indicator.id)
    page.write_string(row, 1, f"{indicator.id} {in_language(indicator.name)}", text)
    page.write_string(row, 2, f"{low} – {high}", muted)
    rule = "\n".join(rule_lines(contents.rulebook, indicator.rule, contents.language))
    page.write_string(row, 3, rule, muted)
    writer.fit(page, row, [(rule, 50)], least=5 * LINE)
    writer.enter(page, row, 4, Key(Kind.SELF_POINTS, indicator.id), writer.input_format(align="right"))
    limits: dict[str, object] = {"validate": "decimal", "criteria": "between", "error_type": "warning"}
    limits |= {"minimum": float(indicator.min), "maximum": float(indicator.max)}
    page.data_validation(
        row, 4, row, 4, limits | explain(indicator.id, in_language(indicator.guidance) or provenance(indicator.source))
    )
    if yes:
        writer.enter(page, row, 5, Key(Kind.NOT_APPLICABLE, indicator.id), writer.input_format())
        page.data_validation(row, 5, row, 5, {"validate": "list", "source": yes, "error_type": "warning"})
    writer.enter(page, row, 6, Key(Kind.NARRATIVE, indicator.id), writer.input_format(num_format="@"))


def _report(writer: Writer, page: Worksheet) -> None:
    writer.kinds(page, {2: Kind.NARRATIVE})
    rows: Sequence[tuple[str, str, float]] = [
        (REPORT, _("Summary report"), 320),
        *((CHECK_PREFIX + id, words, 60) for id, words in writer.contents.explained.items()),
    ]
    text, how = writer.format(text_wrap=True), writer.input_format(num_format="@")
    for row, (id, words, height) in enumerate(rows, start=FIRST):
        page.set_row(row, height)
        page.write_string(row, 0, id)
        label = words if id == REPORT else _("Explanation, if this does not hold: %(check)s") % {"check": words}
        page.write_string(row, 1, label, text)
        writer.enter(page, row, 2, Key(Kind.NARRATIVE, id), how)
    writer.finish(page, FIRST + len(rows), 2)
