"""Errors that the engine raises. Each carries a full sentence in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scorecard.engine.values.text import Text

if TYPE_CHECKING:
    from scorecard.engine.values.findings import Finding


class EngineError(Exception):
    """Base of the engine's own errors; `message` is bilingual."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class FactError(EngineError, ValueError):
    """A typed or uploaded text is not a value of the fact."""


class ExpressionError(EngineError, ValueError):
    """An expression of a rulebook is outside the closed language, or its types or units do not agree."""


class RulebookError(EngineError):
    """A rulebook cannot be loaded; `findings` lists everything that is wrong with it."""

    def __init__(self, message: Text, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings
