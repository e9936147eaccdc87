"""The engine's rulebook of a published version, read once per process. A version never changes, so nothing expires."""

from collections.abc import Iterable
from threading import Lock

from assessments.models import RulebookVersion
from scorecard.engine import Rulebook, rulebook_from_json

KEPT = 64  # rulebooks at once; the oldest of them leaves first
_books: dict[str, Rulebook] = {}
_lock = Lock()


class RulebookChanged(Exception):
    """The stored content of a published version no longer gives its hash; nothing may be scored with it."""


def engine_rulebook(version: RulebookVersion) -> Rulebook:
    """The parsed rulebook of a published version; raises ``RulebookChanged`` where the content was tampered with."""
    return engine_rulebooks([version])[version.hash]


def engine_rulebooks(versions: Iterable[RulebookVersion]) -> dict[str, Rulebook]:
    """The parsed rulebooks of many versions, by hash; one query reads those that this process has not read yet."""
    wanted = [version.hash for version in versions]
    found = {each: _books[each] for each in wanted if each in _books}
    if unread := set(wanted) - found.keys():
        rows = RulebookVersion.objects.filter(hash__in=unread).values_list("hash", "content")
        found |= {each: _parsed(each, content) for each, content in rows}
        if lacking := unread - found.keys():
            raise RulebookVersion.DoesNotExist(f"There is no published version {', '.join(sorted(lacking))}.")
    return found


def _parsed(content_hash: str, content: str) -> Rulebook:
    rulebook = rulebook_from_json(content)
    if rulebook.hash != content_hash:
        raise RulebookChanged(f"The content of the rulebook version {content_hash} was changed after publication.")
    with _lock:
        while len(_books) >= KEPT:
            del _books[next(iter(_books))]
        _books[content_hash] = rulebook
    return rulebook


def forget() -> None:
    """Empty the cache; for tests that publish under one hash after another database was emptied."""
    with _lock:
        _books.clear()
