"""One bank's reading of a period: looked at, filled in, confirmed."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.filings.fact_fields import FactField, fact_field, fact_field_of
from assessments.models import Reading, ReadingPeriod
from assessments.readings.figures import (
    all_bases,
    bases,
    findings,
    goal_facts,
    read_figures,
    reading_facts,
    target_facts,
    values_of,
)
from assessments.readings.goals import in_force
from assessments.readings.present import goal_lines, lines_of, percent_words, warnings_of
from assessments.readings.selectors import (
    bank_of_period,
    current,
    draft_of,
    get_period,
    newest_standing,
    state_of,
    visible_readings,
)
from assessments.readings.services import (
    NOTE_LENGTH,
    against_confirming,
    before_of,
    begun,
    confirm_reading,
    save_reading,
    shown_reading,
)
from assessments.readings.tables import KINDS, LATE, STATES
from assessments.reviews.views.assessment import acting
from assessments.rounds.tables import admits
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.engine import Nothing, format_fact
from scorecard.ui.forms import ConfirmForm
from scorecard.ui.ids import typed_id
from scorecard.words.formats import show
from scorecard.words.language import in_language, screen_language


def head(request: HttpRequest, period: ReadingPeriod, bank: Bank, title: str = "") -> dict[str, Any]:
    """What every page of one bank's reading shows of it."""
    actor = acting(request)
    now, draft = current(period, bank.pk), draft_of(period, bank.pk)
    mine = actor.bank_id == bank.pk
    state = state_of(draft is not None, now.revision if now else 0)
    crumbs: list[tuple[Any, str]] = [(_("Readings through the year"), reverse("reading-list"))]
    if not mine:
        crumbs.append((period.title, reverse("reading-period", args=[period.pk])))
    here = period.title if mine else bank.name
    crumbs.append((here, reverse("reading-bank", args=[period.pk, bank.pk]) if title else ""))
    return {
        "period": period,
        "bank": bank,
        "now": now,
        "draft": draft if mine else None,
        "state": STATES[state],
        "state_kind": KINDS[state],
        "late": LATE if now is None and period.due_on < timezone.localdate() else "",
        "mine": mine,
        "may_fill": mine and admits("reading-fill", actor),
        "may_confirm": mine and draft is not None and admits("reading-confirm", actor),
        "crumbs": [*crumbs, (title, "")] if title else crumbs,
    }


@require_GET
def reading_bank(request: HttpRequest, pk: int, bank: int) -> HttpResponse:
    """What is on file, beside last year's of the same day, and every revision."""
    actor = acting(request)
    period = get_period(actor, pk)
    found = bank_of_period(actor, period, bank)
    data = {"period": period.pk}
    record("assessments.reading.viewed", actor=actor, target=found, bank_id=found.pk, data=data)
    context = head(request, period, found)
    now = context["now"]
    context |= {
        "groups": _shown(period, now.facts if now else {}, before_of(period, found.pk)) if now else [],
        "revisions": _revisions(request, period, found),
        **standing_context(request, period, now),
    }
    return render(request, "readings/bank.html", context)


def standing_context(request: HttpRequest, period: ReadingPeriod, now: Reading | None) -> dict[str, Any]:
    """Targets, credit plan and warnings of a reading, as the reader may see them."""
    standing = newest_standing(now) if now is not None else None
    if standing is None:
        return {"standing": None}
    bank_side = acting(request).is_bank_person
    return {
        "standing": standing,
        "lines": lines_of(engine_rulebook(period.rulebook), standing.content, with_forecast=not bank_side),
        "goal_lines": goal_lines(standing.content, with_forecast=not bank_side),
        "plan": percent_words(standing.content["plan"]["share"]),
        "warnings": warnings_of(standing.content, bank_side=bank_side),
        "with_forecast": not bank_side,
    }


