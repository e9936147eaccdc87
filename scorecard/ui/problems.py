"""Errors for machines: problem details (RFC 9457) in the language that the caller reads (docs/api.md, Conventions).

The pages of errors (``scorecard.ui.errors``) come here where a machine asks, so that one middleware decides what an
exception is answered, and another records it, whoever asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

API = "/api/"  # what stands below is for machines
CONTENT_TYPE = "application/problem+json"
BASE = "/api/v1/problems/"

TITLES: dict[str, Any] = {
    "bad-request": gettext_lazy("The request cannot be read"),
    "unauthorized": gettext_lazy("No token that holds"),
    "forbidden": gettext_lazy("Not allowed"),
    "not-found": gettext_lazy("There is no such thing, or it is not yours to see"),
    "method-not-allowed": gettext_lazy("The address does not take this method"),
    "refused": gettext_lazy("Not possible now"),
    "conflict": gettext_lazy("It has changed since you opened it"),
    "precondition-failed": gettext_lazy("The draft is not the one that you read"),
    "too-large": gettext_lazy("Too large"),
    "invalid": gettext_lazy("Something that was sent cannot be taken"),
    "password": gettext_lazy("The password is missing or wrong"),
    "idempotency-key": gettext_lazy("The key was used for another request"),
    "too-many-requests": gettext_lazy("Too many requests"),
    "server-error": gettext_lazy("An error of the server"),
    "unavailable": gettext_lazy("The server is busy or away for a moment"),
}
_BY_STATUS = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "refused",
    413: "too-large",
    422: "invalid",
    429: "too-many-requests",
    500: "server-error",
    503: "unavailable",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: ``field`` is a JSON pointer into the body, or the name of a parameter; ``more`` is
    what a machine may want to know beside the sentence."""

    field: str
    message: Any
    more: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "message": str(self.message)} | dict(self.more or {})


def for_machines(request: HttpRequest) -> bool:
    """Whether the caller is a machine: what stands below ``API``."""
    return request.path.startswith(API)


def problem(
    request: HttpRequest,
    status: int,
    kind: str = "",
    *,
    detail: Any = "",
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JsonResponse:
    """The answer to a request that was not carried out."""
    kind = kind or _BY_STATUS.get(status, "bad-request" if status < 500 else "server-error")
    listed = [error.to_json() for error in errors]
    body = {
        "type": f"{BASE}{kind}",
        "title": str(TITLES[kind]),
        "status": status,
        "detail": str(detail) or " ".join(error["message"] for error in listed) or str(TITLES[kind]),
        "instance": f"urn:uuid:{getattr(request, 'id', '')}",
        "errors": listed,
    }
    return JsonResponse(
        body,
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(headers or {}),
        json_dumps_params={"ensure_ascii": False},
    )


def of_page(request: HttpRequest, status: int, context: Mapping[str, Any]) -> JsonResponse:
    """The problem that says what the page of an error would say (``scorecard.ui.errors.page``)."""
    kind, detail = "", ""
    reasons = [FieldError("", reason) for reason in context.get("reasons", ())]
    if status == 409 and context.get("stale"):
        kind = "conflict"
    if status == 413:
        detail = _("At most %(limit)d MB are taken.") % {"limit": context.get("limit_mb", 0)}
    if status == 403:
        detail = context.get("reason", "")
    return problem(request, status, kind, detail=detail, errors=reasons)
