"""URLs of the drafts of a round, and of reminding its banks."""

from django.urls import path

from assessments.messages.views.drafts import RoundDrafts, round_urge

urlpatterns = [
    path("rounds/<int:pk>/drafts/", RoundDrafts.as_view(), name="round-drafts"),
    path("rounds/<int:pk>/drafts/remind/", round_urge, name="round-urge"),
]
