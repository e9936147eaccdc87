from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Roles, who may see what, decisions with a reason, and the policy of every URL."""

    name = "scorecard.access"
    label = "access"

    def ready(self) -> None:
        from . import checks  # noqa: F401  # registers the deployment check
