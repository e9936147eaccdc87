"""The base of every list's filters, shared by page and export, and the chips that take them off one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.widgets import SuffixedMultiWidget

from scorecard.searching import having_every_word


@dataclass(frozen=True)
class Chip:
    """One filter that is on: what it is, what it is set to, and the parameters of the address without it."""

    label: str
    value: str
    params: str


class BaseFilterSet(django_filters.FilterSet):
    """Filters of one list. A subclass may name ``search_fields``; it then has a search box ``q`` over them.

    Every word typed must be found in at least one of the fields, without regard to case.
    """

    search_fields: tuple[str, ...] = ()
    search_hint: Any = ""

    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="search")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.search_fields:
            del self.filters["q"]
        for item in self.filters.values():
            if isinstance(item, django_filters.ChoiceFilter | django_filters.ModelChoiceFilter):
                item.extra.setdefault("empty_label", gettext_lazy("All"))

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Every word in at least one of ``search_fields``."""
        return having_every_word(queryset, self.search_fields, value)

    @property
    def bound_fields(self) -> Iterable[Any]:
        """The form's fields in order, the search box first, dressed for the filter bar."""
        form = self.form
        names = sorted(form.fields, key=lambda name: name != "q")
        for name in names:
            widget = form.fields[name].widget
            select = isinstance(widget, forms.Select) and not isinstance(widget, forms.RadioSelect)
            widget.attrs.setdefault("class", "form-select form-select-sm" if select else "form-control form-control-sm")
            if name == "q":
                widget.attrs.setdefault("placeholder", self.search_hint)
                widget.input_type = "search"
        return [form[name] for name in names]

    def parameters(self) -> dict[str, str]:
        """Each parameter of the address that a declared filter reads, with the name of the filter."""
        found: dict[str, str] = {}
        for name, field in self.form.fields.items():
            widget = field.widget
            if isinstance(widget, SuffixedMultiWidget):
                found |= {widget.suffixed(name, suffix): name for suffix in widget.suffixes}
            else:
                found[name] = name
        return found

    def values(self) -> dict[str, list[str]]:
        """What is set of the declared filters, by parameter; whatever else the address carries is left out."""
        data: Any = self.data
        given = {name: [text for text in data.getlist(name) if text] for name in self.parameters()}
        return {name: texts for name, texts in given.items() if texts}

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is on."""
        return bool(self.chips)

    @property
    def chips(self) -> list[Chip]:
        """The filters that are on, each with the address's parameters without it (and without the page number)."""
        if not self.form.is_bound or not self.form.is_valid():
            return []
        chips: list[Chip] = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "", [], ()) or (hasattr(value, "exists") and not value):
                continue
            field = self.form.fields[name]
            many = isinstance(value, list | tuple | QuerySet)
            for one in value if many else [value]:
                params = self.data.copy()
                params.pop("page", None)
                for key in [key for key in params if key == name or key.startswith(f"{name}_")]:
                    raw = str(getattr(one, "pk", one))
                    rest = [v for v in params.getlist(key) if v != raw] if many else []
                    if rest:
                        params.setlist(key, rest)
                    else:
                        params.pop(key, None)
                chips.append(
                    Chip(str(self.filters[name].label or field.label), self._words(field, one), params.urlencode())
                )
        return chips

    @staticmethod
    def _words(field: forms.Field, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, slice):
            return f"{value.start or ''}–{value.stop or ''}"
        if hasattr(value, "pk"):
            return str(value)
        for key, label in getattr(field, "choices", None) or ():
            if str(key) == str(value):
                return str(label)
        return str(value)
