"""Development and demonstration: no server needed, safe defaults, a secret key of this machine's own."""

import secrets

from .base import *
from .base import DATA_DIR, DEMO, STATIC_ROOT, env

DEBUG = env.bool("DEBUG", default=False)

# The key is drawn once and kept beside the data, never in the repository.
_key_file = DATA_DIR / "secret-key"
if not _key_file.exists():
    _key_file.touch(mode=0o600)
    _key_file.write_text(secrets.token_urlsafe(50), encoding="utf-8")
SECRET_KEY = env.str("SECRET_KEY", default=_key_file.read_text(encoding="utf-8").strip())

# So is the key that signs the checkpoints of the audit trail.
AUDIT_DRAW_KEY = True

# The demonstration signs its letters with a key whose certificate says that it is none of an office.
LETTER_DRAW_KEY = DEMO

# Static files come straight from the installed packages: no collectstatic before the first page.
STATIC_ROOT.mkdir(exist_ok=True, mode=0o700)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
