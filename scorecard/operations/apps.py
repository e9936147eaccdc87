from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Backup, health, metrics and start of an installation."""

    name = "scorecard.operations"
    label = "operations"

    def ready(self) -> None:
        from celery.signals import beat_init, worker_init

        from . import checks  # noqa: F401  registers its checks
        from .start import check_or_end

        for begins in (worker_init, beat_init):
            begins.connect(check_or_end, dispatch_uid="checks at start")
