from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work: the job row is the truth, the broker only a messenger."""

    name = "scorecard.jobs"
    label = "jobs"

    def ready(self) -> None:
        from .registry import load_handlers

        load_handlers()
