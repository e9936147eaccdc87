"""URLs of one's own second factors."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.factor_list, name="factor-list"),
    path("codes/", views.factor_codes, name="factor-codes"),
    path("emergencies/<int:pk>/", views.emergency_close, name="emergency-close"),
    path("add/<str:kind>/", views.factor_add, name="factor-add"),
    path("<int:pk>/remove/", views.factor_remove, name="factor-remove"),
]
