"""What of the data is protected: which tables are append-only, and which fields of a row an event seals.

Apps declare their models in ``<app>/protected.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model

from .declared import Declared


@dataclass(frozen=True)
class Protected:
    """A model, the fields that a seal covers, and whether its rows ever change.

    ``file_gone`` names the event that tells of files removed on purpose (``rows`` in its details: their rows' numbers).
    ``but`` names the fields of an append-only table that a later step writes; ``once`` is a condition in SQL on OLD:
    until it holds, a row may still change and go. ``file`` names the field of a file and that of its SHA-256.
    """

    model: type[Model]
    sealed: Sequence[str]
    append_only: bool
    but: Sequence[str] = ()
    once: str = ""
    file: tuple[str, str] | None = None
    file_gone: str = ""

    @property
    def label(self) -> str:
        """The model's name, as events and seals write it."""
        return self.model._meta.label_lower


_protected: dict[str, Protected] = {}
_declared = Declared("protected")


def protect(
    model: type[Model],
    *,
    sealed: Sequence[str] = (),
    append_only: bool = True,
    but: Sequence[str] = (),
    once: str = "",
    file: tuple[str, str] | None = None,
    file_gone: str = "",
) -> None:
    """Declare one model; once each."""
    one = Protected(model, sealed, append_only, but, once, file, file_gone)
    if one.label in _protected:
        raise ValueError(f"{one.label} is declared twice.")
    _protected[one.label] = one


def all_protected() -> dict[str, Protected]:
    """Every declared model by its name; loads each app's ``protected`` module the first time."""
    _declared.load()
    return _protected
