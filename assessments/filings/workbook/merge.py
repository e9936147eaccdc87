"""What stood at download, what the file says, what the draft holds now: three values of each input, merged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assessments.filings.keys import Key
from assessments.filings.workbook.stamp import Value


@dataclass(frozen=True, slots=True)
class Both:
    """An input that was changed in the file and on the web since the download, to two values."""

    key: Key
    base: Value
    typed: Value
    web: Value


@dataclass
class Merge:
    """What is taken from the file, and what a person decides."""

    taken: dict[Key, Value] = field(default_factory=dict)
    conflicts: list[Both] = field(default_factory=list)


def merge(base: Mapping[Key, Value], typed: Mapping[Key, Value], web: Callable[[Key], Value]) -> Merge:
    """Merge what a file says into what the web holds. What the file does not name stays as it is."""
    found = Merge()
    for key, value in typed.items():
        now, before = web(key), base[key]
        if value in (now, before):
            continue
        if now == before:
            found.taken[key] = value
        else:
            found.conflicts.append(Both(key, before, value, now))
    return found
