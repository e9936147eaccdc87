"""The URLs of the start page and of the head's view."""

from django.urls import path

from assessments.home.views.start import home
from assessments.home.views.workload import workload_page

urlpatterns = [path("", home, name="home"), path("workload/", workload_page, name="workload")]
