"""Whose token it is; rounds, what a rulebook asks for, and the assessments with their states."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from assessments.access import get_round, visible_assessments, visible_rounds
from assessments.api.scopes import Scope
from assessments.api.values import bound_out
from assessments.api.views.common import Both, Listed, Page, acting, both, listed, named, subject
from assessments.filings.form_layout import FormPages, form_pages, may_be_not_applicable
from assessments.models import ApiToken, Assessment, Round
from assessments.rulebooks.cache import engine_rulebook
from scorecard.engine import Rulebook
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.engine.values.numbers import plain

router = Router(tags=["rounds"])


class Me(Schema):
    """Whose token it is, and what it opens."""

    token: str
    person: str
    bank: str | None
    scopes: list[Scope]
    roles: list[str]
    until: date


class RoundOut(Schema):
    """A round with its calendar."""

    id: int
    code: str
    year: int
    title: Both
    state: str
    rulebook: str
    opens_at: datetime
    filing_deadline: datetime
    review_deadline: datetime


class AssessmentOut(Schema):
    """One bank's file in one round: where it stands, until when the bank files."""

    id: int
    round: int
    bank: str
    bank_name: str
    filing: str
    review: str
    version: int | None
    files_until: datetime
    revision: int


class OptionOut(Schema):
    """One choice."""

    id: str
    label: Both


class FactOut(Schema):
    """A figure or an answer that the form asks for. ``decimals`` and limits are in the unit; of a ratio in percent."""

    id: str
    label: Both
    definition: Both
    kind: str
    unit: str
    decimals: int
    min: str | None
    max: str | None
    options: list[OptionOut]
    required: bool
    not_applicable: bool
    repeats_last_year: str | None
    page: str | None


class IndicatorOut(Schema):
    """An indicator: limits of the own points, what is asked for beside them, and the rule in words."""

    id: str
    name: Both
    page: str | None
    min: str
    max: str
    asked: bool
    narrative: bool
    not_applicable: bool
    facts: list[str]
    evidence: list[Both]
    guidance: Both
    rule: list[Both]


class CheckOut(Schema):
    """A check of the rulebook."""

    id: str
    severity: str
    message: Both


class FormOut(Schema):
    """What a bank files in a round."""

    round: int
    rulebook: str
    hash: str
    title: Both
    facts: list[FactOut]
    indicators: list[IndicatorOut]
    checks: list[CheckOut]


@router.get(
    "/me",
    response=Me,
    **named("me.get", _("Whose token it is")),
)
def me(request: HttpRequest) -> dict[str, Any]:
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    person = acting(request)
    return {
        "token": token.name,
        "person": person.name,
        "bank": person.bank.code if person.bank is not None else None,
        "scopes": token.scopes,
        "roles": sorted(person.roles),
        "until": token.until,
    }


@router.get(
    "/rounds",
    response=Listed[RoundOut],
    **named("rounds.get", _("The rounds")),
)
def rounds(request: HttpRequest, page: Query[Page]) -> dict[str, Any]:
    rows = visible_rounds(acting(request)).select_related("rulebook").defer("rulebook__content")
    return listed(request, rows.order_by("-year", "-pk"), page, _round)


@router.get(
    "/rounds/{int:pk}",
    response=RoundOut,
    **named("round.get", _("One round")),
)
def one_round(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _round(get_round(acting(request), pk))


@router.get(
    "/rounds/{int:pk}/form",
    response={200: FormOut, 304: None},
    **named(
        "form.get", _("What a bank files: figures with units, definitions and limits, indicators with rules, checks")
    ),
)
def form(request: HttpRequest, pk: int, response: HttpResponse) -> Any:
    found = get_round(acting(request), pk)
    rulebook = engine_rulebook(found.rulebook)
    response["ETag"] = f'"{rulebook.hash[:32]}"'
    if request.headers.get("If-None-Match") == response["ETag"]:
        return HttpResponse(status=304, headers={"ETag": response["ETag"]})
    layout = form_pages(rulebook)
    return {
        "round": found.pk,
        "rulebook": found.rulebook.name,
        "hash": rulebook.hash,
        "title": both(rulebook.title),
        "facts": [_fact(rulebook, layout, fact) for fact in layout.page_of_fact],
        "indicators": [_indicator(rulebook, layout, name) for name in rulebook.indicators],
        "checks": [
            {"id": check.id, "severity": check.severity, "message": both(check.message)}
            for check in rulebook.checks.values()
        ],
    }


@router.get(
    "/assessments",
    response=Listed[AssessmentOut],
    **named("assessments.get", _("The assessments that the token’s person sees")),
)
def assessments(request: HttpRequest, page: Query[Page], round: int | None = None) -> dict[str, Any]:
    rows = visible_assessments(acting(request)).select_related("bank", "round", "version").order_by("pk")
    rows = rows.defer("touched", "version__facts", "version__answers", "version__history", "version__report")
    if round is not None:
        rows = rows.filter(round=get_round(acting(request), round))
    return listed(request, rows, page, _assessment)


@router.get(
    "/assessments/{int:pk}",
    response=AssessmentOut,
    **named("assessment.get", _("One assessment")),
)
def assessment(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _assessment(subject(request, pk))


def _round(row: Round) -> dict[str, Any]:
    return {
        "id": row.pk,
        "code": row.code,
        "year": row.year,
        "title": {"zh": row.title_zh, "en": row.title_en},
        "state": row.state,
        "rulebook": row.rulebook.name,
        "opens_at": row.opens_at,
        "filing_deadline": row.filing_deadline,
        "review_deadline": row.review_deadline,
    }


def _assessment(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "round": row.round_id,
        "bank": row.bank.code,
        "bank_name": row.bank_name,
        "filing": row.filing_state,
        "review": row.review_state,
        "version": row.version.number if row.version is not None else None,
        "files_until": row.files_until,
        "revision": row.revision,
    }


def _fact(rulebook: Rulebook, layout: FormPages, name: str) -> dict[str, Any]:
    spec = rulebook.facts[name]
    return {
        "id": spec.id,
        "label": both(spec.label),
        "definition": both(spec.help),
        "kind": spec.kind,
        "unit": spec.unit,
        "decimals": spec.digits if spec.is_number else 0,
        "min": bound_out(spec, spec.min),
        "max": bound_out(spec, spec.max),
        "options": [{"id": option, "label": both(label)} for option, label in spec.options.items()],
        "required": spec.required,
        "not_applicable": may_be_not_applicable(rulebook, name),
        "repeats_last_year": spec.carries_from or None,
        "page": layout.page_of_fact.get(name),
    }


def _indicator(rulebook: Rulebook, layout: FormPages, name: str) -> dict[str, Any]:
    indicator, item = rulebook.indicators[name], layout.items[name]
    lines = zip(rule_lines(rulebook, indicator.rule, "zh"), rule_lines(rulebook, indicator.rule, "en"), strict=True)
    return {
        "id": name,
        "name": both(indicator.name),
        "page": layout.page_of_indicator.get(name),
        "min": plain(indicator.min),
        "max": plain(indicator.max),
        "asked": item.asked,
        "narrative": item.narrative,
        "not_applicable": item.claim,
        "facts": list(indicator.facts),
        "evidence": [both(text) for text in indicator.evidence],
        "guidance": both(indicator.guidance),
        "rule": [{"zh": zh, "en": en} for zh, en in lines],
    }
