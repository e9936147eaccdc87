"""URLs of the report's figures."""

from django.urls import path

from . import views

app_name = "figures"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("figures/", views.FigureList.as_view(), name="list"),
    path("figures/<str:ident>/", views.figure_detail, name="detail"),
    path("disagreements/", views.disagreements, name="disagreements"),
    path("relations/", views.RelationList.as_view(), name="relations"),
    path("loads/", views.LoadList.as_view(), name="loads"),
    path("loads/new/", views.load_new, name="load-new"),
    path("loads/<int:pk>/", views.load_detail, name="load-detail"),
    path("loads/<int:pk>/answer/", views.load_answer, name="load-answer"),
]
