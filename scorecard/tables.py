"""The base of every list: one table and one filter set, shared by the page and by the export of exactly that.

Rows are written by a lean loop in Python rather than cell by cell in a template: the stock template of django-tables2
costs most of the time of a list page (see ``docs/pages.md`` for the measurement).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from html import unescape
from inspect import Parameter, signature
from typing import Any, ClassVar

import django_tables2
from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.html import conditional_escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import View
from django_tables2.rows import BoundRow, BoundRows

from scorecard.exports import CONTENT_TYPES, EXCEL_ROWS, EXPORT_JOB, csv_lines, export_response, write_xlsx
from scorecard.filters import BaseFilterSet
from scorecard.jobs.models import Job
from scorecard.jobs.services import enqueue
from scorecard.saved.selectors import opens_with
from scorecard.ui.templatetags.ui import DASH
from scorecard.words.language import language_code

PER_PAGE = 25
PAGE_SIZES = (25, 50, 100, 200)
PRINTED_ROWS = 2000  # what a browser still lays out for paper; longer lists go to paper as a file
SETTINGS_KEY = "tables"
WAITED_ROWS = 3_000  # a longer list is exported by a worker: half a millisecond a row is too long for a page
DENSITIES = ("normal", "compact")


class LeanRow(BoundRow):
    """A row that asks each column's ``render`` for its parameters once a page, not once a cell."""

    def _call_render(self, bound_column: Any, value: Any = None) -> Any:
        given = self._optional_cell_arguments(bound_column, value)
        names = self._table.parameters(bound_column)
        content = bound_column.render(**(given if names is None else {name: given[name] for name in names}))
        return bound_column.link(content, **given) if bound_column.link else content


# --- The table ----------------------------------------------------------------------------------------------------


