"""What the views share."""

from django import forms

from banks.services.errors import Invalid


def add_errors(form: forms.Form, error: Invalid) -> None:
    """Show the service's sentences under the fields that they are about."""
    for name, reasons in error.fields.items():
        for reason in reasons:
            form.add_error(name if name in form.fields else None, str(reason))
