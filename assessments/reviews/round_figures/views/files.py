"""The supervisor's figures of a round as a workbook: out, and in again after a look at every change."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.models import Round
from assessments.reviews.round_figures.book import sheets
from assessments.reviews.round_figures.reading import Plan, plan_workbook
from assessments.reviews.round_figures.services import take_workbook
from assessments.reviews.services.facts import NOTE_LENGTH, Given
from assessments.reviews.views.assessment import acting
from assessments.rounds.parameters.services import NewValue
from assessments.rounds.tables import admits, stage_words
from assessments.rounds.views import RoundDetail, round_context
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.parameters import parameter_spec
from assessments.rulebooks.stored_values import to_engine, to_stored
from scorecard.access.decisions import Refused, Stale, TooLarge
from scorecard.audit.services import record
from scorecard.exports import Sheet
from scorecard.ui.previews import opened_preview, sealed_preview
from scorecard.workbook_views import WholeSheetsView

SALT = "assessments.reviews.round_figures.import"
MEGABYTE = 1024 * 1024
MAX_BYTES = 10 * MEGABYTE
SHOWN = 300  # changes and problems that a page lists


class WorkbookForm(forms.Form):
    """A workbook with figures."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("The workbook of this round (.xlsx), filled in; at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty; choose another one."),
        },
    )


class RoundFiguresFile(WholeSheetsView, RoundDetail):
    """The workbook with the figures of every bank and the values of the year, as far as they are the reader's."""

    @property
    def export_name(self) -> str:
        return _("Figures of %(round)s") % {"round": self.round.title}

    def count(self) -> int:
        return self.round.taking_part.count()

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": "figures", "rows": count, "filters": filters}
        record("assessments.list.exported", actor=acting(self.request), target=self.round, data=data)

    def get_sheets(self, table: Any) -> list[Sheet]:
        return sheets(acting(self.request), self.round, stage_words)


@require_http_methods(["GET", "POST"])
def round_figures_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload the workbook, see every problem by its cell or every change, then write all of it or nothing."""
    round_ = get_round(acting(request), pk)
    if request.method == "POST" and "payload" in request.POST:
        return _write(request, round_)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, round_, form, status=422 if request.method == "POST" else 200)
    upload = form.cleaned_data["file"]
    if upload.size > MAX_BYTES:
        raise TooLarge(MAX_BYTES // MEGABYTE)
    try:
        plan = plan_workbook(acting(request), round_, upload.read())
    except Refused as error:
        for reason in error.reasons:
            form.add_error("file", str(reason))
        return _page(request, round_, form, status=422)
    name = upload.name[-80:]
    if plan.problems:
        context = {"problems": plan.problems[:SHOWN], "problem_count": len(plan.problems), "file": name}
        return _page(request, round_, form, status=422, **context)
    return _page(request, round_, form, file=name, plan=plan, changes=plan.changes[:SHOWN],
                 more=max(0, len(plan.changes) - SHOWN), payload=_pack(request, round_, plan, name))  # fmt: skip


def _page(request: HttpRequest, round_: Round, form: WorkbookForm, status: int = 200, **more: Any) -> HttpResponse:
    figures = admits("round-figures", acting(request))
    context = round_context(request, round_) | {"form": form, "figures": figures}
    context["back"] = "round-figures" if figures else "round-parameters"
    return render(request, "rounds/figures_import.html", context | more, status=status)


def _pack(request: HttpRequest, round_: Round, plan: Plan, name: str) -> str:
    given = [
        [
            one.assessment,
            one.version,
            {fact: [f"{raw:f}"] if isinstance(raw, Decimal) else raw for fact, raw in one.values.items()},
            dict(one.seen),
        ]
        for one in plan.given
    ]
    values = [
        [new.parameter, None if new.value is None else to_stored(new.value)[1], new.source, new.seen]
        for new in plan.values
    ]
    content = {"file": name, "given": given, "values": values}
    return sealed_preview(SALT, acting(request), str(round_.pk), content)


def _unpack(request: HttpRequest, round_: Round, sure: bool) -> tuple[str, list[Given], list[NewValue]]:
    content = opened_preview(SALT, acting(request), str(round_.pk), request.POST["payload"])
    given = [
        Given(
            case,
            version,
            {fact: Decimal(raw[0]) if isinstance(raw, list) else raw for fact, raw in values.items()},
            seen,
            list(values) if sure else (),
        )
        for case, version, values, seen in content["given"]
    ]
    parameters = engine_rulebook(round_.rulebook).parameters
    values = [
        NewValue(
            name, None if text is None else to_engine(parameter_spec(parameters[name]), "value", text), source, seen
        )
        for name, text, source, seen in content["values"]
    ]
    return content["file"], given, values


def _write(request: HttpRequest, round_: Round) -> HttpResponse:
    sure = bool(request.POST.get("sure"))
    try:
        name, given, values = _unpack(request, round_, sure)
        note = (_("from the workbook %(file)s") % {"file": name})[:NOTE_LENGTH]
        written = take_workbook(actor=acting(request), round_=round_, given=given, values=values, note=note, sure=sure)
    except Refused as error:
        status = 409 if isinstance(error, Stale) else 422
        return _page(request, round_, WorkbookForm(), status=status, refused=error.reasons)
    words = ngettext(
        "%(n)d figure has been taken from the file.", "%(n)d figures have been taken from the file.", written
    )
    messages.success(request, words % {"n": written})
    return redirect("round-figures" if admits("round-figures", acting(request)) else "round-parameters", round_.pk)
