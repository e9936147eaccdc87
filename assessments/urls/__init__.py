"""URLs of the assessments app, by audience."""

from django.urls import include, path

urlpatterns = [
    path("", include("assessments.urls.rounds")),
    path("", include("assessments.urls.bank")),
    path("", include("assessments.urls.supervisor")),
    path("", include("assessments.urls.trials")),
    path("", include("assessments.urls.money")),
]
