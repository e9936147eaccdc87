"""URLs of the draft of the report."""

from django.urls import path

from . import views

urlpatterns = [
    path("report/draft/", views.report_draft, name="report-draft"),
]
