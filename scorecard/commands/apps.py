from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class CommandsConfig(AppConfig):
    """Management commands of the engine, and the engine's own settings."""

    name = "scorecard.commands"
    label = "scorecard_commands"

    def ready(self) -> None:
        from scorecard.engine.native import configure

        try:
            configure(settings.SCORECARD_COMPILED, settings.COMPILED_DIR)
        except ValueError as error:
            raise ImproperlyConfigured(f"SCORECARD_COMPILED: {error}") from error
