"""The desk's list of one scheme, as a page and as a file."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assessments.filings.views.common import acting
from assessments.models import PartnerState
from assessments.money.desk import Desk, desk, exact
from assessments.money.partners import has_partners, states_of
from assessments.money.selectors import Scheme, get_scheme
from banks.models import User
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.exports import CONTENT_TYPES, export_response
from scorecard.words.formats import exact_text


@never_cache
@require_GET
def money_desk(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every bank with figures of the scheme on file: who reads or exports it leaves an event."""
    actor = acting(request)
    scheme = get_scheme(actor, pk)
    kind = request.GET.get("_export", "")
    with transaction.atomic():
        if kind in CONTENT_TYPES:
            found, states = desk(actor, scheme), _partners(actor, scheme)
            data = {"list": "money desk", "scheme": scheme.version.name, "format": kind, "rows": len(found.rows)}
            record("assessments.list.exported", actor=actor, data=data)
            return export_response(kind, scheme.title, _head(found, states), _rows(found, states))
        record_reading("assessments.list.read", actor=actor, name=f"money desk {scheme.version.name}")
    return render(request, "money/desk.html", _context(scheme, desk(actor, scheme), _partners(actor, scheme)))


def _partners(actor: User, scheme: Scheme) -> dict[int, str] | None:
    """By bank its standing as a partner, where it is another than partner; None for a scheme without partners."""
    return states_of(actor, scheme) if has_partners(scheme) else None


def _partner(states: dict[int, str] | None, bank_id: int) -> str:
    return str(PartnerState((states or {}).get(bank_id, PartnerState.PARTNER)).label)


def _context(scheme: Scheme, found: Desk, states: dict[int, str] | None) -> dict[str, Any]:
    rows = [
        {
            "row": row,
            "amounts": [amount.value for amount in row.told.amounts],
            "missing": row.missing,
            "partner": _partner(states, row.bank.pk),
        }
        for row in found.rows
    ]
    return {"scheme": scheme, "desk": found, "rows": rows, "partners": states is not None}


def _head(found: Desk, states: dict[int, str] | None) -> list[str]:
    own = [_("Partner of the fund")] if states is not None else []
    labels = (one.label for one in found.columns)
    return [_("Bank"), _("Code"), _("Year"), _("Standing"), *own, *labels, _("Not on file")]


def _rows(found: Desk, states: dict[int, str] | None) -> Iterator[list[Any]]:
    """The amounts as exact numbers in the unit of their column; what is not known stays blank."""
    for row in found.rows:
        amounts = [exact(row.told, one.id) for one in found.columns]
        said = [exact_text(number) if number is not None else "" for number in amounts]
        own = [_partner(states, row.bank.pk)] if states is not None else []
        yield [row.bank.name, row.bank.code, ", ".join(row.years), row.told.standing, *own, *said, row.missing]
