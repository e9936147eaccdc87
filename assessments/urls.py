"""URLs of the assessments app, by audience."""

from django.urls import include, path

urlpatterns = [
    path("", include("assessments.rounds.urls")),
    path("", include("assessments.filings.urls")),
    path("", include("assessments.reviews.urls")),
    path("", include("assessments.trials.urls")),
    path("", include("assessments.money.urls")),
]
