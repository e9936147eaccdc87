"""The expression language of rulebooks: syntax, types, exact evaluation, words, peer statistics, and its functions."""

from importlib import import_module
from pathlib import Path

# Each file of `functions/` declares some; nothing of the language is used before all are there.
for _file in sorted((Path(__file__).parent / "functions").glob("*.py")):
    if _file.stem != "__init__":
        import_module(f"scorecard.engine.language.functions.{_file.stem}")
