from django.apps import AppConfig


class UiConfig(AppConfig):
    """The frame of every page: base design, navigation, components, sign-in."""

    name = "scorecard.ui"
    label = "ui"
