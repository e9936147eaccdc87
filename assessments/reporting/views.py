"""The draft of the report: chosen, read on the screen, and taken as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from assessments.filings.versions.views import file_response
from assessments.reporting.drawings import drawn
from assessments.reporting.forms import CHAPTERS, DraftForm
from assessments.reporting.jobs import ask_for_draft, choice_of, choice_words
from assessments.reporting.listed import Listed
from assessments.reporting.paper import draft_document
from assessments.reporting.places import page_of
from assessments.reporting.queries import PLACES, only_of
from assessments.reporting.selectors import Draft, Number, composed, rounds_to_draft, sources_of
from assessments.reviews.views.assessment import acting
from banks.models import EntityKind
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts import Chart
from scorecard.documents.kept import CONTENT_TYPES, kept
from scorecard.ui.links import address


@dataclass(frozen=True)
class ShownNumber:
    """A figure on the screen: as the draft prints it, what it is in the reader's language, and its page."""

    number: Number
    told: Number
    url: str
    scope: int  # its place among the scopes, from 1; 0 for a gap


@dataclass(frozen=True)
class ShownTable:
    """A table with the page that it comes from."""

    table: Listed
    url: str


@dataclass(frozen=True)
class ShownPart:
    """A heading with what stands under it."""

    title: str
    level: int
    sentences: list[list[str | ShownNumber]]
    charts: list[Chart]
    tables: list[ShownTable]


@require_GET
def report_draft(request: HttpRequest) -> HttpResponse:
    """The choice of round and chapters, and the draft once it is made; reading it is an event of a list read."""
    actor = acting(request)
    asked = "round" in request.GET or "chapter" in request.GET
    form = DraftForm(request.GET if asked else None, rounds=rounds_to_draft(actor))
    context: dict[str, Any] = {"form": form}
    status = 200
    if asked and form.is_valid():
        chosen = frozenset(form.cleaned_data["chapter"])
        kind = form.cleaned_data["banks"]
        sources = sources_of(actor, form.cleaned_data["round"], chosen, kind)
        record_reading("assessments.list.read", actor=actor, name="draft of the report", target=sources.round)
        with override("zh-hans"):
            draft = composed(sources, chosen)
            charts = {name: drawn(name, sources) for name in ("targets", "grades")}
        told = composed(sources, chosen)
        numbers = dict(zip((one.order for one in draft.numbers), _numbers(draft, told), strict=True))
        context |= {
            "draft": draft,
            "round": draft.round,
            "files": [
                (kept_as, reverse("report-draft-file", args=[draft.round.pk, choice_words(chosen, kind), kept_as]))
                for kept_as in CONTENT_TYPES
            ],
            "chapters": [
                (chapter.chapter.title, list(_parts(chapter.parts, numbers, charts, draft)))
                for chapter in draft.chapters
            ],
            "numbers": list(numbers.values()),
            "held": [one for one in numbers.values() if one.scope],
            "gaps": [
                *((one.told.label, one.told.query, one.told.why, one.url) for one in numbers.values() if not one.scope),
                *(
                    (table.title, PLACES[table.place], table.why, address(page_of(table.place, sources)))
                    for table in told.missing_tables
                ),
            ],
            "differing": [one for one in numbers.values() if one.number.differs],
            "compared": sum(bool(one.number.reported and one.number.text) for one in numbers.values()),
            "scopes": told.scopes,
            "only": only_of(kind) if kind else "",
        }
    elif asked:
        status = 422
    return render(request, "reporting/draft.html", context, status=status)


@never_cache
@require_GET
def report_draft_file(request: HttpRequest, pk: int, chosen: str, form: str) -> HttpResponseBase:
    """The draft as a file; one that is not made yet is asked for, and the work's page leads back here. Each file taken
    is an event.
    """
    actor = acting(request)
    wanted, kind = choice_of(chosen)
    if form not in CONTENT_TYPES or not wanted <= set(CHAPTERS) or kind not in ("", *EntityKind.values):
        raise Http404
    sources = sources_of(actor, pk, wanted, kind)
    made = kept(draft_document(sources, wanted), form)
    if made is None:
        return redirect("job-detail", ask_for_draft(actor, sources.round, chosen, form).pk)
    record(
        "assessments.report_draft.downloaded",
        actor=actor,
        target=sources.round,
        data={"round": sources.round.code, "chapters": sorted(wanted), "form": form, "banks": kind},
    )
    return file_response(made.open("rb"), f"{_('Draft of the report')} {sources.round.code}.{form}", form)


def _numbers(draft: Draft, told: Draft) -> Iterator[ShownNumber]:
    places = {scope: place for place, scope in enumerate(told.scopes, start=1)}
    for number, words in zip(draft.numbers, told.numbers, strict=True):
        own = number.figure if not number.reported else None
        url = address(page_of(number.place, draft.sources, own))
        yield ShownNumber(number, words, url, 0 if number.is_gap else places[words.scope])


def _parts(
    parts: tuple[Any, ...], numbers: dict[int, ShownNumber], charts: dict[str, Chart | None], draft: Draft
) -> Iterator[ShownPart]:
    for part in parts:
        yield ShownPart(
            part.part.title,
            part.part.level + 2,
            [
                [numbers[piece.order] if isinstance(piece, Number) else piece for piece in sentence]
                for sentence in part.sentences
            ],
            [chart for name in part.part.charts if (chart := charts[name]) is not None],
            [ShownTable(table, address(page_of(table.place, draft.sources))) for table in part.tables],
        )
