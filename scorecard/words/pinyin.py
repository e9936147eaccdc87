"""Chinese names in the order of their pinyin, and the initials by which people look for them.

Databases sort text by code point, where 中 stands before 银. Both databases of the project get the same order from a
key that is stored beside the name. The readings of characters come from pypinyin, whose phrases know that 行 in 银行 is
read *hang*.
"""

from collections.abc import Callable
from typing import Any, cast

from django.db import models


def sort_key(name: str) -> str:
    """Return the key that sorts a name by syllable, tone and character: ``上海`` → ``shang4上 hai3海``."""
    from pypinyin import Style, pinyin  # its tables take a moment and memory: only those who write a name pay

    parts: list[str] = []
    readings = pinyin(name, style=Style.TONE3, neutral_tone_with_five=True, errors=cast(Any, list))
    for character, reading in zip(name, readings, strict=False):
        parts.append(character.lower() if reading[0] == character else f"{reading[0]}{character}")
    return " ".join(parts)


def initials(name: str) -> str:
    """Return the first letter of each syllable, other text in lower case: ``上海银行`` → ``shyh``."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


class NameKey(models.CharField):  # type: ignore[type-arg]
    """A text that ``make`` makes of the row's name just before it is written."""

    make: Callable[[str], str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given: dict[str, Any] = {"max_length": 1000, "default": "", "editable": False} | kwargs
        super().__init__(*args, **given)

    def deconstruct(self) -> tuple[Any, ...]:
        """In a migration it is plain text, so that migrations import nothing of ours."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """The key of the name as it is now."""
        value = type(self).make(getattr(model_instance, model_instance.named_by))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


class SortKey(NameKey):
    """What a list of names is sorted by."""

    make = staticmethod(sort_key)


class Initials(NameKey):
    """What a name is found by."""

    make = staticmethod(initials)


class Named(models.Model):
    """A row whose name sorts by pinyin and is found by its initials; ``named_by`` is the field with the name.

    Both keys follow the name whenever the row is saved, with ``update_fields`` too, or created in bulk.
    """

    named_by = "name"
    name_sort = SortKey()
    name_initials = Initials()

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Any = None, **kwargs: Any) -> None:
        """Save the row and, where its name is saved, both keys."""
        if update_fields is not None and self.named_by in update_fields:
            update_fields = {*update_fields, "name_sort", "name_initials"}
        super().save(*args, update_fields=update_fields, **kwargs)
