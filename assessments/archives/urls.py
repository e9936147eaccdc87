"""URLs of complete files."""

from django.urls import path

from assessments.archives.views import archives

urlpatterns = [path("archives/", archives, name="archive-list")]
