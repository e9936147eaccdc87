"""Deployment checks of who comes in, and from where."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Behind a reverse proxy every request has the proxy's address unless ``TRUSTED_PROXIES`` says how many there are:
    failed sign-ins of one person would then delay the whole province, and the trail would name one address for all.
    """
    if not settings.SECURE_PROXY_SSL_HEADER or settings.TRUSTED_PROXIES:
        return []
    return [
        Error(
            "The site stands behind a reverse proxy, and TRUSTED_PROXIES is 0.",
            hint="Set TRUSTED_PROXIES to the number of reverse proxies of your own in front (docs/settings.md).",
            id="scorecard.E001",
        )
    ]
