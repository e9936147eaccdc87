"""The URL of the public check; documents name it (``scorecard.documents.checking.PATH``)."""

from django.urls import path

from assessments.verification.views import verify

urlpatterns = [path("verify/", verify, name="verify")]
