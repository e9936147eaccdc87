"""URLs of the rounds."""

from django.urls import path

from assessments.rounds.changes.views import round_bank_add, round_bank_out
from assessments.rounds.parameters.views import round_parameter_set, round_parameters
from assessments.rounds.views import (
    RoundDetail,
    RoundList,
    round_about,
    round_create,
    round_edit,
)
from assessments.rounds.views.calendar import calendar
from assessments.rounds.views.steps import round_carry, round_close, round_open, round_score

urlpatterns = [
    path("rounds/", RoundList.as_view(), name="round-list"),
    path("calendar/", calendar, name="calendar"),
    path("rounds/new/", round_create, name="round-create"),
    path("rounds/<int:pk>/", RoundDetail.as_view(), name="round-detail"),
    path("rounds/<int:pk>/about/", round_about, name="round-about"),
    path("rounds/<int:pk>/edit/", round_edit, name="round-edit"),
    path("rounds/<int:pk>/open/", round_open, name="round-open"),
    path("rounds/<int:pk>/carry/", round_carry, name="round-carry"),
    path("rounds/<int:pk>/close/", round_close, name="round-close"),
    path("rounds/<int:pk>/banks/add/", round_bank_add, name="round-bank-add"),
    path("rounds/<int:pk>/banks/out/", round_bank_out, name="round-bank-out"),
    path("rounds/<int:pk>/score/", round_score, name="round-score"),
    path("rounds/<int:pk>/parameters/", round_parameters, name="round-parameters"),
    path("rounds/<int:pk>/parameters/<str:name>/", round_parameter_set, name="round-parameter-set"),
]
