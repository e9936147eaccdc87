"""URLs of saved filters."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.saved_filters, name="saved-filters"),
    path("save/", views.save, name="saved-filter-save"),
    path("<int:pk>/", views.saved_filter, name="saved-filter"),
    path("<int:pk>/open/", views.open_saved, name="saved-filter-open"),
]
