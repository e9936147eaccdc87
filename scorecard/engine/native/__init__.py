"""A rulebook compiled to machine code: an optional, faster way to what `scorecard.engine.arrays` computes.

See docs/compiled.md. The engine works without it.
"""

from scorecard.engine.native.library import available, compiler, configure

__all__ = ["available", "compiler", "configure"]
