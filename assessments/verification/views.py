"""The page of the public check."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.verification.forms import CheckForm
from assessments.verification.selectors import is_genuine
from assessments.verification.services import count_check
from scorecard.access.decisions import TooManyAttempts


@never_cache
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a document is genuine: an answer for number and digest, typed here or taken from its QR code."""
    asked = "number" in request.GET or "digest" in request.GET
    form = CheckForm(request.GET if asked else None)
    genuine, until, status = None, None, 200
    if asked:
        try:
            count_check(request.META.get("REMOTE_ADDR", "") or "")
        except TooManyAttempts as refused:
            until, status = refused.until, 429
        else:
            valid = form.is_valid()
            status = 200 if valid else 422
            genuine = is_genuine(form.cleaned_data["number"], form.cleaned_data["digest"]) if valid else None
    shown = form if until is None else CheckForm(initial=request.GET.dict())
    context = {"form": shown, "genuine": genuine, "until": until}
    response = render(request, "verification/verify.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    if until is not None:
        response["Retry-After"] = str(max(1, int((until - timezone.now()).total_seconds()) + 1))
    return response
