"""What the preview of an upload shows, signed for one person and one hour: what is written is what was shown."""

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused

SECONDS = 3600


def sealed_preview(salt: str, actor: Any, of: str, content: Any) -> str:
    """The content as a field of the page. ``of`` names what it would be written to."""
    return signing.dumps({"by": actor.pk, "of": of, "content": content}, salt=salt, compress=True)


def opened_preview(salt: str, actor: Any, of: str, text: str) -> Any:
    """The content that came back. Raises ``Refused`` for one that is older than an hour, was changed, or was shown to
    somebody else or of something else.
    """
    try:
        found = signing.loads(text, salt=salt, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Refused([_("The preview is older than an hour; upload the file again.")]) from error
    if (found.get("by"), found.get("of")) != (actor.pk, of):
        raise Refused([_("The preview was somebody else's; upload the file again.")])
    return found["content"]
