"""Tests: the embedded defaults, or PostgreSQL and Redis through the same two variables as production."""

import os
import tempfile

os.environ.setdefault("SCORECARD_DATA_DIR", tempfile.mkdtemp(prefix="scorecard-test-"))

from .base import *
from .base import DATABASES

SECRET_KEY = "test-only-key-that-signs-nothing-outside-the-tests"  # nosec B105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUDIT_KEY_FILE = ""  # tests throw their trail away again and again; those of checkpoints draw a key of their own
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ALLOWED_HOSTS = ["*"]
REQUIRE_SECOND_FACTOR = False
PASSKEY_DOMAIN = "localhost"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: tests with a real worker share it with another process.
    from .base import DATA_DIR

    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
