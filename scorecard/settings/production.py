"""Production: every secret from the environment, HTTPS only, hashed static files."""

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import DEMO, LOGGING, STORAGES, env

SECRET_KEY = env.str("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured("SECRET_KEY needs at least 50 characters drawn at random (docs/settings.md says how).")
if DEMO:
    raise ImproperlyConfigured("DEMO=true shows passwords on the sign-in page; production does not start with it.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
DATABASE_ROLE_CHECK = True
START_CHECKS = True
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOGGING["handlers"]["console"]["formatter"] = LOG_FORMAT  # type: ignore[index]
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=True)
HEALTH_BACKUP_HOURS = env.float("HEALTH_BACKUP_HOURS", default=26.0)
# Hosts whose connections to database and broker never leave one machine's private network, as in deploy/compose.yaml.
PRIVATE_NETWORK = env.bool("PRIVATE_NETWORK", default=False)
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=True)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# A browser takes a name that begins so over HTTPS and for this host alone: no other host of the domain can set it.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken", "__Host-language"
THEME_COOKIE_NAME, DEVICE_COOKIE_NAME, MESSAGES_COOKIE_NAME = "__Host-theme", "__Host-device", "__Host-messages"

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
