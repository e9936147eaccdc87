"""URLs of the result that bank and supervisor read, and of a round's aggregate figures."""

from django.urls import path

from assessments.scoring.views import results
from assessments.scoring.views.aggregate import round_aggregate, round_snapshot

urlpatterns = [
    path("assessments/<int:pk>/result/", results.result, name="assessment-result"),
    path("assessments/<int:pk>/result/<int:number>/", results.result, name="assessment-result"),
    path("assessments/<int:pk>/result/<int:number>/explanation/", results.explain, name="assessment-explain"),
    path("assessments/<int:pk>/result/<int:number>/progress/", results.progress, name="assessment-progress"),
    path("assessments/<int:pk>/rescore/", results.rescore, name="assessment-rescore"),
    path("rounds/<int:pk>/figures/", round_aggregate, name="round-aggregate"),
    path("rounds/<int:pk>/figures/compute/", round_snapshot, name="round-snapshot"),
]
