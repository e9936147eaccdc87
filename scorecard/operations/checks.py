"""Checks of an installation: nothing half restored, keys that are their owner's, TLS to database and broker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from .backup.restoring import unfinished

LOCAL = ("", "localhost", "127.0.0.1", "::1")
WITH_TLS = ("require", "verify-ca", "verify-full")
SHORTEST_TOKEN = 20


def _is_local(host: str) -> bool:
    return host in LOCAL or host.startswith("/") or bool(getattr(settings, "PRIVATE_NETWORK", False))


@register(Tags.security, deploy=True)
def database_speaks_tls(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Figures and passwords' hashes leave this machine only under TLS."""
    at = settings.DATABASES["default"]
    options = at.get("OPTIONS", {})
    hosts = str(options.get("host") or at.get("HOST", ""))  # a primary and its standby are given as an option
    if at["ENGINE"].endswith("sqlite3") or all(map(_is_local, hosts.split(","))):
        return []
    if options.get("sslmode") in WITH_TLS:
        return []
    return [
        Error(
            f"The connection to the database on {hosts} is not bound to TLS.",
            hint="Add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL; or say PRIVATE_NETWORK=true where nobody "
            "else reads that network (docs/operations.md).",
            id="scorecard.E011",
        )
    ]


@register(Tags.security, deploy=True)
def broker_speaks_tls(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Who reaches the broker can have jobs run; its password leaves this machine only under TLS."""
    at = urlsplit(settings.CELERY_BROKER_URL)
    if at.scheme != "redis" or _is_local(at.hostname or ""):
        return []
    return [
        Error(
            f"The connection to Redis on {at.hostname} has no TLS.",
            hint="Use rediss:// in CELERY_BROKER_URL, or say PRIVATE_NETWORK=true where nobody else reads it.",
            id="scorecard.E012",
        )
    ]


@register(Tags.security, deploy=True)
def nothing_is_half_restored(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A restore that was broken off leaves a mark; what is there then is half a set."""
    if not unfinished().exists():
        return []
    return [
        Error(
            f"A restore was broken off: {unfinished()} is there.",
            hint="Empty the database and the data folder, and restore again (docs/operations.md).",
            id="scorecard.E010",
        )
    ]


def _loose() -> Iterator[Path]:
    for name in (settings.AUDIT_KEY_FILE, settings.LETTER_KEY_FILE, str(Path(settings.DATA_DIR) / "secret-key")):
        path = Path(name) if name else None
        if path is not None and path.is_file() and path.stat().st_mode & 0o077:
            yield path


@register(Tags.security, deploy=True)
def keys_are_their_owners(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Nobody but the service reads its private keys."""
    return [
        Error(f"Others may read the private key {path}.", hint=f"chmod 600 {path}", id="scorecard.E013")
        for path in _loose()
    ]


@register(Tags.security, deploy=True)
def metrics_are_closed(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A token that can be guessed is none."""
    if not settings.METRICS_TOKEN or len(settings.METRICS_TOKEN) >= SHORTEST_TOKEN:
        return []
    return [
        Error(
            f"METRICS_TOKEN has {len(settings.METRICS_TOKEN)} characters; it needs {SHORTEST_TOKEN} drawn at random.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(32))" draws one; leave it empty to close '
            "/metrics and /statusz.",
            id="scorecard.E014",
        )
    ]


@register(Tags.security, deploy=True)
def backups_can_seal(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a backup key the nightly backup holds no keys, or is not made."""
    if Path(settings.BACKUP_KEY_FILE).is_file():
        return []
    return [
        Warning(
            f"There is no backup key in {settings.BACKUP_KEY_FILE}.",
            hint="Draw one with manage.py backup_key FILE, and take FILE off this machine (docs/operations.md).",
            id="scorecard.W015",
        )
    ]


@register(Tags.security, deploy=True)
def uploads_are_scanned(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a scanner whoever opens an upload relies on the scanner of that computer."""
    if settings.CLAMD:
        return []
    return [
        Warning(
            "No scanner is set: uploads are not looked through for malware.",
            hint="Say in CLAMD where clamd listens (docs/scanning.md).",
            id="scorecard.W016",
        )
    ]
