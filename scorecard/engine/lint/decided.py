"""Lint of conditions: literals that are no option, what can never be decided, what a blank leaves undecided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scorecard.engine.language.exact import compiled
from scorecard.engine.language.function import FUNCTIONS
from scorecard.engine.language.syntax import Bin, Call, Cmp, E, In, Name, Str, children, walk
from scorecard.engine.lint.reporter import Reporter, missing
from scorecard.engine.rulebook.dependencies import all_expressions, depends_on, entries_of
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.text import Text

NOTHING: Any = None  # numbers alone read nothing of a context
#: Where the total and the grade are known.
AFTER_THE_TOTAL = ("caps.", "adjustments.", "measures.", "estimates.")


def decided(rulebook: Rulebook, r: Reporter) -> None:
    for path, expression, _ in all_expressions(rulebook):
        for node in expression.walk():
            for option in _strays(rulebook, node):
                missing(r, path, Text("选项", "option"), option)
            why = _never(node, after=path.startswith(AFTER_THE_TOTAL))
            if why is not None:
                r.report(path, "never", why, Text("请改正表达式。", "Correct the expression."))
    for path, entry, raw in _conclusions(rulebook):
        read = _left_open(rulebook, entry.when.node)
        if read and "when_unknown" not in raw:
            names, names_en = "、".join(t.zh for t in read), ", ".join(t.en for t in read)
            said = Text(
                f"条件取决于机构填报的“{names}”，留空时无法判断。",
                f"The condition reads what the bank gives ({names_en}); a blank leaves it open.",
            )
            remedy = Text(
                "请写明 when_unknown：apply（按成立处理）或 skip（按不成立处理）。",
                "Say when_unknown: apply (as if it held) or skip (as if it did not).",
            )
            r.report(f"{path}.when_unknown", "unknown", said, remedy)


def _strays(rulebook: Rulebook, node: E) -> Iterator[str]:
    """Yield the texts that a name is compared with and that are none of its options."""
    match node:
        case In(Name(id), texts, _):
            compared = texts
        case Cmp(_, Name(id), Str(text)) | Cmp(_, Str(text), Name(id)):
            compared = (text,)
        case _:
            return
    declared = rulebook.properties.get(id) or rulebook.facts.get(id)
    if declared is not None and declared.options:
        yield from (text for text in compared if text not in declared.options)


def _never(node: E, *, after: bool) -> Text | None:
    """Say why a part of an expression has no value, or always the same, whatever is filed."""
    match node:
        case Bin("/", _, by) if not any(isinstance(n, Name | Call) for n in walk(by)) and compiled(by)(NOTHING) == 0:
            return Text("分母总是零，永远无法计算。", "The divisor is always zero: there is never a value.")
        case Cmp(_, left, right) if left == right:
            return Text("比较的两侧相同，结果总是一样。", "Both sides are the same for every bank.")
        case Call(name, _) if FUNCTIONS[name].of_total and not after:
            return Text(
                f"“{name}”在此处永远无法判断：总分和等次此时尚未得出。",
                f"“{name}” can never be decided here: total and grade are not known yet.",
            )
    return None


def _conclusions(rulebook: Rulebook) -> Iterator[tuple[str, Any, Any]]:
    data = rulebook.document_data
    for i, cap in enumerate(rulebook.caps):
        yield f"caps.{i}", cap, data["caps"][i]
    for adjustment in rulebook.adjustments:
        for i, case in enumerate(adjustment.cases):
            yield f"adjustments.{adjustment.id}.cases.{i}", case, data["adjustments"][adjustment.id]["cases"][i]
    for id, measure in rulebook.measures.items():
        yield f"measures.{id}", measure, data["measures"][id]


def _open_names(node: E) -> Iterator[str]:
    """Yield the names whose blank leaves a condition open, `answered` aside."""
    if isinstance(node, Name):
        yield node.id
    elif isinstance(node, Call):
        if not FUNCTIONS[node.name].decides:
            for child in FUNCTIONS[node.name].values(node):
                yield from _open_names(child)
    else:
        for child in children(node):
            yield from _open_names(child)


def _left_open(rulebook: Rulebook, node: E) -> list[Text]:
    """Return the labels of the bank's facts and properties that a condition reads, through definitions too."""
    names = list(dict.fromkeys(_open_names(node)))
    behind = depends_on(rulebook, entries_of(rulebook, [Name(n) for n in names]), ("facts", "definitions"))
    facts = [rulebook.facts[e.partition(".")[2]] for e in behind if e.startswith("facts.")]
    found = [spec.label for spec in facts if spec.supplied_by == "bank" and spec.derived is None]
    return found + [rulebook.properties[n].label for n in names if n in rulebook.properties]
