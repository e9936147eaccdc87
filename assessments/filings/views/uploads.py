"""Files that were sent with one form: each is kept or refused by itself."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused


def keep_each(uploads: Sequence[Any], keep: Callable[[Any], object]) -> list[Any]:
    """Keep every file by ``keep``, which raises ``Refused``; why files were refused, with the name where several were
    sent. A form that was sent without a file is told so.
    """
    if not uploads:
        return [_("No file was chosen. Choose one or more files first, then add them.")]
    reasons: list[Any] = []
    for upload in uploads:
        try:
            keep(upload)
        except Refused as refused:
            several = len(uploads) > 1
            reasons += [f"{upload.name}{_(': ')}{why}" for why in refused.reasons] if several else refused.reasons
    return reasons
