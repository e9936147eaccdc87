"""URLs of the pictures of a round."""

from django.urls import path

from assessments.seeing.views.heat import HeatMapPage
from assessments.seeing.views.movement import round_movement
from assessments.seeing.views.outcome import round_outcome
from assessments.seeing.views.place import assessment_place
from assessments.seeing.views.quadrant import round_quadrant

urlpatterns = [
    path("assessments/<int:pk>/place/", assessment_place, name="assessment-place"),
    path("rounds/<int:pk>/heat-map/", HeatMapPage.as_view(), name="round-heat"),
    path("rounds/<int:pk>/growth-and-bad-loans/", round_quadrant, name="round-quadrant"),
    path("rounds/<int:pk>/movement/", round_movement, name="round-movement"),
    path("rounds/<int:pk>/outcome/", round_outcome, name="round-outcome"),
]
