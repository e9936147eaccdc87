"""What the lint modules share: where an entry stands, and leaving out the consequences of what is already reported."""

from __future__ import annotations

from scorecard.engine.reading.declarations import Fields
from scorecard.engine.reading.source import Mark
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text


class Reporter:
    """Gathers findings on a parsed rulebook. A finding on an entry whose form is already reported is left out."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.findings: list[Finding] = []

    def where(self, path: str) -> tuple[str, int]:
        """Return file and line of the deepest mark that exists on the way to `path`."""
        parts = path.split(".")
        marks = self.fields.marks
        mark = marks.get(parts[0])
        if mark is None:
            return "rulebook.yaml", 1
        file, line = mark.file, mark.line
        rest = parts[1:]
        while rest:
            found: Mark | None = None
            taken = 1
            if isinstance(mark.value, dict):
                for taken in range(len(rest), 0, -1):
                    key = ".".join(rest[:taken])
                    if key in mark.value:
                        found = mark.value[key]
                        line = mark.key_lines.get(key, found.line)
                        break
            elif isinstance(mark.value, list) and rest[0].isdigit() and int(rest[0]) < len(mark.value):
                found, taken = mark.value[int(rest[0])], 1
                line = found.line
            if found is None:
                break
            mark, rest = found, rest[taken:]
            file = mark.file
            line = line if mark.file == file else mark.line
        return file, line

    def broken(self, path: str) -> bool:
        return any(b == path or b.startswith(path + ".") or path.startswith(b + ".") for b in self.fields.broken if b)

    def any_broken(self, group: str) -> bool:
        return any(b == group or b.startswith(group + ".") for b in self.fields.broken)

    def report(self, path: str, code: str, message: Text, remedy: Text) -> None:
        parts = path.split(".rule")
        if self.broken(path) or (len(parts) > 1 and self.any_broken(f"{parts[0]}.rule")):
            return
        file, line = self.where(path)
        self.findings.append(Finding(file, line, path, code, message, remedy))
