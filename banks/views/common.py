"""What the views share."""

from typing import cast

from django import forms
from django.http import HttpRequest, QueryDict

from banks.models import User
from banks.services.errors import Invalid


def actor_of(request: HttpRequest) -> User:
    """The person who asks; the URL policy lets nobody else in."""
    return cast(User, request.user)


def retype(form: forms.Form, **values: str) -> None:
    """Change hidden values of what was sent, and keep everything that was typed."""
    typed = cast(QueryDict, form.data).copy()
    for name, value in values.items():
        typed[name] = value
    form.data = typed


def add_errors(form: forms.Form, error: Invalid) -> None:
    """Show the service's sentences under the fields that they are about."""
    for name, reasons in error.fields.items():
        for reason in reasons:
            form.add_error(name if name in form.fields else None, str(reason))
