"""A rulebook compiled to machine code: an optional, faster way to what `scorecard.engine.many` computes.

See docs/compiled.md. The engine works without it.
"""

from scorecard.engine.compiled.library import available, compiler, configure

__all__ = ["available", "compiler", "configure"]