def _revisions(request: HttpRequest, period: ReadingPeriod, bank: Bank) -> list[dict[str, Any]]:
    """Every confirmed revision, the newest first, with what it changed; a bank reads no name of the supervisor."""
    rows = visible_readings(acting(request)).filter(period=period, bank=bank, confirmed_at__isnull=False)
    found: list[dict[str, Any]] = []
    before: Reading | None = None
    for row in rows.select_related("confirmed_by").order_by("revision"):
        by_supervisor = row.source == "supervisor"
        named = row.confirmed_by if not (by_supervisor and acting(request).is_bank_person) else None
        found.append(
            {
                "row": row,
                "who": named or (_("The supervisor") if by_supervisor else ""),
                "changes": _changes(period, before.facts, row.facts) if before is not None else [],
            }
        )
        before = row
    return found[::-1]


def _changes(period: ReadingPeriod, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rulebook, lang = engine_rulebook(period.rulebook), screen_language()
    was, stands = values_of(rulebook, before), values_of(rulebook, now)
    return [
        (in_language(spec.label), format_fact(spec, was.get(id), lang), format_fact(spec, stands.get(id), lang))
        for id, spec in reading_facts(rulebook).items()
        if was.get(id) != stands.get(id)
    ]


def _shown(
    period: ReadingPeriod, stored: Mapping[str, dict[str, str]], before: Mapping[str, Any]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The figures as they are read, by group: those of the period, their bases, the credit plan."""
    rulebook, lang = engine_rulebook(period.rulebook), screen_language()
    values = values_of(rulebook, stored)
    return [
        (
            title,
            [
                {
                    "label": in_language(spec.label),
                    "value": format_fact(spec, values.get(id), lang),
                    "last": format_fact(spec, before[id], lang) if id in before else "",
                }
                for id, spec in specs.items()
            ],
        )
        for title, specs in groups_of(period)
    ]


def groups_of(period: ReadingPeriod) -> list[tuple[str, dict[str, Any]]]:
    """The figures of a reading as they stand in groups."""
    rulebook = engine_rulebook(period.rulebook)
    base, targets, goal = bases(rulebook), target_facts(rulebook), goal_facts(rulebook)
    year = {"year": period.year, "day": period.ends_on.isoformat()}
    plan = {id: spec for id, spec in reading_facts(rulebook).items() if id not in targets and id not in goal}
    groups = [
        (
            _("1 January to %(day)s") % year,
            {id: spec for id, spec in targets.items() if id not in base},
        ),
        (_("The base of comparison"), {id: spec for id, spec in targets.items() if id in base}),
        (_("Separate credit plan %(year)s") % year, plan),
    ]
    return [*groups, (_("Loans to sci-tech firms (may stay blank)"), goal)] if in_force(period.year) else groups


# --- Filled in -------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def reading_fill(request: HttpRequest, pk: int) -> HttpResponse:
    """The preparer types the figures; what cannot be read stays in its field."""
    actor = acting(request)
    period = get_period(actor, pk)
    bank = bank_of_period(actor, period, actor.bank_id or 0)
    reasons: list[str] = []
    status, newer, typed = 200, None, None
    note, saves = None, None
    if request.method == "POST":
        names = {fact_field(id): id for id in reading_facts(engine_rulebook(period.rulebook))}
        typed = {id: request.POST[name] for name, id in names.items() if name in request.POST}
        note = request.POST.get("note", "")
        sent = typed_id(request.POST.get("saves", ""))
        saves = -1 if sent is None else sent
        try:
            _draft, errors = save_reading(actor=actor, period_id=pk, typed=typed, note=note, saves=saves)
        except Stale as error:
            reasons, status, newer = [str(reason) for reason in error.reasons], 409, error.current
        except Refused as error:
            reasons, status = [str(reason) for reason in error.reasons], 422
        else:
            if not errors:
                messages.success(request, _("It is saved. It has not been confirmed yet."))
                return redirect("reading-fill", pk)
            typed, status, note, saves = None, 422, None, None
    context = head(request, period, bank, _("Fill in the reading"))
    draft = context["draft"]
    fields = _fields(period, bank, draft, typed)
    context |= {
        "groups": fields,
        "asked": _asked(period, draft, bank),
        "errors": [field for _title, group in fields for field in group if field.error],
        "note": note if note is not None else (draft.note if draft else ""),
        "note_length": NOTE_LENGTH,
        "saves": newer.saves if newer is not None else draft.saves if draft else 0,
        "reasons": reasons,
        "newer": _shown(period, newer.facts, {}) if newer is not None else [],
        "may_edit": True,
    }
    return render(request, "readings/fill.html", context, status=status)


def _fields(
    period: ReadingPeriod, bank: Bank, draft: Reading | None, typed: Mapping[str, str] | None
) -> list[tuple[str, list[FactField]]]:
    """Each group with its fields: what came back stands there as it was typed, else the draft, else what is carried."""
    rulebook, lang = engine_rulebook(period.rulebook), screen_language()
    stored = draft.facts if draft is not None else begun(period, bank.pk)
    values, before = values_of(rulebook, stored), before_of(period, bank.pk)
    kept = dict(draft.typed) if draft is not None else {}
    errors = read_figures(rulebook, kept)[1]
    base = all_bases(rulebook)
    found = []
    for title, specs in groups_of(period):
        fields = []
        for id, spec in specs.items():
            value = values.get(id)
            last = format_fact(spec, before[id], lang) if id in before and id not in base else None
            fields.append(
                fact_field_of(
                    spec,
                    value if value is not None else Nothing.UNANSWERED,
                    typed=typed.get(id, "") if typed is not None else kept.get(id),
                    last=last,
                    change=_change(spec, value, before.get(id)) if last else "",
                    error=errors.get(id, ""),
                    repeats=reading_facts(rulebook).get(base.get(id, "")),
                )
            )
        found.append((title, fields))
    return found


def _change(spec: Any, now: Any, before: Any) -> str:
    try:
        written = show(now - before, spec.unit, sign=True)
    except TypeError:
        return ""
    return written.text if written is not None else ""


def _asked(period: ReadingPeriod, draft: Reading | None, bank: Bank) -> list[Any]:
    """What the checks say of the draft as it is saved."""
    if draft is None:
        return []
    rulebook = engine_rulebook(period.rulebook)
    return findings(rulebook, values_of(rulebook, draft.facts), before_of(period, bank.pk))


@never_cache
@require_http_methods(["GET", "POST"])
def reading_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Reviewer or signatory reads every figure and confirms the reading."""
    actor = acting(request)
    period = get_period(actor, pk)
    bank = bank_of_period(actor, period, actor.bank_id or 0)
    draft = draft_of(period, bank.pk)
    form = ConfirmForm(request.POST or None, user=actor, signature=True)
    reasons = [str(reason) for reason in against_confirming(actor, period, draft)]
    status, stale = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                confirm_reading(actor=actor, period_id=pk, seen=request.POST.get("seen", ""))
            except Stale as error:
                stale, status, reasons = error, 409, []
                draft = draft_of(period, bank.pk)
            except Refused as error:
                reasons, status = [str(reason) for reason in error.reasons], 409
            else:
                messages.success(request, _("The reading is confirmed and with the supervisor."))
                return redirect("reading-bank", pk, bank.pk)
    context = head(request, period, bank, _("Confirm the reading")) | {
        "form": form,
        "reasons": reasons,
        "groups": _shown(period, draft.facts, before_of(period, bank.pk)) if draft else [],
        "asked": _asked(period, draft, bank),
        "seen": ((stale is None and request.POST.get("seen")) or shown_reading(period, draft)) if draft else "",
        "stale": stale is not None,
        "differences": stale.current if stale is not None else None,
    }
    return render(request, "readings/confirm.html", context, status=status)
