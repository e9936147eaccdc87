"""URLs of the draft of the report."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/draft/", views.report_draft, name="report-draft"),
    path("report/draft/<int:pk>/<str:chosen>/<str:form>/", views.report_draft_file, name="report-draft-file"),
]
