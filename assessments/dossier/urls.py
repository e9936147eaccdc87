"""URLs of the search and of the dossier."""

from django.urls import URLPattern, path

from assessments.dossier import views

urlpatterns: list[URLPattern] = [
    path("search/", views.search, name="search"),
    path("dossier/<int:pk>/", views.bank_dossier, name="bank-dossier"),
]
