"""What lint says about a rulebook."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.engine.values.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong with a rulebook, where it stands, and what would mend it.

    `file` is relative to the rulebook's folder, `line` counts from 1, `key` is the path inside the document, such as
    ``indicators.A2.rule.points``. `code` names the kind of finding for tests and documents.
    """

    file: str
    line: int
    key: str
    code: str
    message: Text
    remedy: Text

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message.en} {self.remedy.en}"

    def get(self, lang: str) -> str:
        """Return the finding as one line in `lang`."""
        return f"{self.file}:{self.line}: {self.key}: {self.message.get(lang)} {self.remedy.get(lang)}"
