"""URLs of the rulebooks."""

from django.urls import path

from assessments.rulebooks.views.compare import rulebook_diff
from assessments.rulebooks.views.pages import rulebook_detail, rulebook_list, rulebook_publish

urlpatterns = [
    path("rulebooks/", rulebook_list, name="rulebook-list"),
    path("rulebooks/publish/", rulebook_publish, name="rulebook-publish"),
    path("rulebooks/<int:old>/diff/<int:new>/", rulebook_diff, name="rulebook-diff"),
    path("rulebooks/<int:pk>/", rulebook_detail, name="rulebook-detail"),
]
