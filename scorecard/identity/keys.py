"""Secrets of authenticator apps at rest: encrypted with a key that follows from ``SECRET_KEY``."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _box() -> MultiFernet:
    """The present key first; those of ``SECRET_KEY_FALLBACKS`` read what was written before."""
    return MultiFernet([_key(text) for text in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(text: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"scorecard second factor").derive(text.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def encrypt(text: str) -> str:
    """The text, for the database or for a hidden field."""
    return _box().encrypt(text.encode()).decode()


def decrypt(sealed: str, seconds: int | None = None) -> str:
    """What was encrypted; "" where no key reads it, or where it is older than ``seconds``."""
    try:
        return _box().decrypt(sealed.encode(), ttl=seconds).decode()
    except InvalidToken:
        return ""
