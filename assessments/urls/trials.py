"""URLs of what-if: two rulebooks compared, trials of a changed rulebook, figures tried on one's own filing."""

from django.urls import path

from assessments.views.trials import pages
from assessments.views.trials.compare import rulebook_diff
from assessments.views.trials.form import trial_create
from assessments.views.trials.own import filing_whatif

urlpatterns = [
    path("rulebooks/<int:old>/diff/<int:new>/", rulebook_diff, name="rulebook-diff"),
    path("filing/<int:pk>/what-if/", filing_whatif, name="filing-whatif"),
    path("trials/", pages.TrialList.as_view(), name="trial-list"),
    path("trials/new/", trial_create, name="trial-create"),
    path("trials/<int:pk>/", pages.trial_detail, name="trial-detail"),
    path("trials/<int:pk>/run/", pages.trial_run, name="trial-run"),
    path("trials/<int:pk>/movers.<str:kind>", pages.trial_export, name="trial-export"),
    path("trials/<int:pk>/draft/", pages.trial_draft, name="trial-draft"),
]
