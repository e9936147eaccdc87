"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits and steps of 30 seconds."""

import hmac
import time

import pyotp
import segno
from django.utils import timezone

from .keys import decrypt, encrypt
from .models import Factor, Kind

STEP, DIGITS = 30, 6
ISSUER = "Scorecard"


def new_secret() -> str:
    """160 random bits in Base32, as apps take them."""
    return pyotp.random_base32()


def address(secret: str, username: str) -> str:
    """The address that an app reads out of the picture."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER))


def picture(secret: str, username: str) -> str:
    """The QR code of that address, as a ``data:`` address of an SVG image."""
    return str(segno.make(address(secret, username), error="m").svg_data_uri(scale=5, border=2))


def matching_step(secret: str, code: str, now: float | None = None) -> int | None:
    """The step whose code this is: the present one, the one before or the one after; None where it is none of them."""
    made, present = pyotp.TOTP(secret), int(time.time() if now is None else now) // STEP
    found = None
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(made.generate_otp(step), code):
            found = step
    return found


def spend(factor: Factor, code: str) -> bool:
    """Whether the code fits and has not been used: of two requests with the same code one gets through."""
    secret = decrypt(factor.secret)
    step = matching_step(secret, code) if secret else None
    if step is None:
        return False
    taken = Factor.objects.filter(pk=factor.pk, kind=Kind.TOTP, last_step__lt=step)
    # Encrypted anew with each use, so that an old SECRET_KEY falls out of use.
    return bool(taken.update(last_step=step, used_at=timezone.now(), secret=encrypt(secret)))
