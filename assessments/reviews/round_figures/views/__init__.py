"""The supervisor's own figures of a round on the screen: banks by figures, changed in one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.models import Assessment, Round
from assessments.reviews.given_facts import GivenFact, given_specs
from assessments.reviews.round_figures.filtersets import FigureFilters
from assessments.reviews.round_figures.selectors import FigureRow, figure_cases, figure_rows
from assessments.reviews.services.facts import NOTE_LENGTH, Given, WrongFigures, give_figures
from assessments.reviews.views.assessment import acting
from assessments.rounds.tables import STAGE_KINDS, admits, stage_words
from assessments.rounds.views import round_context
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.sizes import Unlikely
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.reading import record_reading
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language

SALT = "assessments.reviews.round_figures"
PER_PAGE = 25
Cell = tuple[int, str]
Shown = dict[int, tuple[int, dict[str, tuple[int, str]]]]  # case → version, figure → revision and text


@dataclass
class Came:
    """What came back with a form, and what stands against it."""

    typed: dict[Cell, str] = field(default_factory=dict)
    reasons: list[Any] = field(default_factory=list)
    wrong: Mapping[Cell, Any] = field(default_factory=dict)
    newer: Mapping[Cell, Any] = field(default_factory=dict)
    asked: Mapping[Cell, str] = field(default_factory=dict)
    status: int = 200


@require_http_methods(["GET", "POST"])
def round_figures(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet: 25 banks a page, all figures of the rulebook that the supervisor gives."""
    actor = acting(request)
    round_ = get_round(actor, pk)
    rulebook = engine_rulebook(round_.rulebook)
    specs = given_specs(rulebook)
    filterset = FigureFilters(
        request.GET, queryset=figure_cases(actor, round_, rulebook), request=request, wanted=len(specs)
    )
    came, shown = Came(), None
    if request.method == "POST":
        shown = _shown(request, round_)
        saved, came = _save(request, shown)
        if came.status == 200:
            messages.success(request, _done(saved))
            return redirect(request.get_full_path())
    record_reading("assessments.list.read", actor=actor, name="supervisor's figures of a round", target=round_)
    page = Paginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    if shown:  # the banks that were on the page, whatever the filters say of them by now
        page.object_list = list(filterset.queryset.filter(pk__in=shown))
    rows = figure_rows(actor, round_, rulebook, list(page.object_list))
    return render(request, "rounds/figures.html", _context(request, round_, rulebook, rows, page, came) | {
        "filterset": filterset, "specs": [_column(spec) for spec in specs]
    }, status=came.status)  # fmt: skip


def _context(
    request: HttpRequest, round_: Round, rulebook: Rulebook, rows: list[FigureRow], page: "Page[Any]", came: Came
) -> dict[str, Any]:
    actor = acting(request)
    context = round_context(request, round_)
    return context | {
        "title": round_.title,
        "page": page,
        "rows": [_row(row, came) for row in rows],
        "may_give": any(row.may_give for row in rows),
        "may_import": admits("round-figures-import", actor) and not round_.is_closed,
        "shown": _seal(round_, rows),
        "reasons": came.reasons,
        "errors": [_error(cell, words, rows) for cell, told in came.wrong.items() for words in told],
        "asked": bool(came.asked),
        "stale": came.status == 409,
        "note": request.POST.get("note", ""),
        "note_length": NOTE_LENGTH,
    }


# --- What the page showed, and what came back ------------------------------------------------------------------------


def _seal(round_: Round, rows: list[FigureRow]) -> str:
    """What the page shows of each cell, so that a save knows what was changed, and since when."""
    cells = {
        row.case.pk: [
            row.version,
            {fact.spec.id: [fact.entry.revision if fact.entry else 0, fact.typed] for fact in row.figures},
        ]
        for row in rows
    }
    return signing.dumps([round_.pk, cells], salt=SALT, compress=True)


def _shown(request: HttpRequest, round_: Round) -> Shown | None:
    try:
        pk, cells = signing.loads(request.POST.get("shown", ""), salt=SALT)
    except signing.BadSignature:
        return None
    if pk != round_.pk:
        return None
    return {
        int(case): (version, {fact: (revision, text) for fact, (revision, text) in facts.items()})
        for case, (version, facts) in cells.items()
    }


