"""The URL of the start page."""

from django.urls import path

from assessments.home.views.start import home

urlpatterns = [path("", home, name="home")]
