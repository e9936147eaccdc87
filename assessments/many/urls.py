"""URLs of the same step on many cases."""

from django.urls import URLPattern, path

from assessments.many import views

urlpatterns: list[URLPattern] = [
    path("many/", views.many_overview, name="many"),
    path("many/<slug:name>/", views.many_step, name="many-step"),
]
