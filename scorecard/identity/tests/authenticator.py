"""A security key in software: what a browser would answer for it (W3C WebAuthn, section 6)."""

import json
import struct
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One credential of one domain; ``counter`` grows with each answer."""

    def __init__(self, ident: bytes = b"soft key number one", domain: str = "localhost") -> None:
        self.ident, self.domain, self.counter = ident, domain, 0
        self.private = generate_private_key(SECP256R1())

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": origin or f"https://{self.domain}"}
        return json.dumps(said).encode()

    def _data(self, flags: int, more: bytes = b"") -> bytes:
        self.counter += 1
        return sha256(self.domain.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter) + more

    def make(self, options: str, *, origin: str = "", verified: bool = True) -> str:
        """The answer to being asked for a new passkey."""
        client = self._client("webauthn.create", json.loads(options), origin)
        public = AttestedCredentialData.create(
            b"\0" * 16, self.ident, ES256.from_cryptography_key(self.private.public_key())
        )
        flags = _PRESENT | _ATTESTED | (_VERIFIED if verified else 0)
        made = AttestationObject.create("none", AuthenticatorData(self._data(flags, bytes(public))), {})
        return self._answer(clientDataJSON=client, attestationObject=bytes(made))

    def give(self, options: str, *, origin: str = "", verified: bool = True) -> str:
        """The answer to being asked for this passkey."""
        client = self._client("webauthn.get", json.loads(options), origin)
        data = self._data(_PRESENT | (_VERIFIED if verified else 0))
        signature = self.private.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _answer(self, **response: bytes) -> str:
        name = websafe_encode(self.ident)
        parts = {key: websafe_encode(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": parts})
