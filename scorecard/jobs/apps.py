from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background work: the job row is the truth, the broker only a messenger."""

    name = "scorecard.jobs"
    label = "jobs"

    def ready(self) -> None:
        # Every process that may ask for work must publish through this project's broker, not Celery's default one.
        import scorecard.celery  # noqa: F401

        from .registry import load_handlers

        load_handlers()
