from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """The figures of the published report, loaded from fixtures."""

    name = "scorecard.figures"
    label = "figures"
