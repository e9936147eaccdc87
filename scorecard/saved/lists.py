"""The list that a saved filter is of, and which of its filters that list still knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from scorecard.access.policy import url_policy
from scorecard.filters import BaseFilterSet

from .models import PATH_LENGTH


@dataclass
class Opened:
    """What a list makes of filters: those that it knows, and of each other one the label, the value and why not.

    ``closed`` says why there is no such list for the person.
    """

    closed: str = ""
    known: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def query(self) -> str:
        """The known filters as the query of the list's address; never empty, so that no other filter comes on."""
        found = QueryDict(mutable=True)
        for name, texts in self.known.items():
            found.setlist(name, texts)
        return found.urlencode() or "all=1"


def title_of(path: str) -> str:
    """The title of a list, as its page has it; the address where that depends on its object."""
    try:
        view: Any = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return path
    title = getattr(view, "title", "")
    return str(title) if title and not isinstance(title, property) else path


def filterset_of(request: HttpRequest, path: str, query: QueryDict) -> BaseFilterSet:
    """The filters of the list at an address as the person would see them there, with a query. Http404 where there is
    no such list for the person.
    """
    try:
        found = resolve(path)
    except Resolver404:
        raise Http404 from None
    if len(path) > PATH_LENGTH:  # a number with hundreds of zeros before it is an address too
        raise Http404
    view_class: Any = getattr(found.func, "view_class", None)
    rule = url_policy().get(found.view_name)
    roles = getattr(request.user, "roles", ())
    if not hasattr(view_class, "filterset_class") or rule is None or not rule.admits(roles):
        raise Http404
    view = view_class()
    asked = HttpRequest()
    asked.method, asked.path = "GET", path
    asked.GET = query  # type: ignore[assignment]  # of a request that came in it could not be changed
    asked.user, asked.session = request.user, request.session
    view.setup(asked, *found.args, **found.kwargs)
    filterset: BaseFilterSet = view.filterset
    return filterset


def opened(request: HttpRequest, path: str, values: Mapping[str, Sequence[str]]) -> Opened:
    """What the list at an address makes of these filters now. Nothing is guessed: a filter that the list no longer
    declares, or a value that it no longer offers, is named.
    """
    query = QueryDict(mutable=True)
    for name, texts in values.items():
        query.setlist(name, list(texts))
    try:
        filterset = filterset_of(request, path, query)
    except Http404:
        return Opened(closed=_("This list is not there for you any more."))
    result, names, errors = Opened(), filterset.parameters(), filterset.form.errors
    for name, texts in values.items():
        said = _(", ").join(texts)
        if name not in names:
            result.unknown.append((name, said, _("The list has no such filter any more.")))
        elif names[name] in errors:
            label = str(filterset.filters[names[name]].label or names[name])
            result.unknown.append((label, said, " ".join(str(one) for one in errors[names[name]])))
        else:
            result.known[name] = list(texts)
    return result
