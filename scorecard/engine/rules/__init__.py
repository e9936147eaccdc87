"""The rule kinds: how an indicator turns facts into points. One file per family; `base.KINDS` has each by its name."""

from importlib import import_module
from pathlib import Path

# A kind is there as soon as its class is declared; each file may bring some.
for _file in sorted(Path(__file__).parent.glob("*.py")):
    if _file.stem != "__init__":
        import_module(f"scorecard.engine.rules.{_file.stem}")