def _save(request: HttpRequest, shown: Shown | None) -> tuple[int, Came]:
    """Write what was changed; returns how many figures, and what stands against it."""
    came = Came(typed=_typed(request))
    if shown is None:
        came.reasons = [_("What the page had shown did not come with it. Open the page again.")]
        came.status = 409
        return 0, came
    sure = {cell for cell, text in came.typed.items() if request.POST.get(f"asked-{cell[0]}-{cell[1]}") == text}
    given = [
        Given(case, version, values, {fact: facts[fact][0] for fact in values}, {f for c, f in sure if c == case})
        for case, (version, facts) in shown.items()
        if (values := {f: came.typed[case, f] for f in facts if came.typed.get((case, f), facts[f][1]) != facts[f][1]})
    ]
    if not request.POST.get("sure"):
        given = [Given(one.assessment, one.version, one.values, one.seen) for one in given]
    try:
        return len(give_figures(actor=acting(request), given=given, note=request.POST.get("note", ""))), came
    except Stale as error:
        came.reasons, came.newer, came.status = list(error.reasons), error.current, 409
    except WrongFigures as error:
        told = {id(reason) for reasons in error.cells.values() for reason in reasons}
        came.wrong, came.status = error.cells, 422
        came.reasons = [reason for reason in error.reasons if id(reason) not in told]
    except Unlikely as error:
        came.reasons, came.asked, came.status = list(error.reasons), error.asked, 422
    except Refused as error:
        came.reasons, came.status = list(error.reasons), 422
    return 0, came


def _typed(request: HttpRequest) -> dict[Cell, str]:
    found = {}
    for name, text in request.POST.items():
        letter, _dash, rest = name.partition("-")
        case, _dash, fact = rest.partition("-")
        if letter == "c" and (pk := typed_id(case)) is not None:
            found[pk, fact] = str(text)
    return found


def _done(saved: int) -> str:
    if not saved:
        return _("Nothing has changed.")
    return ngettext(
        "%(n)d figure is saved; submitted filings have been scored again.",
        "%(n)d figures are saved; submitted filings have been scored again.",
        saved,
    ) % {"n": saved}


# --- As the template takes it ----------------------------------------------------------------------------------------


def _column(spec: FactSpec) -> dict[str, Any]:
    return {"id": spec.id, "label": in_language(spec.label), "unit": spec.unit, "basis": spec.basis,
            "help": in_language(spec.help), "wide": not (spec.is_number or spec.kind == "bool")}  # fmt: skip


def _row(row: FigureRow, came: Came) -> dict[str, Any]:
    case: Any = row.case
    return {
        "case": case,
        "stage": stage_words(case.stage),
        "stage_kind": STAGE_KINDS.get(case.stage, "neutral"),
        "may_give": row.may_give,
        "wrong": came.wrong.get((case.pk, ""), ()),
        "cells": [_cell(case, fact, came) for fact in row.figures],
    }


def _cell(case: Assessment, fact: GivenFact, came: Came) -> dict[str, Any]:
    """One figure of one bank, with what was typed and, where somebody else was faster, what they gave."""
    here = (case.pk, fact.spec.id)
    value = came.typed.get(here, fact.typed)
    return {
        "name": f"{case.pk}-{fact.spec.id}",
        "fact": fact,
        "label": f"{case.bank_name} · {fact.label}",
        "value": value,
        "changed": value != fact.typed,
        "options": _options(fact.spec, value),
        "errors": came.wrong.get(here, ()),
        "newer": came.newer.get(here),
        "asked": came.asked.get(here, ""),
    }


def _options(spec: FactSpec, value: str) -> list[tuple[str, str, bool]]:
    """The choices of a level or of yes and no, what was typed among them."""
    if spec.kind not in ("bool", "level"):
        return []
    words = (
        {"是": _("Yes"), "否": _("No")} if spec.kind == "bool" else {k: in_language(v) for k, v in spec.options.items()}
    )
    known = {"": "—", **words, "不适用": _("not applicable")}
    known.setdefault(value, value)
    return [(key, label, key == value) for key, label in known.items()]


def _error(cell: Cell, words: Any, rows: list[FigureRow]) -> tuple[str, str]:
    """One line of the summary: where it leads, and the bank with what is wrong."""
    name = next((row.case.bank_name for row in rows if row.case.pk == cell[0]), "")
    anchor = f"#c-{cell[0]}-{cell[1]}" if cell[1] else f"#case-{cell[0]}"
    return anchor, _("%(bank)s: %(reason)s") % {"bank": name, "reason": words}
