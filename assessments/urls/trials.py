"""URLs of what-if: two rulebooks compared, trials of a changed rulebook, figures tried on one's own filing."""

from django.urls import path

from assessments.views.trials.compare import rulebook_diff

urlpatterns = [
    path("rulebooks/<int:old>/diff/<int:new>/", rulebook_diff, name="rulebook-diff"),
]
