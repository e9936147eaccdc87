"""Choices: the value in use is always among them, and two people of one name are told apart by their user names."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet


def keep_in_use(offered: QuerySet[Any], value: Model | int | None) -> QuerySet[Any]:
    """What is offered, and the value in use beside it: a form that is saved as it is changes nothing, though the value
    would no longer be offered today. Every choice from a filtered list of an existing object's value goes through here.
    """
    pk = value.pk if isinstance(value, Model) else value
    if pk is None:
        return offered
    kept: QuerySet[Any] = offered.model._default_manager.filter(Q(pk=pk) | Q(pk__in=offered.order_by().values("pk")))
    return kept.order_by(*offered.query.order_by)


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person, by name and user name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.username})" if obj.name else str(obj.username)


class PersonFilter(django_filters.ModelChoiceFilter):
    """The same in the filters of a list."""

    class Field(PersonChoice, django_filters.fields.ModelChoiceField):
        """The library's field with the label of ours."""

    field_class = Field
