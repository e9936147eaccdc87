"""A signature that is given with a request: the person's password each time, and a second factor where the page asks
for one. A token takes none (docs/decisions/0020)."""

from django.http import HttpRequest
from ninja import Schema

from assessments.api.views.common import acting
from assessments.api.views.problems import Problem, pointer
from scorecard.access.reauthentication import Signature
from scorecard.ui.forms import ConfirmForm
from scorecard.ui.problems import FieldError


class ItemOut(Schema):
    """One thing that the person relies on. ``text`` is exact, and the same in every language."""

    key: str
    label: str
    text: str


def signature(request: HttpRequest, password: str | None, code: str) -> Signature:
    """What the page of a signature asks, by its own form, outside the transaction of the step: a wrong password is
    counted whatever becomes of the rest.
    """
    form = ConfirmForm({"password": password or "", "code": code}, user=acting(request), signature=True)
    if form.is_valid() and form.signature is not None:
        return form.signature
    places = {name: pointer(name) if name in ("password", "code") else "" for name in form.errors}
    found = [FieldError(places[name], words) for name, told in form.errors.items() for words in told]
    raise Problem(422, "password", errors=found)
