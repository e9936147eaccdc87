"""The API as a whole: its operations, its description, and what becomes of errors."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from assessments.api.scopes import OPERATIONS
from assessments.api.views import bulk, drafts, evidence, readings, results, rounds, steps
from assessments.api.views.once import HEADER
from assessments.api.views.problems import Problem, unreadable
from scorecard.ui.problems import CONTENT_TYPE, problem

# What any operation may answer beside its own: no token, scope, another bank's, form, rate, no room.
ALWAYS = {
    401: gettext_lazy("No token, or one that does not hold"),
    403: gettext_lazy("A scope or a role is missing"),
    404: gettext_lazy("There is no such thing, or it is another bank’s"),
    409: gettext_lazy("Not possible now, or somebody else was faster"),
    422: gettext_lazy("Something that was sent cannot be taken"),
    429: gettext_lazy("Too many requests; Retry-After says when to go on"),
    503: gettext_lazy("Busy or away; Retry-After says when to try again"),
}
OF_A_WRITE = {
    400: gettext_lazy("The body cannot be read"),
    412: gettext_lazy("The draft is not the one that was read"),
    413: gettext_lazy("Too large"),
}
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class TextParser(Parser):
    """JSON without the NUL character, which is no text (``scorecard.ui.middleware.NulMiddleware``), and without halves
    of characters, which no database keeps."""

    def parse_body(self, request: HttpRequest) -> Any:
        found = super().parse_body(request)
        if b"\\u" in request.body:
            json.dumps(
                found, ensure_ascii=False
            ).encode()  # a half of a character cannot be written: UnicodeEncodeError
            return _without_nul(found)
        return found


def _without_nul(found: Any) -> Any:
    if isinstance(found, str):
        return found.replace("\x00", "")
    if isinstance(found, list):
        return [_without_nul(one) for one in found]
    if isinstance(found, dict):
        return {_without_nul(name): _without_nul(value) for name, value in found.items()}
    return found


class Api(NinjaAPI):
    """Ninja's, whose errors go on to the middleware of the pages, and whose description names every answer."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        if isinstance(exc, Problem):
            return exc.answer(request)
        if isinstance(exc, ValidationError):
            return unreadable(exc.errors).answer(request)
        if isinstance(exc, HttpError):  # the body is no JSON
            return problem(request, 400, detail=_("The body cannot be read; send JSON in UTF-8."))
        raise exc

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        for path in schema["paths"].values():
            for method, operation in path.items():
                _complete(operation, method.upper())
        return schema


def _complete(operation: dict[str, Any], method: str) -> None:
    """Name the answers that are errors, the scope, and the key of a write."""
    about = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in (ALWAYS | (OF_A_WRITE if method != "GET" else {})).items():
        operation["responses"][status] = {"description": str(words), "content": about}
    needs = OPERATIONS[operation["operationId"].partition(".")[0], method]
    scopes = ", ".join(f"`{scope.value}`" for scope in needs.scopes)
    if scopes:
        said = operation.get("description", "")
        operation["description"] = "\n\n".join(filter(None, [said, _("Scope: %(scopes)s") % {"scopes": scopes}]))
    if method != "GET":
        operation.setdefault("parameters", []).append(
            {"in": "header", "name": HEADER, "required": False, "schema": {"type": "string", "maxLength": 200}}
        )


api = Api(
    title="Scorecard · 普惠金融监管评价系统",
    version="1",
    description="docs/api.md",
    urls_namespace="api",
    docs_url="/docs",
    openapi_url="/openapi.json",
    parser=TextParser(),
)
for part in (rounds, drafts, evidence, steps, results, bulk, readings):
    api.add_router("", part.router)
