"""What an operation refuses, and what is wrong with what was sent, in words that name the field."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from scorecard.ui.problems import FieldError, problem


class Problem(Exception):
    """An operation cannot be carried out; answered as problem details (``scorecard.ui.problems``)."""

    def __init__(
        self,
        status: int,
        kind: str = "",
        *,
        detail: Any = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.headers = tuple(errors), dict(headers or {})
        super().__init__(f"{status} {kind}")

    def answer(self, request: HttpRequest) -> HttpResponse:
        return problem(request, self.status, self.kind, detail=self.detail, errors=self.errors, headers=self.headers)


def unreadable(found: Iterable[Mapping[str, Any]]) -> Problem:
    """What does not fit the description of an operation, each field with a sentence."""
    return Problem(422, "invalid", errors=[FieldError(_place(error["loc"]), _sentence(error)) for error in found])


def pointer(*parts: Any) -> str:
    """A JSON pointer (RFC 6901) into the body."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _place(loc: tuple[Any, ...]) -> str:
    """The name of a parameter, or a pointer into the body; ninja puts the name of its argument first."""
    source, rest = loc[0], [part for part in loc[1:] if part not in ("str", "[key]")]
    if source in ("body", "form", "file"):
        inner = rest[1:] if source == "body" else rest
        return pointer(*inner)
    return ".".join(map(str, rest))


def _sentence(error: Mapping[str, Any]) -> str:
    kind, more = error["type"], error.get("ctx", {})
    known = {
        "missing": _("This is missing; send it."),
        "string_type": _("Send this as a text in quotation marks; numbers too, so that no digit is lost."),
        "string_unicode": _("This text holds half of a character; send whole ones."),
        "int_parsing": _("Send a whole number."),
        "int_type": _("Send a whole number."),
        "int_from_float": _("Send a whole number."),
        "int_parsing_size": _("Send a smaller number."),
        "bool_type": _("Send true or false."),
        "bool_parsing": _("Send true or false."),
        "dict_type": _("Send an object with a value for each name."),
        "model_type": _("Send an object."),
        "model_attributes_type": _("Send an object."),
        "extra_forbidden": _("There is no field of this name; look for its spelling, or leave it out."),
        "json_invalid": _("This is no JSON."),
    }
    if kind in known:
        return known[kind]
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = more.get("ge", more.get("le", ""))
        words = _("At least %(bound)s.") if "ge" in more else _("At most %(bound)s.")
        return words % {"bound": bound}
    if kind in ("string_too_long", "string_too_short", "too_long"):
        low, high = more.get("min_length", 0), more.get("max_length", "")
        if kind == "string_too_short":
            return _("Send at least %(count)s characters.") % {"count": low}
        return _("Send at most %(count)s of it.") % {"count": high}
    if kind in ("enum", "literal_error"):
        return _("Send one of these: %(names)s.") % {"names": more.get("expected", "")}
    return _("This cannot be read (%(kind)s); compare it with the description of the operation.") % {"kind": kind}
