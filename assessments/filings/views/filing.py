"""The pages on which a bank fills in: figures, sections, report and checks; saving as one types."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.access import get_assessment, visible_comments
from assessments.filings.drafts import Conflict, Saved, save_draft
from assessments.filings.fact_fields import anchor, by_field, fact_field, field_name, key_of
from assessments.filings.form_layout import Page
from assessments.filings.forms import PageFields, Sent, difference, read_sent, value_text, value_words
from assessments.filings.keys import Key, Kind
from assessments.filings.sections.marks import marks_of
from assessments.filings.selectors import CHECK_PAGE, REPORT_PAGE, Draft, check_key, get_draft
from assessments.filings.views.common import acting, objections, page_context, sections
from assessments.filings.views.tasks import evidence_task, gap_link
from assessments.models import REPORT, Assessment, Comment
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import explained_score
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.ui.ids import typed_id
from scorecard.ui.links import address
from scorecard.words.formats import understood
from scorecard.words.language import in_language
from scorecard.words.sources import provenance


def _revision(request: HttpRequest) -> int:
    """The revision that the page had seen; one that cannot be read has seen nothing."""
    return typed_id(request.POST.get("revision", "")) or 0


def _own(request: HttpRequest) -> dict[Key, int]:
    """At which revision the page has saved each field itself since it was opened; what cannot be read says nothing."""
    try:
        told = json.loads(request.POST.get("own", "") or "{}")
    except (ValueError, RecursionError):
        return {}
    pairs = told.items() if isinstance(told, dict) else ()
    return {key: at for name, at in pairs if isinstance(at, int) and (key := key_of(name)) is not None}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, pk: int, page: str) -> HttpResponse:
    """One page of figures or one section: shown, and saved as a whole where there is no script."""
    assessment = get_assessment(acting(request), pk)
    draft = get_draft(assessment)
    here = draft.form_pages.page(page)
    if here is None:
        raise Http404
    if request.method == "POST":
        return _save_page(request, assessment, page, read_sent(draft.rulebook, request.POST, here), here)
    return _render_section(request, draft, here)


def _render_section(
    request: HttpRequest, draft: Draft, here: Page, sent: Sent | None = None, errors: dict[Key, str] | None = None
) -> HttpResponse:
    comments = _comments(acting(request), draft.assessment)
    wrong = {key: text for key, text in (sent.texts if sent else {}).items() if key in (errors or {})}
    fields = PageFields(draft, here, wrong, errors, comments)
    context = page_context(request, draft, here.id) | {"fields": fields, "here": here, "errors": fields.summary}
    return render(request, "bank/section.html", context, status=422 if errors else 200)


def _comments(actor: User, assessment: Assessment) -> dict[str, tuple[Comment, ...]]:
    """The supervisor's remarks that are meant for the bank, and the answers to them, by indicator."""
    found: dict[str, list[Comment]] = {}
    for row in visible_comments(actor, assessment):
        found.setdefault(row.indicator, []).append(row)
    return {indicator: tuple(remarks) for indicator, remarks in found.items()}


def _save_page(request: HttpRequest, assessment: Assessment, page: str, sent: Sent, here: Page | None) -> HttpResponse:
    try:
        saved = save_draft(
            actor=acting(request),
            assessment_id=assessment.pk,
            revision=_revision(request),
            own=_own(request),
            change=sent.change,
        )
    except Stale as stale:
        return conflict_page(request, assessment, page, sent, stale.current)
    if errors := sent.errors | saved.errors:
        draft = get_draft(get_assessment(acting(request), assessment.pk))
        if here is not None:
            return _render_section(request, draft, here, sent, errors)
        return _render_texts(request, draft, page, sent, errors)
    time = timezone.localtime().strftime("%H:%M")
    messages.success(request, _("Saved %(time)s.") % {"time": time} if saved.written else _("Nothing was changed."))
    target = request.POST.get("then", "")
    known = {row[0]: row[2] for row in page_context(request, get_draft(saved.assessment), page)["sections"]}
    return redirect(known.get(target, known[page]))


def _save_texts(request: HttpRequest, assessment: Assessment, page: str) -> HttpResponse:
    """A page of texts alone: the report, or the explanations of warnings."""
    sent = read_sent(engine_rulebook(assessment.round.rulebook), request.POST)
    return _save_page(request, assessment, page, sent, None)


def conflict_page(
    request: HttpRequest, assessment: Assessment, page: str, sent: Sent, conflicts: list[Conflict]
) -> HttpResponse:
    """409: both values of each field that somebody else has changed, to choose from; everything else typed is kept."""
    current = get_assessment(acting(request), assessment.pk)
    draft = get_draft(current)
    chosen = {conflict.key for conflict in conflicts}
    context = page_context(request, draft, page) | {
        "conflicts": [
            {
                "field": field_name(conflict.key),
                "label": conflict.label,
                "mine": sent.texts[conflict.key],
                "theirs": value_text(draft.rulebook, conflict.key, conflict.theirs),
                "mine_shown": value_words(draft.rulebook, conflict.key, conflict.mine),
                "theirs_shown": value_words(draft.rulebook, conflict.key, conflict.theirs),
                "by": conflict.by,
            }
            for conflict in conflicts
        ],
        "others": [(field_name(key), text) for key, text in sent.texts.items() if key not in chosen],
    }
    return render(request, "bank/conflict.html", context, status=409)


