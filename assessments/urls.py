"""URLs of the assessments app, by noun."""

from django.urls import include, path

NOUNS = (
    "home",
    "rulebooks",
    "rounds",
    "filings",
    "scoring",
    "reviews",
    "many",
    "seeing",
    "dossier",
    "decisions",
    "objections",
    "letters",
    "messages",
    "measures",
    "readings",
    "meetings",
    "trials",
    "money",
    "reporting",
    "trail",
    "verification",
    "archives",
    "retention",
    "api",
)

urlpatterns = [path("", include(f"assessments.{noun}.urls")) for noun in NOUNS]
