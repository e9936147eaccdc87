"""A bank tries other figures on its own filing: total, grade and targets move at once, and nothing is saved. What is
worth keeping is kept under a name, compared, and taken over into the draft."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from assessments.access import get_assessment
from assessments.filings.fact_fields import anchor, fact_field
from assessments.filings.forms import PageFields, fact_texts, value_text, value_words
from assessments.filings.keys import Key, Kind
from assessments.filings.selectors import Draft, get_draft
from assessments.filings.views.common import acting, deadline_of, may_edit
from assessments.models import KeptWhatIf
from assessments.scoring.kept_what_ifs import (
    Kept,
    get_kept,
    keep_what_if,
    kept_digest,
    kept_what_ifs,
    remove_what_if,
    take_what_if,
)
from assessments.scoring.what_if import Tried, try_facts
from scorecard.access.decisions import Refused, Stale
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def filing_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of the filing to play with. A POST works out the score with what was sent, and keeps nothing."""
    assessment = get_assessment(acting(request), pk)
    draft = get_draft(assessment)
    typed = fact_texts(request.POST)
    if request.method != "POST" and (kept_id := typed_id(request.GET.get("kept", ""))) is not None:
        values = get_kept(draft, kept_id).values
        typed = {fact: value_text(draft.rulebook, Key(Kind.FACT, fact), value) for fact, value in values.items()}
    return _page(request, draft, typed)


def _page(request: HttpRequest, draft: Draft, typed: Mapping[str, str], refused: Refused | None = None) -> HttpResponse:
    """The page with what was typed; ``refused`` says why it was not kept."""
    assessment = draft.assessment
    tried = try_facts(draft, typed)
    status = 422 if tried.errors or refused else 200
    page = draft.form_pages.page(request.GET.get("page", ""))
    context: dict[str, Any] = {
        "assessment": assessment,
        "page_id": page.id if page is not None else "",
        "round": assessment.round,
        "due": deadline_of(assessment),
        "tried": tried,
        "effects": {fact_field(fact): text for fact, text in tried.effects.items()},
        "errors": _summary(draft, tried),
        "not_kept": list(refused.reasons) if refused else [],
        "keep_name": request.POST.get("keep_name", ""),
        "kept_count": KeptWhatIf.objects.filter(assessment=assessment, removed_at=None).count(),
    }
    if request.headers.get("HX-Request") == "true":  # the panel alone, with the line above it
        return render(request, "trials/_whatif.html", context, status=status)
    context |= {
        "groups": _groups(draft, _by_key(typed), _by_key(tried.errors)),
        "may_edit": True,  # of the shared field template: the fields can be typed in, whatever the filing's stage
    }
    return render(request, "trials/whatif.html", context, status=status)


@never_cache
@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is tried under a name."""
    assessment = get_assessment(acting(request), pk)
    typed = fact_texts(request.POST)
    try:
        keep_what_if(actor=acting(request), assessment_id=pk, name=request.POST.get("keep_name", ""), typed=typed)
    except Refused as refused:
        return _page(request, get_draft(assessment), typed, refused)
    messages.success(request, _("It is kept, and compared with the others."))
    url = reverse("filing-whatif-kept", args=[pk])
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else redirect(url)


@never_cache
@require_safe
def kept_list(request: HttpRequest, pk: int) -> HttpResponse:
    """What is kept, compared with the filing as it stands."""
    draft = get_draft(get_assessment(acting(request), pk))
    rows = kept_what_ifs(draft)
    facts = [fact for fact in draft.rulebook.facts if any(fact in kept.values for kept in rows)]
    context = _frame(draft) | {
        "rows": rows,
        "now": try_facts(draft, {}),
        "figures": [
            (
                in_language(draft.rulebook.facts[fact].label),
                value_words(draft.rulebook, Key(Kind.FACT, fact), draft.value(draft.rulebook.facts[fact])),
                [_tried_words(draft, kept, fact) for kept in rows],
            )
            for fact in facts
        ],
    }
    return render(request, "trials/kept.html", context)


def _tried_words(draft: Draft, kept: Kept, fact: str) -> str:
    return value_words(draft.rulebook, Key(Kind.FACT, fact), kept.values[fact]) if fact in kept.values else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def kept_detail(request: HttpRequest, pk: int, kept: int) -> HttpResponse:
    """One that is kept: each figure beside the draft's. A POST takes it over into the draft, or removes it."""
    assessment = get_assessment(acting(request), pk)
    reasons: list[Any] = []
    if request.method == "POST":
        try:
            if "remove" in request.POST:
                remove_what_if(actor=acting(request), assessment_id=pk, kept_id=kept)
                messages.success(request, _("It is kept no more."))
                return redirect("filing-whatif-kept", pk)
            saved = take_what_if(
                actor=acting(request), assessment_id=pk, kept_id=kept, seen=request.POST.get("seen", "")
            )
        except Stale as stale:
            reasons = list(stale.reasons)
        else:
            n = len(saved.written)
            words = ngettext("%(n)d figure taken over into the draft.", "%(n)d figures taken over into the draft.", n)
            messages.success(request, words % {"n": n})
            for error in saved.errors.values():
                messages.warning(request, error)
            return redirect("filing-whatif-one", pk, kept)
    draft = get_draft(assessment)
    one = get_kept(draft, kept)
    specs = draft.rulebook.facts
    context = _frame(draft) | {
        "kept": one,
        "seen": kept_digest(draft, one),
        "reasons": reasons,
        "may_edit": may_edit(request, assessment),
        "figures": [
            (
                in_language(specs[fact].label),
                value_words(draft.rulebook, Key(Kind.FACT, fact), draft.value(specs[fact])),
                value_words(draft.rulebook, Key(Kind.FACT, fact), value),
                fact in one.tried.changed,
            )
            for fact, value in one.values.items()
        ],
    }
    return render(request, "trials/kept_one.html", context, status=409 if reasons else 200)


def _frame(draft: Draft) -> dict[str, Any]:
    here = draft.assessment
    return {"assessment": here, "round": here.round, "due": deadline_of(here)}


def _groups(draft: Draft, typed: dict[Key, str], errors: dict[Key, str]) -> list[tuple[str, str, list[Any]]]:
    """Every figure and answer of the bank, as on the pages of the filing: the page's id at its first group, title,
    fields.
    """
    found: list[tuple[str, str, list[Any]]] = []
    for page in draft.form_pages.pages:
        fields = PageFields(draft, page, typed, errors)
        mine = list(fields.groups)
        own = [fields.fact(spec) for item in page.items for spec in item.own]
        if own:
            mine.append((f"{page.id} {in_language(page.title)}", own))
        found += [(page.id if not place else "", title, facts) for place, (title, facts) in enumerate(mine)]
    # The change since last year is that of the filing and not of what is tried; free text scores nothing.
    shown = [(page, title, [replace(f, change="") for f in facts if f.kind != "text"]) for page, title, facts in found]
    return [(page, title, facts) for page, title, facts in shown if facts]


def _summary(draft: Draft, tried: Tried) -> list[tuple[str, str, str]]:
    """Errors for the summary: link, label, message."""
    facts = draft.rulebook.facts
    return [
        (f"#{anchor(Key(Kind.FACT, fact))}", in_language(facts[fact].label), text)
        for fact, text in tried.errors.items()
    ]


def _by_key(found: Mapping[str, str]) -> dict[Key, str]:
    return {Key(Kind.FACT, fact): text for fact, text in found.items()}
