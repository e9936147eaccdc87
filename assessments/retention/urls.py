"""URLs of retention."""

from django.urls import path

from assessments.retention.views import retention

urlpatterns = [path("retention/", retention, name="retention")]
