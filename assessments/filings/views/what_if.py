"""A bank tries other figures on its own filing: total, grade and targets move at once, and nothing is saved."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessments.access import get_assessment
from assessments.filings.fact_fields import anchor, fact_field
from assessments.filings.forms import PageFields, fact_texts
from assessments.filings.keys import Key, Kind
from assessments.filings.selectors import Draft, get_draft
from assessments.filings.views.common import acting, deadline_of
from assessments.scoring.what_if import Tried, try_facts
from scorecard.words.language import in_language


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def filing_whatif(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of the filing to play with. A POST works out the score with what was sent, and keeps nothing."""
    assessment = get_assessment(acting(request), pk)
    draft = get_draft(assessment)
    typed = fact_texts(request.POST)
    tried = try_facts(draft, typed)
    status = 422 if tried.errors else 200
    page = draft.form_pages.page(request.GET.get("page", ""))
    context: dict[str, Any] = {
        "assessment": assessment,
        "page_id": page.id if page is not None else "",
        "round": assessment.round,
        "due": deadline_of(assessment),
        "tried": tried,
        "effects": {fact_field(fact): text for fact, text in tried.effects.items()},
        "errors": _summary(draft, tried),
    }
    if request.headers.get("HX-Request") == "true":  # the panel alone, with the line above it
        return render(request, "trials/_whatif.html", context, status=status)
    context |= {
        "groups": _groups(draft, _by_key(typed), _by_key(tried.errors)),
        "may_edit": True,  # of the shared field template: the fields can be typed in, whatever the filing's stage
    }
    return render(request, "trials/whatif.html", context, status=status)


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
