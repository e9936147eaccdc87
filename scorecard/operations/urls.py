"""Addresses of health, metrics and the administrator's page."""

from django.urls import path

from .views import live, metrics_text, operations, ready, status

urlpatterns = [
    path("healthz", live, name="health-live"),
    path("readyz", ready, name="health-ready"),
    path("statusz", status, name="health-status"),
    path("metrics", metrics_text, name="metrics"),
    path("operations/", operations, name="operations"),
]
