"""What a document says of how anybody checks it, and the address that its QR code holds."""

from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from .model import PublicCheck

PATH = "/verify/"


def public_check(number: str, digest: str) -> PublicCheck:
    """The panel of a document with this number and digest, in the language of the document."""
    site = settings.SITE_URL.rstrip("/")
    query = urlencode({"number": number, "digest": digest})
    return PublicCheck(
        number=number,
        digest=digest,
        address=f"{site}{PATH}?{query}" if site else f"{number} {digest}",
        words=_(
            "Scan the code, or enter number and digest on the page “Check a document”, to learn whether it is genuine."
        ),
        number_label=_("Number"),
        digest_label=_("Digest"),
    )
