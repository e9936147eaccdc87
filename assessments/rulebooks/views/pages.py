"""Rulebooks: which are published, what one says, and publishing one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from assessments.access import visible_rounds
from assessments.models import RulebookVersion
from assessments.rounds.parameters.selectors import set_values
from assessments.rounds.selectors import former_versions, published_rulebooks
from assessments.rounds.tables import admits
from assessments.rulebooks.cache import engine_rulebook, engine_rulebooks
from assessments.rulebooks.selectors import rulebook_view
from assessments.rulebooks.services import (
    RulebookFaulty,
    check_rulebook,
    installed_rulebooks,
    publish_rulebook,
    publishing_content,
)
from assessments.workflow.shown import seal_content
from banks.views.common import actor_of
from scorecard.access.decisions import Refused, Stale
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import screen_language


@require_GET
def rulebook_list(request: HttpRequest) -> HttpResponse:
    """Every published version, with the version that it follows and the rounds that run under it: what banks are
    assessed under first, then the money schemes, each from the newest on."""
    versions = list(published_rulebooks(actor_of(request)).order_by("-published_at"))
    books = engine_rulebooks(versions)
    versions.sort(key=lambda version: bool(books[version.hash].estimates))
    before = former_versions(versions, books)
    rounds: dict[int, list[Any]] = {}
    for round_ in visible_rounds(actor_of(request)).order_by("-year"):
        rounds.setdefault(round_.rulebook_id, []).append(round_)
    context = {
        "rows": [
            (version, rounds.get(version.pk, []), before.get(version.pk), bool(books[version.hash].estimates))
            for version in versions
        ],
        "may_publish": admits("rulebook-publish", actor_of(request)),
        "may_open_rounds": admits("round-detail", actor_of(request)),
    }
    return render(request, "rulebooks/list.html", context)


@require_GET
def rulebook_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One version in words: sections, indicators, rules, sources and basis; searchable, and fit to print."""
    versions = list(published_rulebooks(actor_of(request)).order_by("code", "-published_at"))
    version = next((row for row in versions if row.pk == pk), None)
    if version is None:
        raise Http404
    query = request.GET.get("q", "").strip()[:100]
    view = rulebook_view(engine_rulebook(version), query)
    rounds = visible_rounds(actor_of(request)).filter(rulebook=version).order_by("-year")
    others = [row for row in versions if row.pk != pk]
    context = {
        "version": version,
        "view": view,
        "query": query,
        "rounds": rounds,
        "others": others,
        "set_values": set_values(rounds, engine_rulebook(version)),
    }
    return render(request, "rulebooks/detail.html", context)


@dataclass(frozen=True)
class Installed:
    """A rulebook folder and what became of it."""

    name: str
    published: RulebookVersion | None


@require_http_methods(["GET", "POST"])
def rulebook_publish(request: HttpRequest) -> HttpResponse:
    """Choose an installed rulebook, see every finding of the check, publish it."""
    name = (request.POST if request.method == "POST" else request.GET).get("rulebook", "")
    code, _slash, number = name.partition("/")
    context: dict[str, Any] = {"name": name, "findings": [], "rulebook": None, "reasons": [], "checked": bool(name)}
    status = 200
    if name:
        try:
            if request.method == "POST":
                row = publish_rulebook(
                    actor=actor_of(request), code=code, version=number, seen=request.POST.get("seen", "")
                )
                messages.success(request, _("The rulebook is published. Rounds can run under it from now on."))
                return redirect("rulebook-detail", row.pk)
            rulebook, findings = check_rulebook(code, number)
            context |= _preview(request, rulebook) | {"findings": _shown(findings)}
        except Stale as error:
            context |= _preview(request, check_rulebook(code, number)[0])
            context |= {"stale": True, "differences": error.current}
            status = 409
        except RulebookFaulty as error:
            context |= {"findings": _shown(error.findings), "reasons": error.reasons}
            status = 409
        except Refused as error:
            context["reasons"] = error.reasons
            status = 409
    versions = {f"{v.code}/{v.version}": v for v in published_rulebooks(actor_of(request))}
    context["installed"] = [
        Installed(f"{code}/{number}", versions.get(f"{code}/{number}")) for code, number in installed_rulebooks()
    ]
    return render(request, "rulebooks/publish.html", context, status=status)


def _preview(request: HttpRequest, rulebook: Rulebook | None) -> dict[str, Any]:
    """What would be published, in numbers, and whether the name is taken."""
    if rulebook is None:
        return {}
    known = published_rulebooks(actor_of(request)).filter(hash=rulebook.hash).first()
    taken = published_rulebooks(actor_of(request)).filter(code=rulebook.code, version=rulebook.version).first()
    view = rulebook_view(rulebook)
    rows = [
        (_("Title"), view.title),
        (_("Code and version"), f"{rulebook.code}/{rulebook.version}"),
        (_("Indicators"), len(rulebook.indicators)),
        (_("Highest total"), view.high),
        (_("Targets"), len(rulebook.targets)),
        (_("Facts"), len(rulebook.facts)),
        (_("Content hash"), rulebook.hash),
    ]
    return {
        "rulebook": rulebook,
        "seen": seal_content("publish", f"{rulebook.code}/{rulebook.version}", publishing_content(rulebook)),
        "view": view,
        "rows": rows,
        "known": known,
        "known_url": reverse("rulebook-detail", args=[known.pk]) if known else "",
        "taken": taken if known is None else None,
    }


def _shown(findings: Any) -> list[dict[str, Any]]:
    language = screen_language()
    return [
        {
            "file": finding.file,
            "line": finding.line,
            "key": finding.key,
            "message": finding.message.get(language),
            "remedy": finding.remedy.get(language),
        }
        for finding in findings
    ]
