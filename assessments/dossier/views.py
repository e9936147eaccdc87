"""The search that a key opens from every page, and the dossier of one bank."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessments.dossier.selectors import dossier_of, find_banks, own_open_cases
from assessments.models import Assessment
from assessments.reviews.views.assessment import acting, assessment_url
from banks.access import get_bank
from banks.models import User
from scorecard.access.policy import url_policy
from scorecard.audit.services import record
from scorecard.ui.nav import Link, rail
from scorecard.words.pinyin import initials

LONGEST = 80
SHORT = 8  # of each kind in the dialog


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Pages by their title, the person's own open cases, and for supervisors banks by name, short name, code or the
    first letters of the pinyin. A single bank is opened at once. With ``part`` the list alone, for the dialog that a
    key opens over any page (``static/js/palette.js``).
    """
    actor = acting(request)
    typed = request.GET.get("q", "").strip()[:LONGEST]
    found = find_banks(actor, typed) if actor.bank_id is None else []
    pages = _pages(actor, typed)
    part = "part" in request.GET
    reads = url_policy()["bank-dossier"].admits(actor.roles)
    page = "bank-dossier" if reads else "bank-detail"
    if len(found) == 1 and not pages and not part:
        return redirect(page, found[0].bank.pk)
    cases = [(case, _case_url(actor, case)) for case in own_open_cases(actor, typed)[: SHORT if part else None]]
    context: dict[str, Any] = {
        "typed": typed,
        "pages": pages[: SHORT if part else None],
        "cases": cases,
        "reads": reads,
    }
    if part:
        banks = [(hit.bank, reverse(page, args=[hit.bank.pk])) for hit in found[:SHORT]]
        return render(request, "dossier/_palette.html", context | {"banks": banks})
    rows = [(hit.bank, [(case, assessment_url(actor, case)) for case in hit.cases]) for hit in found]
    return render(request, "dossier/search.html", context | {"rows": rows, "crumbs": [(_("Find"), "")]})


def _pages(actor: User, typed: str) -> list[Link]:
    """The pages of the rail that are open to the person, of whose title every word that was typed is a part, or a part
    of the first letters of its pinyin.
    """
    links = [link for _section, links in rail(actor.roles, "") for link in links]
    links += [
        Link(_("Messages"), reverse("inbox"), "bell", False),
        Link(_("My account"), reverse("profile"), "key", False),
    ]
    words = typed.lower().split()
    return [link for link in links if all(word in _sought(str(link.title)) for word in words)]


@cache
def _sought(title: str) -> str:
    return f"{title.lower()} {initials(title)}"


def _case_url(actor: User, case: Assessment) -> str:
    return assessment_url(actor, case) if actor.bank_id is None else reverse("filing-detail", args=[case.pk])


@require_GET
def bank_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Grades and points over the years, targets, cases, measures, letters, objections and people of one bank."""
    actor = acting(request)
    bank = get_bank(actor, pk)
    record("assessments.dossier.read", actor=actor, target=bank, bank_id=bank.pk)
    return render(request, "dossier/bank.html", {"bank": bank, "dossier": dossier_of(actor, bank)})
