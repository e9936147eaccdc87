"""A write that is repeated under its key is done once and answered the same again (docs/api.md, Repeating)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from ninja import Status

from assessments.api.views.problems import Problem
from assessments.models import ApiAnswer, ApiToken
from scorecard.ui.problems import FieldError

HEADER = "Idempotency-Key"
KEPT = timedelta(days=1)


def once(
    request: HttpRequest,
    response: HttpResponse,
    work: Callable[[], dict[str, Any] | None],
    *,
    status: int = 200,
    sent: bytes | None = None,
) -> Status[Any]:
    """Do the work and answer with what it gives; under a key that was used for the same request, with what it gave.

    Key, fingerprint and answer are written in the transaction of the work: they are there if, and only if, it is.
    ``sent`` stands for a body that cannot be read twice.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return Status(status, work())
    if len(key) > 200 or not key.isprintable() or not key.isascii():
        raise Problem(422, "invalid", errors=[FieldError(HEADER, _("Send at most 200 letters, digits and signs."))])
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    fingerprint = _fingerprint(request, sent)
    with transaction.atomic():
        ApiAnswer.objects.filter(token=token, made_at__lt=timezone.now() - KEPT).delete()
        row, fresh = ApiAnswer.objects.get_or_create(token=token, key=key, defaults={"fingerprint": fingerprint})
        if not fresh:
            if row.fingerprint != fingerprint:
                raise Problem(422, "idempotency-key", errors=[FieldError(HEADER, _("Choose a new key."))])
            response["Idempotency-Replayed"] = "true"
            return Status(row.status, row.body)
        row.status, row.body = status, work()
        row.save(update_fields=["status", "body"])
    return Status(row.status, row.body)


def answered(request: HttpRequest) -> bool:
    """Whether this very request has been answered under its key: a code that is good for once is not asked again."""
    key = request.headers.get(HEADER, "")
    token: ApiToken = request.api_token  # type: ignore[attr-defined]
    rows = ApiAnswer.objects.filter(token=token, key=key, fingerprint=_fingerprint(request, None))
    return bool(key) and rows.filter(made_at__gte=timezone.now() - KEPT).exists()


def _fingerprint(request: HttpRequest, sent: bytes | None) -> str:
    """Keyed, since a body may hold a password."""
    body = request.body if sent is None else sent
    said = b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), body])
    return salted_hmac("assessments.api.once", said, algorithm="sha256").hexdigest()
