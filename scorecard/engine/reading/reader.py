"""From marks to a rulebook. Everything that is wrong becomes a finding; nothing stops at the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.keys import read_entries, read_entry, read_listed
from scorecard.engine.declarations.source import Mark, from_plain, parse_json
from scorecard.engine.errors import RulebookError
from scorecard.engine.reading.changes import VERBS
from scorecard.engine.reading.extends import canonical_data
from scorecard.engine.rulebook.dependencies import DeclaredFigures, facts_of_rule
from scorecard.engine.rulebook.model import GROUPS, TOP_KEYS, Head, Indicator, Section
from scorecard.engine.rulebook.rulebook import Extension, Rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text


def rulebook_from_json(text: str) -> Rulebook:
    """Read canonical JSON. Raises RulebookError with all findings when it is not a rulebook."""
    rulebook, findings = read_rulebook(from_plain(parse_json(text)))
    if findings:
        raise RulebookError(Text("评价办法数据有误。", "The data are not a rulebook."), tuple(findings))
    return rulebook


def read_rulebook(root: Mark, findings: list[Finding] | None = None) -> tuple[Rulebook, list[Finding]]:
    """Read a rulebook and everything that is wrong in its form. Meaning is checked by `lint`."""
    rulebook, fields = read_with_fields(root, findings)
    return rulebook, fields.findings


def read_with_fields(root: Mark, findings: list[Finding] | None = None) -> tuple[Rulebook, Fields]:
    f = Fields(findings if findings is not None else [])
    f.known(root, TOP_KEYS)
    head: Head = read_entry(f, f.mapping(root, "rulebook", required=True), Head)
    groups: dict[str, Any] = {}
    for name, group in GROUPS.items():
        if group.listed:
            groups[name] = read_listed(f, f.some(root, name) if group.required else f.list(root, name), group.entry)
            continue
        groups[name] = read_entries(f, f.mapping(root, name, group.required), group.entry)
        if name == "documents":
            f.citations = {id: document.cite for id, document in groups[name].items()}
    figures = DeclaredFigures(groups["facts"], groups["definitions"], groups["targets"])
    indicators = {k: replace(i, facts=facts_of_rule(figures, i.rule)) for k, i in groups["indicators"].items()}
    groups |= {
        "indicators": indicators,
        "sections": _with_contents(groups["sections"], indicators),
        "adjustments": tuple(groups["adjustments"].values()),
    }
    rulebook = Rulebook(
        code=head.code,
        version=head.version,
        year=head.year,
        title=head.title,
        summary=head.summary,
        basis=head.basis,
        rounding=head.rounding,
        peer_minimum=head.peer_minimum,
        min=head.total.min,
        max=head.total.max,
        floor=head.total.floor,
        ceiling=head.total.ceiling,
        extends=_extension(f, f.mapping(root, "extends")),
        document_data=canonical_data(root),
        **groups,
    )
    f.marks = dict(root.items())
    return rulebook, f


def _extension(f: Fields, mark: Mark) -> Extension | None:
    """Read what `extended` left of `extends`: name and hash of the base, and the changes that were made."""
    if not mark.value:
        return None
    changes = tuple(
        (verb, str(path.value)) for change in f.list(mark, "changes") for verb, path in change.items() if verb in VERBS
    )
    return Extension(f.string(mark, "rulebook", required=True), f.string(mark, "hash"), changes)


def _with_contents(sections: Mapping[str, Section], indicators: Mapping[str, Indicator]) -> dict[str, Section]:
    """Return the sections, each with the sections and indicators that name it."""
    return {
        id: replace(
            section,
            children=tuple(s.id for s in sections.values() if s.parent == id),
            indicators=tuple(i.id for i in indicators.values() if i.section == id),
        )
        for id, section in sections.items()
    }
