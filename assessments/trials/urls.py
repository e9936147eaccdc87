"""URLs of the trials of a changed rulebook."""

from django.urls import path

from assessments.trials.views import pages
from assessments.trials.views.form import trial_create

urlpatterns = [
    path("trials/", pages.TrialList.as_view(), name="trial-list"),
    path("trials/new/", trial_create, name="trial-create"),
    path("trials/<int:pk>/", pages.trial_detail, name="trial-detail"),
    path("trials/<int:pk>/run/", pages.trial_run, name="trial-run"),
    path("trials/<int:pk>/movers.<str:kind>", pages.trial_export, name="trial-export"),
    path("trials/<int:pk>/draft/", pages.trial_draft, name="trial-draft"),
]
