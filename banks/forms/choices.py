"""Choosing a person: two of one name are told apart by their user names, wherever one of them is chosen."""

from typing import Any

import django_filters
from django import forms


class PersonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person, by name and user name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.username})" if obj.name else str(obj.username)


class PersonFilter(django_filters.ModelChoiceFilter):
    """The same in the filters of a list."""

    class Field(PersonChoice, django_filters.fields.ModelChoiceField):
        """The library's field with the label of ours."""

    field_class = Field
