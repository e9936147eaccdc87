"""Pages of the report's figures: overview, list, one figure, disagreements, relations, and loading a fixture."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scorecard.access.decisions import Refused
from scorecard.jobs.models import Job
from scorecard.tables import PER_PAGE, FilteredListView

from . import selectors, services
from .filtersets import FigureFilters, LoadFilters, RelationFilters
from .forms import UploadForm
from .models import Figure, Load, LoadState, Relation
from .overview import dimensions
from .presenting import normalised, period, place, precision, present, printed
from .stored_message import in_words
from .tables import STATE_KINDS, FigureTable, LoadTable, RelationTable


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The three dimensions of the report as charts over its own figures, and the way to all of them."""
    context = {"counts": selectors.counts(request.user), "dimensions": dimensions(request.user)}
    return render(request, "figures/overview.html", context)


class FigureList(FilteredListView):
    """Every figure: search, filters, export of what is filtered."""

    table_class, filterset_class = FigureTable, FigureFilters
    title, export_name = _("All figures of the report"), _("Figures of the report")

    def get_queryset(self) -> QuerySet[Figure]:
        return selectors.visible_figures(self.request.user)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("The 2017 report"), reverse("figures:overview")), (self.title, "")]


@require_GET
def figure_detail(request: HttpRequest, ident: str) -> HttpResponse:
    """One figure as printed and normalised, and every relation that it stands in."""
    figure = get_object_or_404(selectors.visible_figures(request.user), ident=ident)
    relations = selectors.visible_relations(request.user).filter(members__figure=figure).distinct()
    page = Paginator(relations, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (_("As printed"), printed(figure)),
        (_("Normalised"), normalised(figure)),
        (_("Printed precision"), f"± {precision(figure)} {figure.unit}" if figure.value[:1].isdigit() else ""),
        (_("As of"), period(figure.as_of)),
        (_("Compared with"), period(figure.compared_with)),
        (_("Kind"), figure.get_kind_display()),
        (_("Dimension"), figure.get_dimension_display()),
        (_("Topic"), figure.get_topic_display()),
        (_("Institution"), figure.institution),
        (_("Chapter"), figure.get_chapter_display()),
        (_("Section"), place(figure)),
        (_("Id"), figure.ident),
    ]
    context = {"figure": figure, "rows": rows, "relations": [present(one) for one in page], "page_obj": page}
    return render(request, "figures/detail.html", context)


@require_GET
def disagreements(request: HttpRequest) -> HttpResponse:
    """Where the report disagrees with itself beyond printed rounding: both values, the difference, the precision."""
    failing = selectors.visible_relations(request.user).filter(holds=False).order_by("-strength", "position", "pk")
    page = Paginator(failing, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "counts": selectors.counts(request.user),
        "groups": [
            (title, [shown for shown in map(present, page) if shown.relation.strength == strength])
            for strength, title in (
                ("stated", _("Stated by the report")),
                ("implied", _("Implied, if both mean the same scope")),
            )
        ],
        "page_obj": page,
    }
    return render(request, "figures/disagreements.html", context)


class RelationList(FilteredListView):
    """Every relation with its outcome."""

    table_class, filterset_class = RelationTable, RelationFilters
    title, export_name = _("Relations among the figures"), _("Relations among the figures")

    def get_queryset(self) -> QuerySet[Relation]:
        return selectors.visible_relations(self.request.user)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("The 2017 report"), reverse("figures:overview")), (self.title, "")]


class LoadList(FilteredListView):
    """Every load of a fixture."""

    table_class, filterset_class = LoadTable, LoadFilters
    template_name = "figures/loads.html"
    title, export_name = _("Report figures"), _("Loads of report fixtures")

    def get_queryset(self) -> QuerySet[Load]:
        return selectors.visible_loads(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_load=services.may_load(self.request.user).allowed, **kwargs)


@require_http_methods(["GET", "HEAD", "POST"])
def load_new(request: HttpRequest) -> HttpResponse:
    """Upload a fixture; the worker loads it."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            load = services.accept_upload(actor=request.user, name=file.name, data=file.read())
        except Refused as error:
            for reason in error.reasons:
                form.add_error("file", str(reason))
        else:
            return redirect("figures:load-detail", load.pk)
    return render(request, "figures/load_new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def load_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The outcome of a load: progress while it waits, then the counts, the problems by line, what changed."""
    load = get_object_or_404(selectors.visible_loads(request.user), pk=pk)
    problems = Paginator(load.problems, PER_PAGE).get_page(request.GET.get("page"))
    changes = Paginator(load.changes, PER_PAGE).get_page(request.GET.get("changes"))
    labels = {field.name: field.verbose_name for field in Figure._meta.fields}
    waiting = load.state == LoadState.WAITING and load.job_id is not None
    job = Job.objects.select_related("created_by").filter(pk=load.job_id or 0).first() if waiting else None
    context = {
        "load": load,
        "job": job,
        "kind": STATE_KINDS[load.state],
        "problems": [(problem, in_words(problem["message"])) for problem in problems],
        "problem_page": problems,
        "changes": [
            (change["id"], [(labels[name], old, new) for name, (old, new) in change["fields"].items()])
            for change in changes
        ],
        "change_page": changes,
        "may_answer": load.state == LoadState.ASKED and services.may_load(request.user).allowed,
    }
    return render(request, "figures/load_detail.html", context)


@require_POST
def load_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to the changes that the load has shown, or discard it; the load's page says what became of it."""
    load = get_object_or_404(selectors.visible_loads(request.user), pk=pk)
    try:
        services.answer_upload(actor=request.user, load_id=load.pk, agree=request.POST.get("answer") == "load")
    except Refused as error:
        for reason in error.reasons:
            messages.warning(request, str(reason))
    return redirect("figures:load-detail", load.pk)
