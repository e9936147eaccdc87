from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Background work: the job row is the truth, the broker only a messenger."""

    name = "scorecard.jobs"
    label = "jobs"

    def ready(self) -> None:
        # Every process that may ask for work must publish through this project's broker, not Celery's default one.
        import scorecard.celery  # noqa: F401

        from . import tasks  # noqa: F401  the broker finds them by name

        autodiscover_modules("job_handlers")
