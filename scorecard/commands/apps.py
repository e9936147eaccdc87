from django.apps import AppConfig


class CommandsConfig(AppConfig):
    """Management commands of the engine."""

    name = "scorecard.commands"
    label = "scorecard_commands"
