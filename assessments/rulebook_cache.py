"""The engine's rulebook of a published version, read once per process. A version never changes, so nothing expires."""

from functools import lru_cache

from assessments.models import RulebookVersion
from scorecard.engine import Rulebook


class RulebookChanged(Exception):
    """The stored content of a published version no longer gives its hash; nothing may be scored with it."""


@lru_cache(maxsize=32)
def _read(content_hash: str) -> Rulebook:
    content = RulebookVersion.objects.only("content").get(hash=content_hash).content
    rulebook = Rulebook.from_json(content)
    if rulebook.hash != content_hash:
        raise RulebookChanged(f"The content of the rulebook version {content_hash} was changed after publication.")
    return rulebook


def engine_rulebook(version: RulebookVersion) -> Rulebook:
    """The parsed rulebook of a published version; raises ``RulebookChanged`` where the content was tampered with."""
    return _read(version.hash)


def forget() -> None:
    """Empty the cache; for tests that publish under one hash after another database was emptied."""
    _read.cache_clear()
