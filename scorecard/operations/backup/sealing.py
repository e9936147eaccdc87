"""Secrets in a set: sealed for a key whose private part is not on the machine that makes the backups.

X25519 between a key that is drawn for each set and the office's backup key, HKDF-SHA256, ChaCha20-Poly1305. The key of
the cipher serves one message, so its nonce may be constant.
"""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = "scorecard-sealed/1"
PUBLIC, PRIVATE = "SCORECARD-BACKUP-PUBLIC+", "SCORECARD-BACKUP-PRIVATE+"
NONCE = bytes(12)


class BadSeal(ValueError):
    """A key or a sealed text is none, or the key does not open it."""


def _read(text: str, lead: str) -> bytes:
    text = text.strip()
    try:
        raw = base64.b64decode(text.removeprefix(lead), validate=True)
    except binascii.Error:
        raw = b""
    if not text.startswith(lead) or len(raw) != 32:
        raise BadSeal(f"The text is no key of a backup: it does not begin with {lead} and 32 bytes in Base64.")
    return raw


def draw(private: Path, public: Path) -> None:
    """Draw a pair: the private part into a new file for its owner alone, the public part where backups read it.

    Raises ``FileExistsError`` where the first file is there.
    """
    key = X25519PrivateKey.generate()
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(PRIVATE + base64.b64encode(key.private_bytes_raw()).decode() + "\n")
    said = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    public.write_text(f"{PUBLIC}{said}\n", encoding="utf-8")


def recipient(public: str) -> str:
    """The short name of a public key, which the manifest of a set repeats."""
    return sha256(_read(public, PUBLIC)).hexdigest()[:16]


def _cipher(shared: bytes, ephemeral: bytes, public: bytes) -> ChaCha20Poly1305:
    key = HKDF(SHA256(), 32, salt=ephemeral + public, info=FORMAT.encode()).derive(shared)
    return ChaCha20Poly1305(key)


def seal(secrets: Mapping[str, str], public: str) -> str:
    """The secrets as a text that only the private part of the key opens."""
    target = _read(public, PUBLIC)
    drawn = X25519PrivateKey.generate()
    ephemeral = drawn.public_key().public_bytes_raw()
    cipher = _cipher(drawn.exchange(X25519PublicKey.from_public_bytes(target)), ephemeral, target)
    box = cipher.encrypt(NONCE, json.dumps(dict(secrets)).encode(), FORMAT.encode())
    return json.dumps(
        {
            "format": FORMAT,
            "recipient": recipient(public),
            "ephemeral": base64.b64encode(ephemeral).decode(),
            "box": base64.b64encode(box).decode(),
        }
    )


def unseal(sealed: str, private: str) -> dict[str, str]:
    """The secrets again. Raises ``BadSeal`` where the key is another one or a byte was changed."""
    key = X25519PrivateKey.from_private_bytes(_read(private, PRIVATE))
    public = key.public_key().public_bytes_raw()
    try:
        told = json.loads(sealed)
        ephemeral, box = base64.b64decode(told["ephemeral"]), base64.b64decode(told["box"])
        cipher = _cipher(key.exchange(X25519PublicKey.from_public_bytes(ephemeral)), ephemeral, public)
        found: dict[str, str] = json.loads(cipher.decrypt(NONCE, box, FORMAT.encode()))
    except (ValueError, KeyError, TypeError, InvalidTag) as error:
        raise BadSeal("The key does not open the secrets of this set, or they were changed.") from error
    return found
