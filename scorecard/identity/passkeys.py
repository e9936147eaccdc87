"""WebAuthn by ``fido2``: what a browser is asked, and whether its answer holds (W3C WebAuthn level 2, section 7).

A challenge is kept nowhere until it is used: 16 random bytes and the time, with an HMAC over them, the purpose and the
person. It is good for ``GOOD_FOR`` seconds and once.
"""

import json
import secrets
import struct
import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .models import Factor, Kind, SpentChallenge

GOOD_FOR = 3600
ADD, CONFIRM, SIGN_IN = "add", "confirm", "sign in"  # what a challenge is for
_VERIFIED = UserVerificationRequirement.REQUIRED
_NONCE = 16 + 8
LONGEST = 20_000  # characters of an answer; a browser's has one or two thousand
# What reading an answer fails with that no browser has given: JSON and CBOR of any form and depth, keys that are none.
_UNREADABLE = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, struct.error, InvalidSignature,
    UnsupportedAlgorithm,
)  # fmt: skip


def domain() -> str:
    """The domain name that passkeys belong to."""
    named = settings.PASSKEY_DOMAIN or next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
    return str(named).lstrip(".").partition(":")[0]


def _server() -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name="Scorecard", id=domain()))


# --- Challenges ------------------------------------------------------------------------------------------------------
def new_challenge(purpose: str, person_id: int | None) -> bytes:
    """A challenge for one purpose and person; nobody else can make one."""
    nonce = secrets.token_bytes(16) + struct.pack(">Q", int(time.time()))
    return nonce + _mac(nonce, purpose, person_id)


def _mac(nonce: bytes, purpose: str, person_id: int | None) -> bytes:
    return salted_hmac(f"passkey {purpose} {person_id or ''}", nonce, algorithm="sha256").digest()


def _is_ours(challenge: bytes, purpose: str, person_id: int | None) -> bool:
    nonce = challenge[:_NONCE]
    if len(nonce) < _NONCE or not constant_time_compare(challenge[_NONCE:], _mac(nonce, purpose, person_id)):
        return False
    made = int.from_bytes(nonce[16:])
    return 0 <= time.time() - made <= GOOD_FOR


def _spend(challenge: bytes) -> bool:
    """Whether nobody has used it before."""
    try:
        with transaction.atomic():
            SpentChallenge.objects.create(digest=sha256(challenge).hexdigest())
    except IntegrityError:
        return False
    return True


def forget_old_challenges() -> None:
    """Remove what is too old to be used a second time."""
    SpentChallenge.objects.filter(at__lt=timezone.now() - timedelta(seconds=2 * GOOD_FOR)).delete()


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _VERIFIED}


def _parts(answer: str) -> Any:
    """The parts of an answer. Raises one of ``_UNREADABLE``."""
    if len(answer) > LONGEST:
        raise ValueError("An answer is not as long as that.")
    return json.loads(answer)


# --- Adding one ------------------------------------------------------------------------------------------------------
def adding_options(person: Any, factors: Sequence[Factor]) -> str:
    """What the browser is asked for a new passkey, as JSON."""
    options, _state = _server().register_begin(
        PublicKeyCredentialUserEntity(id=struct.pack(">Q", person.pk), name=person.username, display_name=str(person)),
        _credentials(factors),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_VERIFIED,
        challenge=new_challenge(ADD, person.pk),
    )
    return json.dumps(dict(options)["publicKey"])


def read_new(person: Any, answer: str) -> Factor | None:
    """The passkey of the browser's answer, not saved; None where it does not hold."""
    try:
        response = RegistrationResponse.from_dict(_parts(answer))
        challenge = response.response.client_data.challenge
        if not _is_ours(challenge, ADD, person.pk):
            return None
        data = _server().register_complete(_state(challenge), response)
    except _UNREADABLE:
        return None
    made = data.credential_data
    if made is None or not _spend(challenge):
        return None
    return Factor(
        person=person,
        kind=Kind.PASSKEY,
        credential=websafe_encode(made.credential_id),
        public=websafe_encode(bytes(made)),
        counter=data.counter,
    )


# --- Asking for one --------------------------------------------------------------------------------------------------
def asking_options(purpose: str, person: Any = None, factors: Sequence[Factor] = ()) -> str:
    """What the browser is asked so that a passkey of the person answers, as JSON; without a person any passkey may."""
    options, _state = _server().authenticate_begin(
        _credentials(factors) or None,
        user_verification=_VERIFIED,
        challenge=new_challenge(purpose, person.pk if person is not None else None),
    )
    return json.dumps(dict(options)["publicKey"])


def factor_of(answer: str) -> Factor | None:
    """The passkey that an answer names; whether the answer holds is another question."""
    try:
        name = str(_parts(answer)["id"])
    except _UNREADABLE:
        return None
    if not name.isascii() or not name.isprintable():  # Base64 is; nothing else is asked of the database
        return None
    return Factor.objects.select_related("person").filter(kind=Kind.PASSKEY, credential=name[:1400]).first()


def spend(factor: Factor, answer: str, purpose: str, person_id: int | None) -> bool:
    """Whether the answer is this passkey's to a challenge of ours that nobody has used. A counter that does not grow
    is a copy's."""
    try:
        response = AuthenticationResponse.from_dict(_parts(answer))
        challenge = response.response.client_data.challenge
        if not _is_ours(challenge, purpose, person_id):
            return False
        _server().authenticate_complete(_state(challenge), _credentials([factor]), response)
        counter = response.response.authenticator_data.counter
    except _UNREADABLE:
        return False
    if not _spend(challenge):
        return False
    fresh = Q(counter__lt=counter) if counter else Q(counter=0)
    return bool(Factor.objects.filter(fresh, pk=factor.pk).update(counter=counter, used_at=timezone.now()))


def _credentials(factors: Sequence[Factor]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(websafe_decode(one.public)) for one in factors if one.kind == Kind.PASSKEY]