class BaseTable(django_tables2.Table):
    """Every list's table. The first column names the row and carries the link (``linkify``); it cannot be hidden.

    ``default_columns`` names those shown until the reader chooses; empty means all. ``empty_title``, ``empty_hint``:
    what an empty list says and what it advises.
    """

    default_columns: ClassVar[tuple[str, ...]] = ()
    empty_title: ClassVar[Any] = ""
    empty_hint: ClassVar[Any] = ""
    caption: ClassVar[Any] = ""
    filterset: BaseFilterSet | None = None

    class Meta:
        template_name = "includes/table.html"

    def __init__(
        self, *args: Any, settings: Mapping[str, Any] | None = None, request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # The library would sort and cut the rows by the request a second time, whatever ``per_page`` it carries.
        self.request = request
        chosen = dict(settings or {})
        self.density = chosen.get("density") if chosen.get("density") in DENSITIES else "normal"
        self.page_size = chosen.get("per_page") if chosen.get("per_page") in PAGE_SIZES else None
        self.choosable = [
            column
            for column in self.columns
            if not getattr(column.column, "export_only", False) and column.column.visible
        ]
        wanted = [name for name in chosen.get("columns") or self.default_columns if name in self.columns.columns]
        first = self.choosable[0].name if self.choosable else ""
        self.shown = [c for c in self.choosable if not wanted or c.name in wanted or c.name == first]
        self.first_name = first
        self._parameters: dict[str, tuple[str, ...] | None] = {}

    @classmethod
    def key(cls) -> str:
        """The name under which the reader's columns and density are kept."""
        return f"{cls.__module__.partition('.')[0]}.{cls.__name__}"

    @property
    def heads(self) -> list[dict[str, Any]]:
        """The head of each column shown: title, unit, class, and the order that a click asks for."""
        heads = []
        for column in self.shown:
            alias = column.order_by_alias
            is_sorted = column.is_ordered
            heads.append(
                {
                    "title": capfirst(column.header),
                    "unit": getattr(column.column, "unit_label", ""),
                    "css": getattr(column.column, "css", ""),
                    "sort": str(alias.next) if column.orderable else "",
                    "sorted": ("descending" if alias.is_descending else "ascending") if is_sorted else "",
                }
            )
        return heads

    def lean_rows(self) -> Iterator[SafeString]:
        """The rows of this page as markup, each cell escaped."""
        starts = []
        for column in self.shown:
            css = getattr(column.column, "css", "")
            starts.append((column.name, mark_safe(f'<td class="{css}">' if css else "<td>")))  # noqa: S308  # nosec: ours
        for bound in self.paginated_rows:
            row = LeanRow(bound.record, table=self)
            cells = []
            for name, start in starts:
                value = row.get_cell(name)
                cells.append(f"{start}{DASH if value is None or value == '' else conditional_escape(value)}</td>")
            yield mark_safe("".join(cells))  # noqa: S308  # nosec: every cell is escaped above

    def parameters(self, column: Any) -> tuple[str, ...] | None:
        """Which of the arguments of a cell this column's ``render`` takes; None when it takes whatever comes."""
        if column.name not in self._parameters:
            found = signature(column.render).parameters.values()
            takes_all = any(one.kind is Parameter.VAR_KEYWORD for one in found)
            self._parameters[column.name] = None if takes_all else tuple(one.name for one in found)
        return self._parameters[column.name]

    @property
    def count(self) -> int:
        """How many rows the list has in all, not on this page."""
        return self.paginator.count if hasattr(self, "paginator") else len(self.rows)

    def export_columns(self) -> list[Any]:
        """The columns shown, then those that stand in files alone."""
        return self.shown + [column for column in self.columns if getattr(column.column, "export_only", False)]

    def export_head(self) -> list[str]:
        """Titles with their units, as they stand in a file."""
        heads = []
        for column in self.export_columns():
            unit = getattr(column.column, "unit_label", "")
            title = str(capfirst(column.header))
            heads.append(_("{title} ({unit})").format(title=title, unit=unit) if unit else title)
        return heads

    def export_rows(self) -> Iterator[list[Any]]:
        """Every row of the list, in its order, with raw values; a queryset is read in chunks."""
        names = [column.name for column in self.export_columns()]
        data = self.data.data
        records: Iterable[Any] = data.iterator(chunk_size=2000) if isinstance(data, QuerySet) else data
        for record in records:
            row = BoundRow(record, table=self)
            yield [_words(row.get_cell_value(name)) for name in names]


def _words(value: Any) -> Any:
    """A raw value; of markup, such as the chip of a state, its words: a file tells apart whatever the page does."""
    return unescape(strip_tags(value)).strip() if isinstance(value, SafeString) else value


def keep_settings(
    session: Any, table: str, *, columns: Sequence[str], density: str, per_page: str = "", reset: bool = False
) -> None:
    """Keep a reader's columns, density and rows to a page for one list in the session; ``reset`` forgets them.

    Names are kept as they come and only used where a table knows them, so nothing is gained by sending others.
    """
    if not re.fullmatch(r"[A-Za-z0-9_.]{1,80}", table):
        return
    kept: dict[str, Any] = dict(session.get(SETTINGS_KEY, {}))
    if reset:
        kept.pop(table, None)
    elif len(kept) < 60 or table in kept:
        chosen = dict(kept.get(table, {}))
        if columns:
            chosen["columns"] = [name[:60] for name in columns[:60]]
        if density in DENSITIES:
            chosen["density"] = density
        if per_page in map(str, PAGE_SIZES):
            chosen["per_page"] = int(per_page)
        kept[table] = chosen
    session[SETTINGS_KEY] = kept


class KeyPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a long list by keys: rows that are passed over are read as keys alone, never with what a row shows.

    ``OFFSET`` over whole rows works out every related value of every row that it skips.
    """

    def page(self, number: int | str) -> Any:
        """The page, with its rows in the list's order."""
        number = self.validate_number(number)
        table: Any = self.object_list.table  # type: ignore[attr-defined]
        data = table.data.data
        keys = self.keys(data, (number - 1) * self.per_page)
        by_key = {row.pk: row for row in data.filter(pk__in=keys)}
        rows = [by_key[key] for key in keys if key in by_key]
        return Page(BoundRows(data=rows, table=table), number, self)

    def keys(self, rows: QuerySet[Any], start: int) -> list[Any]:
        """The keys of the page that begins after so many rows."""
        return list(rows.values_list("pk", flat=True)[start : start + self.per_page])


# --- The list page ------------------------------------------------------------------------------------------------


class FilteredListView(View):
    """A list page: filters, table, pages of 25, and the export of exactly what is filtered.

    A subclass names ``table_class``, ``filterset_class``, ``title`` and ``export_name``, and gives ``get_queryset``,
    which starts from an access function of ``self.request.user``. ``on_export`` is where the audit event is recorded.
    The count of queries is constant: whoever needs related rows selects or prefetches them in ``get_queryset``.
    """

    table_class: type[BaseTable]
    filterset_class: type[BaseFilterSet]
    template_name = "includes/list.html"
    title: Any = ""
    export_name: Any = ""
    per_page = PER_PAGE
    page_sizes: Sequence[int] = PAGE_SIZES
    printed_rows = PRINTED_ROWS
    waited_rows = WAITED_ROWS
    paginator_class: type[Paginator] = Paginator  # type: ignore[type-arg]
    crumbs: Sequence[tuple[Any, str]] = ()

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that the reader may see at all."""
        raise ImproperlyConfigured(f"{type(self).__name__} must start from an access function in get_queryset().")

    def get_crumbs(self) -> Sequence[tuple[Any, str]]:
        """The breadcrumb: titles and addresses; the last address is empty."""
        return self.crumbs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template gets; a subclass adds to it."""
        return {"title": self.title, "crumbs": self.get_crumbs()} | kwargs

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        """Called before a file is written, with its kind, its rows and the filters that are on: record it here."""

    def on_read(self) -> None:
        """Called before the page is shown: a list of what is sensitive records here that it was read."""

    @cached_property
    def filterset(self) -> BaseFilterSet:
        """The filters of this request over the rows that the reader may see."""
        return self.filterset_class(self.request.GET, queryset=self.get_queryset(), request=self.request)

    def get_table_kwargs(self) -> dict[str, Any]:
        """More arguments for the table."""
        return {}

    def build_table(self) -> BaseTable:
        """The table over the filtered rows in the order asked for; ties are broken by the key: pages never overlap."""
        rows = self.filterset.qs
        table = self.table_class(
            rows,
            order_by=[part for sort in self.request.GET.getlist("sort") for part in sort.split(",")] or None,
            request=self.request,
            **{"settings": self.request.session.get(SETTINGS_KEY, {}).get(self.table_class.key())}
            | self.get_table_kwargs(),
        )
        data = table.data.data
        if isinstance(data, QuerySet):
            order = list(data.query.order_by or (data.model._meta.ordering if data.query.default_ordering else ()))
            if not {"pk", "-pk", "id", "-id"} & {part for part in order if isinstance(part, str)}:
                table.data.data = data.order_by(*order, "pk")
        return table

    @property
    def printing(self) -> bool:
        """Whether the list was asked for whole, for paper."""
        return self.request.GET.get("_print") == "1"

    def paginate(self, table: BaseTable) -> None:
        """Cut the page asked for; a page that is no number is the first, one past the end the last. For paper the
        list is one page, up to ``printed_rows``.

        ``RequestConfig`` is not used: it would sort once more by the request alone and undo the breaking of ties.
        """
        try:
            page = self.request.GET.get(table.prefixed_page_field) or 1
            size = self.printed_rows if self.printing else table.page_size or self.per_page
            table.paginate(self.paginator_class, page=1 if self.printing else page, per_page=size)
        except PageNotAnInteger:
            table.page = table.paginator.page(1)
        except EmptyPage:
            table.page = table.paginator.page(table.paginator.num_pages)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or with ``?_export=xlsx|csv`` the file. Asked for without a query, it opens with the filter that
        the person has saved for that."""
        if not request.GET and (kept := opens_with(request.user, request.path)) is not None:
            return redirect("saved-filter-open", kept.pk)
        table = self.build_table()
        table.filterset = self.filterset
        kind = request.GET.get("_export", "")
        if kind in CONTENT_TYPES:
            return self.export(table, kind)
        self.on_read()
        self.paginate(table)
        sizes = [(size, size == (table.page_size or self.per_page)) for size in self.page_sizes]
        context = self.get_context_data(table=table, filterset=self.filterset)
        context |= {"printing": self.printing, "page_sizes": sizes}
        return render(request, self.template_name, context)

    def export(self, table: BaseTable, kind: str) -> HttpResponseBase:
        """The file of every row that the filters leave, in the order and with the columns of the screen."""
        count = len(table.rows)
        if kind == "xlsx" and count >= EXCEL_ROWS:
            kind = "csv"
        form = self.filterset.form
        filters = {
            name: str(value)
            for name, value in (form.cleaned_data if form.is_valid() else {}).items()
            if value not in (None, "", [])
        }
        name = str(self.export_name or self.title)
        with transaction.atomic():  # a file that is asked for and its event are one
            self.on_export(kind, count, filters)
            job = self.export_later(kind, name) if count > self.waited_rows else None
        if job is not None:
            return redirect("job-detail", job.pk)
        return self.file_response(kind, name, table)

    def file_response(self, kind: str, name: str, table: BaseTable) -> HttpResponseBase:
        """The file at once."""
        return export_response(kind, name, table.export_head(), table.export_rows())

    def write_file(self, target: Any, kind: str, name: str, table: BaseTable) -> None:
        """The same into an open file, for a worker."""
        if kind == "csv":
            target.writelines(csv_lines(table.export_head(), table.export_rows()))
        else:
            write_xlsx(target, table.export_head(), table.export_rows(), name)

    def export_later(self, kind: str, name: str) -> Job:
        """Ask a worker for the file; asking again while it is written finds the same work."""
        request = self.request
        query = request.GET.urlencode()
        asked = f"{request.user.pk} {kind} {request.path}?{query}"
        return enqueue(
            EXPORT_JOB,
            key=sha256(asked.encode()).hexdigest(),
            actor=request.user,
            params={
                "path": request.path,
                "query": query,
                "kind": kind,
                "name": name,
                "language": language_code(),
                "settings": request.session.get(SETTINGS_KEY, {}),
            },
        )


__all__ = [
    "BaseTable",
    "FilteredListView",
    "keep_settings",
]
