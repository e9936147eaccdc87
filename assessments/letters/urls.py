"""URLs of letters as files."""

from django.urls import URLPattern, path

from assessments.letters import views

urlpatterns: list[URLPattern] = [
    path("letters/batch/", views.letter_batch, name="letter-batch"),
    path("letters/<slug:kind>/<int:pk>.<slug:form>", views.letter_file, name="letter-file"),
]
