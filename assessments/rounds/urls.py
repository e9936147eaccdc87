"""URLs of the start page, rounds, rulebooks, the audit trail and background work."""

from django.urls import path

from assessments.home.views.start import home
from assessments.rounds.parameters.views import round_parameter_set, round_parameters
from assessments.rounds.views import (
    RoundDetail,
    RoundList,
    round_about,
    round_close,
    round_create,
    round_edit,
    round_open,
    round_score,
)
from assessments.rulebooks.views.pages import rulebook_detail, rulebook_list, rulebook_publish
from assessments.scoring.views.aggregate import round_aggregate, round_snapshot
from assessments.trail.views import AuditList, JobList, audit_verify

urlpatterns = [
    path("", home, name="home"),
    path("rounds/", RoundList.as_view(), name="round-list"),
    path("rounds/new/", round_create, name="round-create"),
    path("rounds/<int:pk>/", RoundDetail.as_view(), name="round-detail"),
    path("rounds/<int:pk>/about/", round_about, name="round-about"),
    path("rounds/<int:pk>/edit/", round_edit, name="round-edit"),
    path("rounds/<int:pk>/open/", round_open, name="round-open"),
    path("rounds/<int:pk>/close/", round_close, name="round-close"),
    path("rounds/<int:pk>/score/", round_score, name="round-score"),
    path("rounds/<int:pk>/parameters/", round_parameters, name="round-parameters"),
    path("rounds/<int:pk>/parameters/<str:name>/", round_parameter_set, name="round-parameter-set"),
    path("rounds/<int:pk>/figures/", round_aggregate, name="round-aggregate"),
    path("rounds/<int:pk>/figures/compute/", round_snapshot, name="round-snapshot"),
    path("rulebooks/", rulebook_list, name="rulebook-list"),
    path("rulebooks/publish/", rulebook_publish, name="rulebook-publish"),
    path("rulebooks/<int:pk>/", rulebook_detail, name="rulebook-detail"),
    path("audit/", AuditList.as_view(), name="audit-list"),
    path("audit/verify/", audit_verify, name="audit-verify"),
    path("jobs/", JobList.as_view(), name="job-list"),
]
