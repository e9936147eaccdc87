"""Choices: the value in use is always among them, and two people of one name are told apart by their user names."""

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banks.models import Bank

CHOOSE = gettext_lazy("— choose —")
HINT = gettext_lazy("Code, name or initials")


def keep_in_use(offered: QuerySet[Any], value: Model | int | None) -> QuerySet[Any]:
    """What is offered, and the value in use beside it: a form that is saved as it is changes nothing, though the value
    would no longer be offered today. Every choice from a filtered list of an existing object's value goes through here.
    """
    pk = value.pk if isinstance(value, Model) else value
    if pk is None:
        return offered
    kept: QuerySet[Any] = offered.model._default_manager.filter(Q(pk=pk) | Q(pk__in=offered.order_by().values("pk")))
    return kept.order_by(*offered.query.order_by)


class BankSearch(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A bank by its code, a name or its initials: a page with it has one size, however many banks there are.

    Where several match, the reader is told which, each with its code.
    """

    widget = forms.TextInput
    LISTED = 8

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "placeholder": HINT}))
        super().__init__(*args, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The bank in use as name and code; what was typed as it was typed."""
        if isinstance(value, int):
            value = Bank.objects.filter(pk=value).first()
        return f"{value.name} ({value.code})" if isinstance(value, Bank) else value

    def to_python(self, value: Any) -> Any:
        """The one bank that is meant."""
        if value in self.empty_values or isinstance(value, Bank):
            return value or None
        text = str(value).strip()
        named = re.search(r"\(([^()]+)\)$", text)
        banks: QuerySet[Any] = self.queryset  # type: ignore[assignment]
        exact = Q(code__iexact=text) | Q(name_zh=text) | Q(short_name=text) | Q(name_en__iexact=text)
        for condition in (Q(code__iexact=named[1] if named else text), exact, matching(text)):
            found = list(banks.filter(condition).order_by("code")[: self.LISTED + 1])
            if len(found) == 1:
                return found[0]
            if found:
                names = _(", ").join(f"{bank.name} ({bank.code})" for bank in found[: self.LISTED])
                words = {"text": text[:40], "names": names + ("…" if len(found) > self.LISTED else "")}
                raise forms.ValidationError(_("Several banks match “%(text)s”: %(names)s. Write the code.") % words)
        words = {"text": text[:40]}
        raise forms.ValidationError(_("No bank matches “%(text)s”; write its code, name or initials.") % words)


def matching(text: str, prefix: str = "") -> Q:
    """Banks that a text may mean: part of a name or of its initials, or the code."""
    fields = ("name_zh__icontains", "name_en__icontains", "short_name__icontains", "name_initials__icontains")
    condition = Q(**{f"{prefix}code__iexact": text})
    for field in fields:
        condition |= Q(**{f"{prefix}{field}": text})
    return condition


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person, by name and user name."""

    def __init__(self, *args: Any, empty_label: Any = CHOOSE, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=empty_label, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.username})" if obj.name else str(obj.username)


class PersonFilter(django_filters.ModelChoiceFilter):
    """The person field in the filters of a list."""

    class Field(PersonChoice, django_filters.fields.ModelChoiceField):
        """The library's field with the label of ours."""

    field_class = Field
