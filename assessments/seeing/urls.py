"""URLs of the pictures of a round."""

from django.urls import path

from assessments.seeing.views.heat import HeatMapPage

urlpatterns = [
    path("rounds/<int:pk>/heat-map/", HeatMapPage.as_view(), name="round-heat"),
]
