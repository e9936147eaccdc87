"""What Django's checks say of the settings of e-mail."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, register


@register()
def mail_is_whole(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A server without the address of this site, or of the sender, would send mails that lead nowhere."""
    found: list[Error] = []
    if not settings.EMAIL_HOST:
        return found
    if urlsplit(settings.SITE_URL).scheme not in ("http", "https"):
        found.append(
            Error("EMAIL_HOST is set without SITE_URL; links in e-mails need the site's address.", id="inbox.E001")
        )
    if "@" not in settings.DEFAULT_FROM_EMAIL:
        found.append(Error("EMAIL_HOST is set without DEFAULT_FROM_EMAIL, the sender's address.", id="inbox.E002"))
    if settings.EMAIL_USE_TLS and settings.EMAIL_USE_SSL:
        found.append(Error("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other.", id="inbox.E003"))
    return found
