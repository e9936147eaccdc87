"""Loads every rule kind: each file of this folder may bring one."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from scorecard.engine.rules.base import KINDS

for _file in sorted(Path(__file__).parent.glob("*.py")):
    if _file.stem not in ("__init__", "registry", "wording"):
        import_module(f"scorecard.engine.rules.{_file.stem}")

__all__ = ["KINDS"]
