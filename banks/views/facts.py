"""A bank's figures by year, and how each came to be."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from banks.access import get_bank
from banks.models import FactEntry
from banks.selectors.fact_words import fact_label, fact_specs, shown
from banks.selectors.facts import current_facts, fact_history, fact_periods, readable_source
from banks.views.common import actor_of
from scorecard.audit.services import record

YEARS_SHOWN = 6


@require_GET
def bank_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Every fact of the last years side by side. Opening another one's figures is recorded."""
    bank = get_bank(actor_of(request), pk)
    periods = fact_periods(actor_of(request), bank.pk)[:YEARS_SHOWN]
    current = current_facts(bank.pk, periods) if periods else {}
    if actor_of(request).bank_id is None:
        record("banks.facts.viewed", actor=actor_of(request), target=bank, bank_id=bank.pk, data={"periods": periods})
    context = {"bank": bank, "periods": periods, "groups": rows(current, periods)}
    return render(request, "banks/bank_facts.html", context)


def rows(current: dict[str, dict[str, FactEntry]], periods: list[str]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The facts with a value by supplier: title, and per fact its words and one cell per year."""
    specs = fact_specs()
    there = {fact for facts in current.values() for fact in facts}
    ordered = [fact for fact in specs if fact in there] + sorted(there - set(specs))
    suppliers = {
        "bank": _("Figures given by the bank"),
        "answers": _("Answers given by the bank"),
        "supervisor": _("Given by the supervisor"),
        "system": _("Counted by the system"),
        "": _("No installed rulebook names these"),
    }
    groups: dict[str, list[dict[str, Any]]] = {key: [] for key in suppliers}
    for fact in ordered:
        spec = specs.get(fact)
        key = "" if spec is None else spec.supplied_by if spec.is_number or spec.supplied_by != "bank" else "answers"
        cells = [shown(current[period][fact]) if fact in current[period] else None for period in periods]
        groups[key].append(
            {
                "fact": fact,
                "label": fact_label(fact),
                "is_number": spec.is_number if spec else False,
                "cells": list(zip(periods, cells, strict=True)),
            }
        )
    return [(title, groups[key]) for key, title in suppliers.items() if groups[key]]


@require_GET
def bank_fact_history(request: HttpRequest, pk: int, period: str, fact: str) -> HttpResponse:
    """Every revision of one fact: value, source, who, when."""
    bank = get_bank(actor_of(request), pk)
    entries = []
    for entry in fact_history(actor_of(request), bank.pk, period, fact):
        note, by = readable_source(actor_of(request), entry)
        entries.append({"line": shown(entry), "note": note, "by": by})
    if not entries:
        raise Http404
    if actor_of(request).bank_id is None:
        data = {"periods": [period], "fact": fact}
        record("banks.facts.viewed", actor=actor_of(request), target=bank, bank_id=bank.pk, data=data)
    context = {"bank": bank, "period": period, "label": fact_label(fact), "entries": entries}
    return render(request, "banks/bank_fact_history.html", context)
