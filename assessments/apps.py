from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """WHAT: rulebooks, rounds, assessments, score runs, reviews, ratings, measures, notices."""

    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        """Give the workflow its table: only here are machine and table both known."""
        from assessments.workflow.machine import give_table
        from assessments.workflow.table import CAPABILITIES, ROWS

        give_table(ROWS, CAPABILITIES)
