from django.apps import AppConfig


class KindsConfig(AppConfig):
    """Registers the tests' kinds of job in the worker process."""

    name = "scorecard.tests.processes.kinds"
    label = "test_kinds"
