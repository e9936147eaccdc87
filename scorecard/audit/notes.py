"""Checkpoints as signed notes: the text formats of C2SP (``signed-note``, ``tlog-checkpoint``), signed with Ed25519."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\1"
NAME = re.compile(r"[^\s+]{1,60}")
_NOTE = re.compile(r"((?:[^\n]+\n){3,})\n((?:— [^\s+]+ [A-Za-z0-9+/=]+\n)+)")
PRIVATE = "PRIVATE+KEY+"


class BadKey(ValueError):
    """A text is no key of the form that is told."""


class BadNote(ValueError):
    """A text is no signed checkpoint."""


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _parts(text: str, lead: str) -> tuple[str, bytes, bytes]:
    """The name, the key's id and the key out of ``name+id+key``."""
    try:
        name, key_id, encoded = text.strip().removeprefix(lead).split("+", 2)
        key = base64.b64decode(encoded, validate=True)
        found = bytes.fromhex(key_id)
    except (ValueError, binascii.Error) as error:
        raise BadKey("The text has not the form name+id+key.") from error
    if not text.strip().startswith(lead) or not NAME.fullmatch(name) or key[:1] != ED25519 or len(key) != 33:
        raise BadKey("The text is no Ed25519 key of a signed note.")
    return name, found, key[1:]


class Verifier:
    """A public key with its name, written ``name+id+key``."""

    def __init__(self, name: str, public: bytes) -> None:
        self.name, self.public, self.key_id = name, public, _key_id(name, public)
        self._key = Ed25519PublicKey.from_public_bytes(public)

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read a line of the list of public keys. Raises ``BadKey``."""
        name, key_id, public = _parts(text, "")
        made = cls(name, public)
        if made.key_id != key_id:
            raise BadKey("The id does not belong to the name and the key.")
        return made

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's, over this text."""
        try:
            self._key.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key with its name, written ``PRIVATE+KEY+name+id+seed``."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not NAME.fullmatch(name):
            raise BadKey("A key's name has 1 to 60 characters, no space and no plus sign.")
        self._key, self._seed = Ed25519PrivateKey.from_private_bytes(seed), seed
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    @classmethod
    def draw(cls, name: str) -> "Signer":
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read the file of a private key. Raises ``BadKey``."""
        name, _id, seed = _parts(text, PRIVATE)
        return cls(name, seed)

    def secret(self) -> str:
        """The text of the private key, for a file that its owner alone may read."""
        key = base64.b64encode(ED25519 + self._seed).decode()
        return f"{PRIVATE}{self.verifier.name}+{self.verifier.key_id.hex()}+{key}"

    def line(self, text: str) -> str:
        """The signature line under a text."""
        signed = base64.b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return f"— {self.verifier.name} {signed}\n"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, with the very text that was signed and the lines of its signatures."""

    text: str
    signatures: str
    origin: str
    size: int
    root: bytes
    at: datetime | None

    @classmethod
    def make(cls, origin: str, size: int, root: bytes, at: datetime) -> "Checkpoint":
        """An unsigned checkpoint of a moment."""
        moment = at.astimezone(UTC).replace(microsecond=0)
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {moment:%Y-%m-%dT%H:%M:%SZ}\n"
        return cls(text, "", origin, size, root, moment)

    @classmethod
    def parse(cls, text: str, signatures: str) -> "Checkpoint":
        """Read the text and the signature lines of a note. Raises ``BadNote``."""
        try:
            origin, size, root, *extensions = text.removesuffix("\n").split("\n")
            if not re.fullmatch(r"0|[1-9][0-9]{0,18}", size) or len(base64.b64decode(root, validate=True)) != 32:
                raise BadNote("The size or the root is none.")
            said = next((line[5:] for line in extensions if line.startswith("time ")), None)
            at = datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if said else None
        except ValueError as error:
            raise BadNote("The text is no checkpoint.") from error
        return cls(text, signatures, origin, int(size), base64.b64decode(root), at)

    def signed(self, *signers: Signer) -> "Checkpoint":
        """The same with further signature lines."""
        lines = self.signatures + "".join(signer.line(self.text) for signer in signers)
        return Checkpoint(self.text, lines, self.origin, self.size, self.root, self.at)

    def note(self) -> str:
        """The whole note."""
        return f"{self.text}\n{self.signatures}"

    def signers(self, verifiers: Iterable[Verifier]) -> list[str]:
        """The names of the keys of the list whose signature stands here and is valid."""
        found = []
        for line in self.signatures.splitlines():
            _dash, name, encoded = line.split(" ", 2)
            try:
                raw = base64.b64decode(encoded, validate=True)
            except binascii.Error:
                continue
            for key in verifiers:
                if (key.name, key.key_id) == (name, raw[:4]) and key.holds(self.text, raw[4:]):
                    found.append(name)
        return found


def last_note(text: str) -> Checkpoint | None:
    """The last whole checkpoint of a file's end."""
    for match in reversed(list(_NOTE.finditer(text))):
        try:
            return Checkpoint.parse(match[1], match[2])
        except BadNote:
            continue
    return None


def read_notes(text: str) -> Iterator[Checkpoint | int]:
    """Every checkpoint of a file in its order; where something else stands, the number of its first line."""
    place = 0
    for match in _NOTE.finditer(text):
        if text[place : match.start()].strip("\n"):
            yield text.count("\n", 0, place) + 1
        try:
            yield Checkpoint.parse(match[1], match[2])
        except BadNote:
            yield text.count("\n", 0, match.start()) + 1
        place = match.end()
    if text[place:].strip("\n"):
        yield text.count("\n", 0, place) + 1
