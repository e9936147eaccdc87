"""All URLs. Each app has its own module; every name needs an entry in the app's ``policy.py``."""

from django.urls import include, path

urlpatterns = [
    path("", include("scorecard.operations.urls")),
    path("", include("scorecard.ui.urls")),
    path("messages/", include("scorecard.inbox.urls")),
    path("filters/", include("scorecard.saved.urls")),
    path("profile/factors/", include("scorecard.identity.urls")),
    path("", include("assessments.urls")),
    path("banks/", include("banks.urls")),
    path("report/", include("scorecard.figures.urls")),
]

handler400 = "scorecard.ui.errors.bad_request"
handler403 = "scorecard.ui.errors.forbidden"
handler404 = "scorecard.ui.errors.not_found"
handler500 = "scorecard.ui.errors.server_error"
