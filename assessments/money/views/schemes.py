"""The money schemes: which are published, and the page on which one is worked out. Nothing typed here is kept."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from assessments.filings.fact_fields import FactField, Option, fact_field_of
from assessments.filings.forms import fact_texts
from assessments.filings.views.common import acting
from assessments.money.forms import StartForm
from assessments.money.partners import has_partners
from assessments.money.selectors import (
    NOTHING_ON_FILE,
    PREFIX,
    Estimated,
    OnFile,
    Scheme,
    estimate,
    get_scheme,
    on_file,
    schemes,
)
from assessments.rounds.tables import admits
from assessments.rulebooks.services import installed_rulebooks
from banks.access import get_bank, visible_banks
from banks.models import Bank
from scorecard.audit.services import record
from scorecard.engine import Nothing, format_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language, screen_language


@require_GET
def money_list(request: HttpRequest) -> HttpResponse:
    """Every published scheme with its years, its authority and what it estimates; ``?bank=`` leads on to that bank's
    figures, which are not read here."""
    actor = acting(request)
    bank = None
    if (chosen := typed_id(request.GET.get("bank", ""))) is not None and admits("money-bank", actor):
        bank = get_bank(actor, chosen)
    found = schemes(actor)
    may_publish = admits("rulebook-publish", actor)
    context = {
        "schemes": found,
        "bank": bank,
        "may_publish": may_publish,
        "unpublished": _unpublished(found) if may_publish else [],
    }
    return render(request, "money/list.html", context)


def _unpublished(found: list[Scheme]) -> list[str]:
    """The installed schemes of the product that nobody has published yet: their folders are named ``money-…``."""
    known = {scheme.version.name for scheme in found}
    installed = (f"{code}/{number}" for code, number in installed_rulebooks() if code.startswith("money-"))
    return [name for name in installed if name not in known]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def money_scheme(request: HttpRequest, pk: int) -> HttpResponse:
    """One scheme: a bank's people start from what their bank has on file, everybody else from blank fields."""
    actor = acting(request)
    scheme = get_scheme(actor, pk)
    if "bank" in request.GET and actor.bank_id is not None:
        raise Http404  # a bank's people choose none: they start from their own
    start = _start(request)
    if start.is_bound and start.is_valid():  # the choice of a bank
        chosen = start.cleaned_data["bank"]
        return redirect("money-scheme", pk) if chosen is None else redirect("money-bank", pk, chosen.pk)
    return _page(request, scheme, get_bank(actor, actor.bank_id) if actor.bank_id is not None else None, start)


def _start(request: HttpRequest, bank: Bank | None = None) -> StartForm:
    """The choice of the bank from whose figures to start, as the address sends it."""
    sent = request.GET if request.method == "GET" and "bank" in request.GET else None
    return StartForm(sent, banks=visible_banks(acting(request)), initial={"bank": bank})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def money_bank(request: HttpRequest, pk: int, bank: int) -> HttpResponse:
    """The form of a scheme, filled with what one bank has on file; 404 for the people of another bank."""
    actor = acting(request)
    chosen = get_bank(actor, bank)
    return _page(request, get_scheme(actor, pk), chosen, _start(request, chosen))


def _page(request: HttpRequest, scheme: Scheme, bank: Bank | None, start: StartForm) -> HttpResponse:
    """A POST works out what was typed and reads no bank's figures; a GET starts from what is on file."""
    if request.method == "POST":
        facts = fact_texts(request.POST)
        chosen = {name: next(filter(None, request.POST.getlist(PREFIX + name)), "") for name in scheme.properties}
        filed = NOTHING_ON_FILE
    else:
        filed = _opened(request, scheme, bank)
        stored = [fact_field_of(spec, filed.facts.get(fact, Nothing.UNANSWERED)) for fact, spec in scheme.facts.items()]
        facts = {fact: field.value for fact, field in zip(scheme.facts, stored, strict=True)}
        chosen = dict(filed.properties)
    told = estimate(scheme, facts, chosen)
    fields = _fields(scheme, facts, chosen, filed, told)
    context: dict[str, Any] = {
        "scheme": scheme,
        "told": told,
        "errors": [(f"#{field.id}", field.label, field.error) for field in fields if field.error],
    }
    status = 422 if told.errors or start.errors else 200
    if request.headers.get("HX-Request") == "true":  # the panel alone, with the line above it
        return render(request, "money/_estimate.html", context, status=status)
    choosing = acting(request).bank_id is None and admits("money-bank", acting(request))
    context |= {
        "bank": bank,
        "fields": fields,
        "filed": filed,
        "may_edit": True,  # of the shared field template: these fields can always be typed in
        "start": start,
        "choosing": choosing,
        "may_claim": admits("money-claim", acting(request)),
        "partner": bank if bank is not None and has_partners(scheme) else None,
    }
    return render(request, "money/scheme.html", context, status=status)


@transaction.atomic
def _opened(request: HttpRequest, scheme: Scheme, bank: Bank | None) -> OnFile:
    """What is on file of the bank. A supervisor who opens a bank's figures leaves a trace."""
    if bank is None:
        return NOTHING_ON_FILE
    actor = acting(request)
    filed = on_file(actor, scheme, bank)
    if actor.bank_id is None:
        data = {"periods": sorted(set(filed.years.values())), "scheme": scheme.version.name}
        record("banks.facts.viewed", actor=actor, target=bank, bank_id=bank.pk, data=data)
    return filed


def _fields(
    scheme: Scheme, facts: dict[str, str], chosen: dict[str, str], filed: OnFile, told: Estimated
) -> list[FactField]:
    """What the scheme asks, properties of the bank first; each field keeps what was typed."""
    found = [
        FactField(
            name=PREFIX + name,
            id=f"id_{PREFIX}{name}",
            label=in_language(spec.label),
            kind="level",
            unit="",
            value=chosen.get(name, ""),
            shown="",
            blank=not chosen.get(name),
            options=tuple(
                Option(key, in_language(text), chosen.get(name) == key) for key, text in spec.options.items()
            ),
            required=True,
            may_be_na=False,
            definition="",
            form="",
            clause="",
            basis="",
            last=None,
            change="",
            came_from=_("By the bank's entry in the register") if filed.properties.get(name) else "",
            error=told.errors.get(PREFIX + name, ""),
        )
        for name, spec in scheme.properties.items()
    ]
    for fact, spec in scheme.facts.items():
        found.append(
            fact_field_of(
                spec,
                Nothing.UNANSWERED,
                typed=facts.get(fact, ""),
                required=spec.required,
                repeats=scheme.rulebook.facts.get(spec.carries_from),
                came_from=_on_file(spec, filed),
                error=told.errors.get(f"f-{fact}", ""),
            )
        )
    return found


def _on_file(spec: FactSpec, filed: OnFile) -> str:
    """What is on file, in words; it stays under the field whatever is typed into it."""
    if spec.id not in filed.years:
        return ""
    value = format_fact(spec, filed.facts[spec.id], screen_language())
    return _("On file for %(year)s: %(value)s") % {"year": filed.years[spec.id], "value": value}
