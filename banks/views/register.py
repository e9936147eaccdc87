"""The register of banks as a list, and as a file that is read back in."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from banks.access import visible_banks
from banks.fields import DAYS, FIELDS
from banks.filtersets import BankFilters
from banks.forms.banks import RegisterFileForm
from banks.register_file import (
    MAX_BYTES,
    MEGABYTE,
    RegisterFile,
    read_register,
    row_problems,
    row_warnings,
    template_rows,
    template_xlsx,
    title,
)
from banks.services.register_imports import ImportRow, Planned, import_register, plan_import
from banks.tables import BankTable
from banks.views.common import actor_of
from scorecard.access.decisions import Refused, Stale, TooLarge
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.exports import CONTENT_TYPES, csv_lines, disposition
from scorecard.tables import FilteredListView
from scorecard.ui.previews import opened_preview, sealed_preview

SALT = "banks.register.import"
PREVIEW_ROWS = 300
PROBLEMS_SHOWN = 300


class BankList(FilteredListView):
    """The register of banks."""

    table_class, filterset_class = BankTable, BankFilters
    template_name = "banks/bank_list.html"
    title, export_name = gettext_lazy("Banks"), gettext_lazy("Banks")

    def get_queryset(self) -> QuerySet[Any]:
        return visible_banks(actor_of(self.request)).select_related("head_office", "successor", "case_officer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_edit=actor_of(self.request).holds(Role.ADMINISTRATOR), **kwargs)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": kind, "rows": count, "filters": filters}
        record("banks.register.exported", actor=actor_of(self.request), data=data)


@require_GET
def bank_import_template(request: HttpRequest) -> HttpResponseBase:
    """The file to fill in: ``?format=csv|xlsx``, with ``?filled=1`` holding the register as it is."""
    banks: QuerySet[Any] = (
        visible_banks(actor_of(request)).select_related("head_office", "successor", "case_officer").order_by("code")
    )
    filled = request.GET.get("filled") == "1"
    if not filled:
        banks = banks.none()
    name = _("Register of banks") if filled else _("Register of banks (template)")
    if filled:
        data = {"kind": "template", "rows": banks.count(), "filters": {}}
        record("banks.register.exported", actor=actor_of(request), data=data)
    response: HttpResponseBase
    if request.GET.get("format") == "csv":
        lines = csv_lines([title(field) for field in FIELDS], template_rows(banks))
        response = StreamingHttpResponse(lines, content_type=CONTENT_TYPES["csv"])
        response["Content-Disposition"] = disposition(f"{name}.csv")
    else:
        response = FileResponse(template_xlsx(banks), content_type=CONTENT_TYPES["xlsx"])
        response["Content-Disposition"] = disposition(f"{name}.xlsx")
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
def bank_import(request: HttpRequest) -> HttpResponse:
    """Upload a file, see every problem by its cell or what it would do, then write all of it or nothing."""
    if request.method == "POST" and "payload" in request.POST:
        return _write(request)
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "GET" or not form.is_valid():
        return render(request, "banks/import.html", context, status=422 if request.method == "POST" else 200)
    upload = form.cleaned_data["file"]
    if upload.size > MAX_BYTES:
        raise TooLarge(MAX_BYTES // MEGABYTE)
    try:
        found = read_register(upload.name, upload.read())
    except Refused as error:
        for reason in error.reasons:
            form.add_error("file", str(reason))
        return render(request, "banks/import.html", context, status=422)
    plan = plan_import(found.rows) if "code" in found.columns else None
    problems = row_problems(found, plan.problems if plan else {})
    context |= {"file": found.name}
    if problems or plan is None:
        context |= {
            "problems": problems[:PROBLEMS_SHOWN],
            "problem_count": len(problems),
            "rows": len(found.rows),
        }
        return render(request, "banks/import.html", context, status=422)
    changed = [row for row in plan.rows if not row.unchanged]
    context |= {
        "counts": plan.counts(),
        "preview": [_preview(row) for row in changed[:PREVIEW_ROWS]],
        "more": max(0, len(changed) - PREVIEW_ROWS),
        "warnings": row_warnings(found, plan.rows),
        "payload": pack(request, found),
    }
    return render(request, "banks/import_preview.html", context)


def _preview(row: Planned) -> dict[str, Any]:
    """One row in words: the bank, whether it is new, and each change from … to …."""
    changes = [
        (title(name), cell_text(name, before), cell_text(name, after)) for name, (before, after) in row.changes.items()
    ]
    return {"number": row.number, "bank": row.bank, "is_new": row.is_new, "changes": changes}


def cell_text(name: str, value: Any) -> str:
    """A value of a field as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in ("category", "entity_kind") and value:
        from banks.register_file import CHOICES

        return str(dict(CHOICES[name].choices).get(value, value))
    return "" if value is None else str(value)


def pack(request: HttpRequest, found: RegisterFile) -> str:
    """The validated rows as the preview's field."""
    rows = [
        [
            row.number,
            row.seen,
            {name: value.isoformat() if isinstance(value, date) else value for name, value in row.values.items()},
        ]
        for row in found.rows
    ]
    return sealed_preview(SALT, actor_of(request), "register", {"file": found.name, "rows": rows})


def _unpack(request: HttpRequest) -> tuple[str, list[ImportRow]]:
    content = opened_preview(SALT, actor_of(request), "register", request.POST["payload"])
    rows = []
    for number, seen, values in content["rows"]:
        for name in DAYS:
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        rows.append(ImportRow(number, values, seen))
    return content["file"], rows


def _write(request: HttpRequest) -> HttpResponse:
    try:
        name, rows = _unpack(request)
        counts = import_register(actor=actor_of(request), rows=rows, source=name)
    except Refused as error:
        context = {"form": RegisterFileForm(), "refused": error.reasons}
        return render(request, "banks/import.html", context, status=409 if isinstance(error, Stale) else 422)
    messages.success(
        request,
        _("The register has been written: %(new)d banks entered, %(changed)d changed, %(unchanged)d as they were.")
        % counts,
    )
    return redirect("bank-list")
