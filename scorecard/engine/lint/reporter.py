"""What the lint modules share: where an entry stands, and leaving out the consequences of what is already reported."""

from __future__ import annotations

from dataclasses import dataclass

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.source import Mark
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text


class Reporter:
    """Gathers findings on a parsed rulebook. A finding on an entry whose form is already reported is left out."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.findings: list[Finding] = []

    def where(self, path: str) -> tuple[str, int]:
        """Return file and line of the deepest mark that exists on the way to `path`."""
        at, line, rest = Mark(self.fields.marks, "rulebook.yaml", 1, ""), 1, path.split(".")
        while found := at.step(rest):
            key, below, rest = found
            line, at = at.key_lines.get(key, below.line), below
        return at.file, line

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


def missing(r: Reporter, path: str, what: Text, id: str) -> None:
    said = Text(f"没有编号为“{id}”的{what.zh}。", f"There is no {what.en} “{id}”.")
    remedy = Text(f"请改正编号，或补充该{what.zh}。", f"Correct the id, or add the {what.en}.")
    r.report(path, "reference", said, remedy)


FACT, TARGET = Text("填报项", "fact"), Text("目标", "target")
SECTION, GRADE = Text("板块", "section"), Text("等次", "grade")
TOOL, PART = Text("监管工具", "tool"), Text("计分部分", "part")


@dataclass(frozen=True, slots=True)
class RuleReporter:
    """Reports on one rule; paths are within the rule."""

    rulebook: Rulebook
    reporter: Reporter
    path: str

    def report(self, path: str, code: str, message: Text, remedy: Text) -> None:
        self.reporter.report(f"{self.path}.{path}" if path else self.path, code, message, remedy)

    def options(self, fact: str, kind: str, used: set[str], key: str) -> None:
        """Report a fact of another kind, and options that it has not or that are not used under `key`."""
        spec = self.rulebook.facts.get(fact)
        if spec is None:
            return
        if spec.kind != kind:
            said = Text(f"该规则需要类型为“{kind}”的填报项。", f"This rule needs a fact of kind “{kind}”.")
            self.report("fact", "type", said, Text("请改用相应的填报项。", "Use such a fact."))
            return
        for id in sorted(used - set(spec.options)):
            said = Text(f"填报项没有选项“{id}”。", f"The fact has no option “{id}”.")
            self.report(f"{key}.{id}", "reference", said, Text("请改正选项编号。", "Correct the option's id."))
        for id in sorted(set(spec.options) - used):
            said = Text(f"选项“{id}”没有分值。", f"The option “{id}” has no points.")
            self.report(key, "unreachable", said, Text("请为每个选项写明分值。", "Give points to every option."))
