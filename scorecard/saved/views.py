"""Pages of a person's saved filters: keep, open, rename, remove."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scorecard.access.decisions import Refused

from .forms import SavedForm
from .lists import filterset_of, opened, title_of
from .selectors import get_filter, own_filters
from .services import change_filter, remove_filter, save_filter


@require_GET
def saved_filters(request: HttpRequest) -> HttpResponse:
    """A person's own filters, by list."""
    rows = [(kept, title_of(kept.path)) for kept in own_filters(request.user)]
    return render(request, "saved/list.html", {"rows": rows})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filters that are on: of the query only what the list declares. Then back to the list."""
    path, query = request.POST.get("path", ""), QueryDict(request.POST.get("query", "")[:4000])
    form = SavedForm(request.POST)
    values: dict[str, list[str]] = {}
    reasons: list[str] = []
    try:
        filterset = filterset_of(request, path, query)
    except Http404:
        reasons.append(_("There is no list for you at this address."))
    else:
        values = filterset.values()
        reasons += [
            f"{filterset.filters[name].label}{_(': ')}{text}"
            for name, texts in filterset.form.errors.items()
            for text in texts
            if name in filterset.filters
        ]
    if form.is_valid() and not reasons:
        data = form.cleaned_data
        try:
            save_filter(actor=request.user, path=path, name=data["name"], values=values, opens=data["opens"])
        except Refused as refused:
            reasons += [str(reason) for reason in refused.reasons]
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": data["name"]})
            return redirect(f"{path}?{query.urlencode()}")
    title = "" if not values else title_of(path)
    back = f"{path}?{query.urlencode()}" if values else ""
    context = {"form": form, "reasons": reasons, "path": path, "query": query.urlencode(), "list": title, "back": back}
    return render(request, "saved/save.html", context, status=422)


@require_http_methods(["GET", "POST"])
def saved_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a filter, say whether its list opens with it, or remove it."""
    kept = get_filter(request.user, pk)
    if request.method == "POST" and request.POST.get("action") == "remove":
        remove_filter(actor=request.user, pk=pk)
        messages.success(request, _("“%(name)s” is removed.") % {"name": kept.name})
        return redirect("saved-filters")
    posted = request.POST if request.method == "POST" else None
    form = SavedForm(posted, initial={"name": kept.name, "opens": kept.opens})
    reasons: list[str] = []
    if form.is_valid():
        try:
            change_filter(actor=request.user, pk=pk, name=form.cleaned_data["name"], opens=form.cleaned_data["opens"])
        except Refused as refused:
            reasons = [str(reason) for reason in refused.reasons]
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": form.cleaned_data["name"]})
            return redirect("saved-filters")
    context: dict[str, Any] = {
        "kept": kept,
        "form": form,
        "reasons": reasons,
        "list": title_of(kept.path),
        "found": opened(request, kept.path, kept.values),
    }
    return render(request, "saved/one.html", context, status=200 if posted is None else 422)


@require_GET
def open_saved(request: HttpRequest, pk: int) -> HttpResponse:
    """The list with the filters on; where one is no longer known, a page that says so and guesses nothing."""
    kept = get_filter(request.user, pk)
    found = opened(request, kept.path, kept.values)
    if not found.closed and not found.unknown:
        return redirect(f"{kept.path}?{found.query}")
    context = {"kept": kept, "found": found, "list": title_of(kept.path)}
    return render(request, "saved/unknown.html", context, status=409)
