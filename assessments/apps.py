from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    """WHAT: rulebooks, rounds, assessments, score runs, reviews, ratings, measures, notices."""

    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        """Bring together what knows nothing of one another: machine and table, the closing of a round and scoring,
        people and their open work.
        """
        from assessments.reviews.staff import sentences
        from assessments.rounds.services import round_closing
        from assessments.scoring.statistics import on_closing
        from assessments.workflow.machine import give_table
        from assessments.workflow.table import CAPABILITIES, ROWS
        from banks.services.open_work import register

        give_table(ROWS, CAPABILITIES)
        round_closing.connect(on_closing)
        register(sentences)
