"""What the operations share: who asks, about what, pages of a list, texts in both languages."""

from typing import Any, Generic, TypeVar, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Field, Schema

from assessments.access import get_assessment
from assessments.models import Assessment
from banks.models import User
from scorecard.engine import Text

T = TypeVar("T")
MOST = 100
FURTHEST = 1_000_000


class Both(Schema):
    """A text in both languages."""

    zh: str
    en: str


def both(text: Text) -> dict[str, str]:
    """A text of the rulebook as JSON."""
    return {"zh": text.zh, "en": text.en}


class Page(Schema):
    """Which part of a list is asked for."""

    limit: int = Field(25, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=FURTHEST)


class Listed(Schema, Generic[T]):
    """A part of a list."""

    items: list[T]
    count: int = Field(description="How many there are in all.")
    next: str | None = Field(None, description="The address of the next part; null at the end.")


def named(operation: str, summary: Any) -> dict[str, Any]:
    """What every operation is declared with: ``<name of the address>.<method>``, and what it is in words."""
    return {"url_name": operation.partition(".")[0], "operation_id": operation, "summary": summary}


def acting(request: HttpRequest) -> User:
    """In whose name the machine asks."""
    return cast(User, request.user)


def subject(request: HttpRequest, pk: int) -> Assessment:
    """The assessment that is asked for, or 404; events name it."""
    found = get_assessment(acting(request), pk)
    request.api_subject = found  # type: ignore[attr-defined]
    return found


def listed(request: HttpRequest, rows: QuerySet[Any], page: Page, one: Any) -> dict[str, Any]:
    """A part of a list as JSON, each row by ``one``."""
    count = rows.count()
    until = page.offset + page.limit
    query = request.GET.copy()
    query["offset"], query["limit"] = str(until), str(page.limit)
    return {
        "items": [one(row) for row in rows[page.offset : until]],
        "count": count,
        "next": f"{request.path}?{query.urlencode()}" if until < count else None,
    }
