"""Worked cases of a draft: those of the version it comes from, with what the changed rules give, and marked where that
is another result than before.

A case that still holds stays as it was written. Where the changed rules give something else, the new result is
computed by the engine; the file says so above the case, with what changed, since it proves nothing until somebody has
checked it by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessments.trials.draft import to_yaml
from scorecard.engine.cases.worked import differences, outcomes_of, read_file
from scorecard.engine.declarations.source import from_plain, read_yaml
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding

HEAD = """\
# 算例取自上一版本。规则修改后结果不变的，保持原样；结果改变的，由计分程序按修改后的规则算出，
# 已在该例上方标明，发布前须人工核对。
# The worked cases are those of the version before. Cases that still hold are kept as they were; where the changed
# rules give something else, the engine has computed it: such a case is marked, and must be checked by hand before
# publishing.
"""
COMPUTED = (
    "# 须人工核对：以下应得结果由计分程序算出。 Check by hand: the expected results below were computed by the engine."
)
LEFT_OUT = "# 未收入的算例（引用了本版本已没有的内容）。 Left out, since they name what this version no longer has: "


@dataclass(frozen=True, slots=True)
class DraftCases:
    """One file of worked cases of a draft.

    changed   case -> what came out otherwise: (key, expected before, computed now)
    left_out  cases that name something that the draft no longer has
    """

    name: str
    data: Mapping[str, Any]
    changed: Mapping[str, tuple[tuple[str, str, str], ...]]
    left_out: tuple[str, ...]

    def text(self) -> str:
        """The file as YAML, every computed result under a comment that says so."""
        parts = [HEAD]
        head = {key: value for key, value in self.data.items() if key != "cases"}
        if head:
            parts.append(to_yaml(head))
        parts.append("cases:\n" if self.data["cases"] else "cases: []\n")
        for case in self.data["cases"]:
            for_this = self.changed.get(case["id"])
            if for_this:
                parts.append(f"  {COMPUTED}\n")
                parts += [f"  #   {key}: {_line(before)} → {_line(now)}\n" for key, before, now in for_this]
            listed = to_yaml({"cases": [case]}).partition("\n")[2]
            parts.append(listed)
        if self.left_out:
            parts.append(f"{LEFT_OUT}{', '.join(self.left_out)}\n")
        return "".join(parts)


def _line(value: str) -> str:
    return " ".join(value.split())


def draft_cases(folder: Path, draft: Rulebook) -> Iterator[DraftCases]:
    """Yield each file of worked cases in `folder`, with the same facts and what `draft` gives for all that it expects.

    Facts that the draft no longer has are taken out; a case that expects something of what it no longer has is left
    out and named.
    """
    for path in sorted((folder / "vectors").glob("*.yaml")):
        name = f"vectors/{path.name}"
        problems: list[Finding] = []
        root = read_yaml(path, name, problems)
        if root is None:
            continue
        data = _known(root.plain(), draft)
        vectors = {v.id: v for v in read_file(draft, from_plain(data), name, problems)}
        kept: list[dict[str, Any]] = []
        changed: dict[str, tuple[tuple[str, str, str], ...]] = {}
        left_out: list[str] = []
        for case in data.get("cases") or []:
            vector = vectors.get(case.get("id"))
            try:
                if vector is None:
                    raise KeyError(case.get("id"))
                result = evaluate(draft, vector.case)
                found = differences(vector.expect, result)
                if found:
                    case["expect"] = _expected(case["expect"], list(outcomes_of(vector.expect, result)))
                    changed[vector.id] = tuple(found)
            except KeyError:
                left_out.append(str(case.get("id")))
                continue
            kept.append(case)
        data["cases"] = kept
        yield DraftCases(name, data, changed, tuple(left_out))


def _known(data: dict[str, Any], draft: Rulebook) -> dict[str, Any]:
    """The file without facts that the draft no longer has."""
    for entry in (*(data.get("bases") or {}).values(), *(data.get("cases") or [])):
        for facts in (entry.get("facts"), *(entry.get("history") or {}).values()):
            for name in [n for n in facts or {} if n not in draft.facts and n not in draft.targets]:
                del facts[name]
        if "without" in entry:
            entry["without"] = [name for name in entry["without"] or [] if name in draft.facts]
    return data


def _expected(before: Mapping[str, Any], found: list[tuple[str, Any, Any]]) -> dict[str, Any]:
    """What a case expects, with the values found; keys and their order stay."""
    after: dict[str, Any] = {}
    for key, value in before.items():
        after[key] = dict(value) if isinstance(value, Mapping) else value
    for key, _wanted, got in found:
        group, _, name = key.partition(".")
        if name:
            after[group][name] = got
        else:
            after[group] = got
    return after
