"""Which rulebooks lie in a folder, and finding one by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from scorecard.engine.errors import EngineError
from scorecard.engine.values.text import Text

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Installed:
    """A rulebook folder ``<root>/<code>/<version>/``."""

    code: str
    version: str
    path: Path


def _order(version: str) -> tuple[tuple[int, int | str], ...]:
    """Sort versions by number where they are numbers: 2 before 10."""
    return tuple((0, int(p)) if p.isdigit() else (1, p) for p in re.split(r"[.-]", version))


def installed(root: Path) -> list[Installed]:
    """Return every rulebook folder below `root`, by code and version."""
    found = [
        Installed(folder.parent.name, folder.name, folder)
        for folder in root.glob("*/*")
        if folder.is_dir() and any(folder.glob("*.yaml")) and _NAME.fullmatch(folder.name)
    ]
    return sorted(found, key=lambda i: (i.code, _order(i.version)))


def find(root: Path, name: str) -> Path:
    """Return the folder that `name` means: a path, ``code/version``, or ``code`` (its newest version).

    Raises EngineError that lists what there is.
    """
    direct = Path(name)
    if direct.is_dir() and any(direct.glob("*.yaml")):
        return direct
    code, _, version = name.partition("/")
    matches = [i for i in installed(root) if i.code == code and version in ("", i.version)]
    if matches:
        return matches[-1].path
    known = "、".join(f"{i.code}/{i.version}" for i in installed(root)) or "无"
    known_en = ", ".join(f"{i.code}/{i.version}" for i in installed(root)) or "none"
    raise EngineError(
        Text(f"没有评价办法“{name}”。现有：{known}。", f"There is no rulebook “{name}”. There are: {known_en}.")
    )
