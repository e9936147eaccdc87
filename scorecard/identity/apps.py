from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Second factors: passkeys, codes of an app, recovery codes (``docs/identity.md``)."""

    name = "scorecard.identity"
    label = "identity"

    def ready(self) -> None:
        from . import emergency  # noqa: F401  # hears of each sign-in