# --- Report and checks -----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary report."""
    assessment = get_assessment(acting(request), pk)
    if request.method == "POST":
        return _save_texts(request, assessment, REPORT_PAGE)
    return _render_texts(request, get_draft(assessment), REPORT_PAGE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Every check that does not hold, and everything that is missing: errors to correct, warnings to explain."""
    assessment = get_assessment(acting(request), pk)
    if request.method == "POST":
        return _save_texts(request, assessment, CHECK_PAGE)
    return _render_texts(request, get_draft(assessment), CHECK_PAGE)


def _render_texts(
    request: HttpRequest, draft: Draft, page: str, sent: Sent | None = None, errors: dict[Key, str] | None = None
) -> HttpResponse:
    texts, errors = sent.texts if sent else {}, errors or {}
    summary = [(f"#id_{field_name(key)}", "", error) for key, error in errors.items()]
    context = page_context(request, draft, page) | {"errors": summary}
    if page == REPORT_PAGE:
        key = Key(Kind.NARRATIVE, REPORT)
        context |= {"name": field_name(key), "text": texts.get(key, draft.narrative(REPORT))}
        context["error"] = errors.get(key, "")
        return render(request, "bank/report.html", context, status=422 if errors else 200)
    files = evidence_task(draft)
    context |= {"findings": _findings(draft, texts, errors), "missing": _missing(draft)}
    context |= {"bare": files if files.note else None}
    return render(request, "bank/check.html", context, status=422 if errors else 200)


def _findings(draft: Draft, texts: Mapping[Key, str], errors: dict[Key, str]) -> list[dict[str, Any]]:
    found = []
    for finding in draft.result.checks:
        key = check_key(finding)
        facts = [draft.rulebook.facts[fact] for fact in finding.facts if fact in draft.form_pages.page_of_fact]
        found.append(
            {
                "severity": finding.severity,
                "anchor": anchor(key),
                "message": in_language(finding.message),
                "clause": provenance(finding.source),
                "basis": finding.basis,
                "facts": [
                    (
                        in_language(spec.label),
                        reverse("filing-section", args=[draft.assessment.pk, draft.form_pages.page_of_fact[spec.id]])
                        + f"#{anchor(Key(Kind.FACT, spec.id))}",
                    )
                    for spec in facts
                ],
                "name": field_name(key),
                "text": texts.get(key, draft.explanation(finding)),
                "error": errors.get(key, ""),
            }
        )
    return sorted(found, key=lambda row: row["severity"] != "error")


def _missing(draft: Draft) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """What is missing, by page: name, address, what is asked."""
    kinds = {
        "fact": _("to fill in"),
        "self_score": _("self-score"),
        "narrative": _("narrative"),
        "claim": _("why it does not apply"),
        "malware": _("malware was found; withdraw the file"),
        "report": _("to write"),
    }
    titles = {row[0]: row[1] for row in sections(draft)}
    found: dict[str, list[tuple[str, str, str]]] = {}
    for gap in draft.gaps:
        if gap.kind in kinds:
            found.setdefault(titles[gap.page], []).append(
                (gap.label, address(gap_link(draft.assessment, gap)), kinds[gap.kind])
            )
    return list(found.items())


# --- Saving as one types ---------------------------------------------------------------------------------------------


@require_POST
def autosave(request: HttpRequest, pk: int) -> JsonResponse:
    """Save the fields that were sent. Answers with the new revision, the time in words, and what was wrong by field;
    409 with the names of the fields that somebody else has changed, or with the reasons why nothing can be saved."""
    rulebook = engine_rulebook(get_assessment(acting(request), pk).round.rulebook)
    sent = read_sent(rulebook, request.POST)
    try:
        saved = save_draft(
            actor=acting(request),
            assessment_id=pk,
            revision=_revision(request),
            own=_own(request),
            change=sent.change,
        )
    except Stale as stale:
        return JsonResponse({"conflict": [conflict.label for conflict in stale.current]}, status=409)
    except Refused as refused:
        return JsonResponse({"refused": [str(reason) for reason in refused.reasons]}, status=409)
    return JsonResponse(_answer(saved, sent.errors | saved.errors))


def _answer(saved: Saved, errors: dict[Key, str]) -> dict[str, Any]:
    time = timezone.localtime().strftime("%H:%M")
    written = [field_name(key) for key in saved.written]
    found = {"revision": saved.revision, "time": time, "errors": by_field(errors), "written": written}
    return found | {"figures": _figures(saved)}


def _figures(saved: Saved) -> dict[str, dict[str, str]]:
    """What is said beside the figures that were just written, and beside those that are compared with them, by field:
    the figure as it stands in the field, what it was taken to be, the change since last year, a question to its size.
    """
    draft = get_draft(saved.assessment)
    written = {key.id for key in saved.written if key.kind == Kind.FACT}
    written |= {spec.carries_from for spec in draft.rulebook.facts.values() if spec.id in written and spec.carries_from}
    found = {}
    for spec in (draft.rulebook.facts[fact] for fact in sorted(written)):
        value = draft.value(spec)
        if spec.is_number:
            found[fact_field(spec.id)] = {
                "text": value_text(draft.rulebook, Key(Kind.FACT, spec.id), value),
                "understood": understood(value, spec.unit) if isinstance(value, Decimal) else "",
                "change": "" if spec.carries_from else difference(spec, value, draft.last_year(spec)),
                "question": draft.question(spec),
            }
    return found


@never_cache
@require_GET
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The score panel alone, with the navigation of the page that asks: asked for again after each save."""
    draft = get_draft(get_assessment(acting(request), pk))
    context = {
        "assessment": draft.assessment,
        "score": explained_score(draft.rulebook, draft.result, draft.self_total),
        "sections": sections(draft),
        "objections": objections(draft),
        "page_id": request.GET.get("page", ""),
        "checked_pages": set(marks_of(draft)),
    }
    return render(request, "bank/_panel.html", context)
