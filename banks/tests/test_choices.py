"""Choosing people: who is in charge stays, and two of one name are told apart."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import pytest
from django.forms import BaseForm, ModelChoiceField
from django.urls import get_resolver

from assessments.many.forms import ManyForm
from assessments.many.steps import STEPS
from assessments.models import Assessment
from assessments.reviews.forms import ReassignForm
from assessments.reviews.views.queue import QueueFilters
from banks.filtersets import BankFilters
from banks.forms.banks import BankForm, initial
from banks.forms.choices import PersonChoice
from banks.models import Bank, User
from banks.services.banks import change_bank
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.filters import BaseFilterSet

pytestmark = pytest.mark.django_db


class Request:
    """What a filter set asks of a request."""

    def __init__(self, user: User) -> None:
        self.user = user


def test_two_officers_of_one_name_are_told_apart_in_every_choice() -> None:
    for username in ("wang1", "wang2"):
        make_person(Role.CASE_OFFICER, username=username, name="王伟")
    request = Request(make_person(Role.CASE_OFFICER))
    fields = [
        BankForm().fields["case_officer"],
        ReassignForm(assessment=Assessment()).fields["officer"],
        ManyForm(user=request.user, step=STEPS["hand_over"]).fields["officer"],
        BankFilters({}, queryset=Bank.objects.all(), request=request).form.fields["case_officer"],
        QueueFilters({}, queryset=Assessment.objects.all(), request=request).form.fields["officer"],
    ]
    for field in fields:
        labels = [str(label) for _value, label in field.choices]  # type: ignore[attr-defined]
        assert {"王伟 (wang1)", "王伟 (wang2)"} <= set(labels)


def classes(base: type[Any]) -> Iterator[type[Any]]:
    for one in base.__subclasses__():
        if ".tests." not in one.__module__:
            yield one
        yield from classes(one)


def test_every_choice_of_a_person_says_the_user_name() -> None:
    """Of forms and filters that are to come too: a choice among people is one that tells namesakes apart."""
    assert get_resolver().url_patterns  # every view, and so every form, is imported
    fields = {(form.__name__, name): field for form in classes(BaseForm) for name, field in base_fields(form).items()}
    # Of copies: a filter keeps the field that it has once made, and each later list would copy it with its choices.
    filters = {
        (each.__name__, name): copy(one).field
        for each in classes(BaseFilterSet)
        for name, one in each.base_filters.items()
    }
    people = {
        where: field
        for where, field in (fields | filters).items()
        if isinstance(field, ModelChoiceField) and field.queryset.model is User
    }
    assert {"ReassignForm", "ManyForm", "GrantForm", "BankForm", "ManyFilters"} <= {name for name, _field in people}
    assert [where for where, field in people.items() if not isinstance(field, PersonChoice)] == []


def base_fields(form: Any) -> dict[str, Any]:
    return getattr(form, "base_fields", {})


def test_another_change_of_a_bank_leaves_an_officer_who_has_left_in_charge() -> None:
    """The choice left out the inactive officer: saving a telephone number took the officer away without a word."""
    officer = make_person(Role.CASE_OFFICER)
    bank = make_bank(case_officer=officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    bank = Bank.objects.get(pk=bank.pk)
    sent = {name: "" if value is None else getattr(value, "pk", value) for name, value in initial(bank).items()}
    form = BankForm(sent | {"contact_phone": "021-1"}, bank=bank, initial=initial(bank))
    assert form.is_valid(), form.errors
    values = {name: value for name, value in form.values().items() if name != "code"}
    changed = change_bank(actor=None, bank=bank, revision=bank.revision, values=values)
    assert (changed.contact_phone, changed.case_officer) == ("021-1", officer)
