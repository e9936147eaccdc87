"""Keeping filings encoded: at submission, and wherever the encoded form is missing or of another layout."""

import logging
from collections.abc import Callable, Sequence

from assessments.filings.scoring_input import version_input
from assessments.models import EncodedFiling, FilingVersion
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.bulk import sql
from assessments.scoring.bulk.encoding import Layout, layout_of
from scorecard.engine import Rulebook

logger = logging.getLogger(__name__)

BATCH = 200  # versions that are read as JSON at once
# What a version can hold that the engine cannot read: it is reported with its bank, and the others are scored.
UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError)


def encode_version(version: FilingVersion) -> EncodedFiling:
    """Keep a new version encoded, in the transaction of its submission."""
    layout = layout_of(engine_rulebook(version.assessment.round.rulebook))
    return EncodedFiling.objects.create(version=version, layout=layout.hash, body=_body(version, layout))


def encode_missing(
    versions: Sequence[int], rulebook: Rulebook, done: Callable[[int], None] = lambda count: None
) -> int:
    """Encode the versions that are not encoded in the rulebook's layout; returns how many.

    ``done`` is told the number after every batch. Two who encode the same version write the same bytes.
    """
    layout = layout_of(rulebook)
    known = sql.fetch(
        "SELECT version_id FROM assessments_encodedfiling"
        " WHERE version_id = ANY(%(versions)s::bigint[]) AND layout = %(layout)s",
        {"versions": list(versions), "layout": layout.hash},
    )
    missing = sorted(set(versions) - {row[0] for row in known})
    for start in range(0, len(missing), BATCH):
        rows = FilingVersion.objects.filter(pk__in=missing[start : start + BATCH])
        EncodedFiling.objects.bulk_create(
            [EncodedFiling(version=row, layout=layout.hash, body=_body(row, layout)) for row in rows],
            update_conflicts=True,
            unique_fields=["version"],
            update_fields=["layout", "body"],
        )
        done(min(start + BATCH, len(missing)))
    return len(missing)


def _body(version: FilingVersion, layout: Layout) -> bytes:
    """The version's bytes; data that cannot be read is marked, so that scoring meets it and names the bank."""
    try:
        return layout.encode(version_input(version, rulebook=layout.rulebook))
    except UNREADABLE:
        logger.warning("Version %s cannot be read; scoring it will say so.", version.pk)
        return layout.exact()
