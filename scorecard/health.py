"""Two views for whoever watches the service: alive, and ready to serve."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse


def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers; 503 when it does not. The broker is not asked: work waits in the database without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:  # any fault of the driver means "not ready"
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})
