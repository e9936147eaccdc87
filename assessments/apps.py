from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """WHAT: rulebooks, rounds, assessments, score runs, reviews, ratings, measures, notices."""

    name = "assessments"
    verbose_name = _("Assessments")
