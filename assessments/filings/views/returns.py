"""Returns as a source of figures: upload, what comes from which cell beside the draft, taking over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.access import get_assessment
from assessments.filings.fact_fields import anchor
from assessments.filings.form_layout import form_pages
from assessments.filings.forms import value_words
from assessments.filings.keys import Key, Kind
from assessments.filings.returns.intake import nowhere
from assessments.filings.returns.layout import said
from assessments.filings.returns.mapping import mappings
from assessments.filings.returns.services import (
    CONFLICT,
    NEW,
    Offered,
    ReturnPlan,
    plan_return,
    take_return,
    upload_return,
)
from assessments.filings.views.common import acting, deadline_of, may_edit
from assessments.filings.workbook.gate import MAX_MB
from assessments.models import Assessment, UploadKind, WorkbookUpload
from assessments.rulebooks.cache import engine_rulebook
from scorecard.access.decisions import Refused, Stale
from scorecard.engine import Nothing, Rulebook
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language

SHOWN = 10  # uploads that the page lists


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: HttpRequest, pk: int) -> HttpResponse:
    """What can come from a return, and by which cells; a POST uploads one."""
    assessment = get_assessment(acting(request), pk)
    if request.method != "POST":
        return _page(request, assessment)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, assessment, [_("Choose the return to upload.")])
    try:
        upload = upload_return(actor=acting(request), assessment_id=pk, name=file.name or "", content=file.read())
    except Refused as refused:
        if not may_edit(request, assessment):
            raise
        return _page(request, assessment, refused.reasons)
    return redirect("filing-return", pk, upload.pk)


def _page(request: HttpRequest, assessment: Assessment, reasons: Any = ()) -> HttpResponse:
    rulebook = engine_rulebook(assessment.round.rulebook)
    uploads = WorkbookUpload.objects.filter(assessment=assessment, kind=UploadKind.RETURN)
    context = _frame(request, assessment) | {
        "reasons": list(reasons),
        "uploads": uploads.select_related("uploaded_by").defer("content")[:SHOWN],
        "max_mb": MAX_MB,
        "parts": [part for part in _parts(rulebook) if part["figures"]],
        "nowhere": [
            (in_language(rulebook.facts[fact].label), mapping.name, in_language(mapping.unmapped[fact]))
            for fact, mapping in nowhere(rulebook)
        ],
    }
    return render(request, "bank/returns.html", context, status=422 if reasons else 200)


def _parts(rulebook: Rulebook) -> list[dict[str, Any]]:
    """What is known of each part, and which figures of the rulebook it fills."""
    return [
        {
            "name": mapping.name,
            "title": in_language(mapping.title),
            "source": in_language(mapping.source),
            "sheets": mapping.sheets,
            "figures": [
                {
                    "label": in_language(rulebook.facts[fact].label),
                    "rows": [(mapping.rows[id].id, in_language(mapping.rows[id].label)) for id in figure.rows],
                    "columns": [
                        (mapping.columns[id].id, in_language(mapping.columns[id].label)) for id in figure.columns
                    ],
                    "unit": unit_name(mapping.columns[figure.columns[0]].unit),
                    "basis": figure.basis,
                    "because": in_language(figure.because),
                }
                for fact, figure in mapping.figures_for(rulebook).items()
            ],
        }
        for mapping in mappings()
    ]


def _frame(request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
    return {
        "assessment": assessment,
        "round": assessment.round,
        "due": deadline_of(assessment),
        "may_edit": may_edit(request, assessment),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def uploaded(request: HttpRequest, pk: int, upload: int) -> HttpResponse:
    """One uploaded return: figure, value, cells, beside what stands in the draft. A POST takes over what was chosen."""
    assessment = get_assessment(acting(request), pk)
    status, reasons = 200, []
    if request.method == "POST":
        try:
            row = take_return(
                actor=acting(request),
                assessment_id=pk,
                upload_id=upload,
                digest=request.POST.get("digest", ""),
                choices=_choices(request),
                confirmed=request.POST.getlist("confirmed"),
            )
        except Refused as refused:
            if not may_edit(request, assessment):
                raise
            status, reasons = (409 if isinstance(refused, Stale) else 422), list(refused.reasons)
        else:
            n = len(row.taken)
            words = ngettext(
                "%(n)d figure stands in the draft with its source.",
                "%(n)d figures stand in the draft with their source.",
                n,
            )
            messages.success(request, words % {"n": n})
            return redirect("filing-return", pk, upload)
    plan = plan_return(actor=acting(request), assessment=assessment, upload_id=upload)
    # After a refusal what was chosen stays chosen.
    chosen, confirmed = (_choices(request), request.POST.getlist("confirmed")) if reasons else ({}, [])
    context = _frame(request, assessment) | _outcome(plan, chosen) | {"reasons": reasons, "confirmed": confirmed}
    return render(request, "bank/return_upload.html", context, status=status)


def _choices(request: HttpRequest) -> dict[str, str]:
    return {name.removeprefix("fact:"): request.POST.get(name, "") for name in request.POST if name.startswith("fact:")}


def _outcome(plan: ReturnPlan, chosen: dict[str, str]) -> dict[str, Any]:
    checked, facts = plan.checked, plan.draft.rulebook.facts
    rows = [_row(plan, each, chosen) for each in plan.offered]
    mapped = [mapping for mapping, _sheet in checked.parts]
    return {
        "upload": plan.upload,
        "digest": plan.digest,
        "parts": [
            (mapping.name, in_language(mapping.title), sheet, in_language(mapping.source))
            for mapping, sheet in checked.parts
        ],
        "period": f"{checked.period[0]}-{checked.period[1]:02}" if checked.period else "",
        "earlier": checked.earlier,
        "questions": list(checked.questions.items()),
        "problems": checked.problems,
        "rows": rows,
        "open_rows": [row for row in rows if row["standing"] in (NEW, CONFLICT)],
        "blank": [in_language(facts[fact].label) for fact in checked.blank],
        "nowhere": [
            (in_language(facts[fact].label), mapping.name, in_language(mapping.unmapped[fact]))
            for fact, mapping in nowhere(plan.draft.rulebook)
            if mapping in mapped
        ],
        "conflicts": sum(row["standing"] == CONFLICT for row in rows),
    }


def _row(plan: ReturnPlan, offered: Offered, chosen: dict[str, str]) -> dict[str, Any]:
    draft, found = plan.draft, offered.found
    key = Key(Kind.FACT, found.fact)
    page = form_pages(draft.rulebook).page_of_fact[found.fact]
    entry = draft.entry(found.fact)
    return {
        "fact": found.fact,
        "name": f"fact:{found.fact}",
        "label": in_language(draft.rulebook.facts[found.fact].label),
        "url": reverse("filing-section", args=[draft.assessment.pk, page]) + f"#{anchor(key)}",
        "value": value_words(draft.rulebook, key, found.value),
        "draft": "" if offered.draft is Nothing.UNANSWERED else value_words(draft.rulebook, key, offered.draft),
        "draft_source": entry.get_source_display() if entry is not None else "",
        "standing": offered.standing,
        "why": offered.why,
        "chosen": chosen.get(found.fact, ""),
        "sheet": found.cells[0].sheet,
        "unit": unit_name(found.unit),
        "cells": [(cell.address, said(cell.raw), name) for cell, name in zip(found.cells, found.names, strict=True)],
        "basis": found.figure.basis,
        "because": in_language(found.figure.because),
    }
