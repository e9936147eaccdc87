"""The search that a key opens from every page, and the dossier of one bank."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessments.dossier.selectors import dossier_of, find_banks
from assessments.reviews.views.assessment import acting, assessment_url
from banks.access import get_bank
from scorecard.access.policy import url_policy
from scorecard.audit.services import record

LONGEST = 80


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Banks by name, short name, code or the first letters of the pinyin. A single one is opened at once."""
    actor = acting(request)
    typed = request.GET.get("q", "").strip()[:LONGEST]
    found = find_banks(actor, typed)
    reads = url_policy()["bank-dossier"].admits(actor.roles)
    if len(found) == 1:
        return redirect("bank-dossier" if reads else "bank-detail", found[0].bank.pk)
    rows = [(hit.bank, [(case, assessment_url(actor, case)) for case in hit.cases]) for hit in found]
    context = {"typed": typed, "rows": rows, "reads": reads, "crumbs": [(_("Find a bank"), "")]}
    return render(request, "dossier/search.html", context)


@require_GET
def bank_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Grades and points over the years, targets, cases, measures, letters, objections and people of one bank."""
    actor = acting(request)
    bank = get_bank(actor, pk)
    record("assessments.dossier.read", actor=actor, target=bank, bank_id=bank.pk)
    return render(request, "dossier/bank.html", {"bank": bank, "dossier": dossier_of(actor, bank)})
