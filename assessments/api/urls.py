"""URLs of the API and of its tokens."""

from django.urls import path

from assessments.api.views import tokens
from assessments.api.views.operations import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("tokens/", tokens.TokenList.as_view(), name="token-list"),
    path("tokens/new/", tokens.grant, name="token-grant"),
    path("tokens/<int:pk>/", tokens.detail, name="token-detail"),
    path("tokens/<int:pk>/draw/", tokens.draw, name="token-draw"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
]
