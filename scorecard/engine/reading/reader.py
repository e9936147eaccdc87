"""From marks to a rulebook. Everything that is wrong becomes a finding; nothing stops at the first."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from scorecard.engine.declarations.fields import Fields
from scorecard.engine.declarations.keys import read_entries, read_entry, read_listed
from scorecard.engine.declarations.source import Mark, from_plain, parse_json
from scorecard.engine.errors import RulebookError
from scorecard.engine.reading.changes import VERBS
from scorecard.engine.reading.extends import canonical_data
from scorecard.engine.rulebook.dependencies import facts_of_rule
from scorecard.engine.rulebook.model import Head
from scorecard.engine.rulebook.rulebook import GROUPS, TOP_KEYS, Extension, Rulebook
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
    rulebook, f = read_with_fields(root, findings)
    return rulebook, f.findings


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
            f.documents, f.under = groups[name], head.instrument
    about = {field.name: getattr(head, field.name) for field in fields(head) if field.name != "total"}
    limits = {field.name: getattr(head.total, field.name) for field in fields(head.total)}
    rulebook = Rulebook(
        **about,
        **limits,
        **groups | {"adjustments": tuple(groups["adjustments"].values())},
        extends=_extension(f, f.mapping(root, "extends")),
        document_data=canonical_data(root),
    )
    f.marks = dict(root.items())
    return _linked(rulebook), f


def _extension(f: Fields, mark: Mark) -> Extension | None:
    """Read what `extended` left of `extends`: name and hash of the base, and the changes that were made."""
    if not mark.value:
        return None
    changes = tuple(
        (verb, str(path.value)) for change in f.list(mark, "changes") for verb, path in change.items() if verb in VERBS
    )
    return Extension(f.string(mark, "rulebook", required=True), f.string(mark, "hash"), changes)


def _linked(rulebook: Rulebook) -> Rulebook:
    """Return the rulebook whose indicators know their facts, and whose sections know what they hold."""
    indicators, sections = rulebook.indicators.values(), rulebook.sections.values()
    return replace(
        rulebook,
        indicators={i.id: replace(i, facts=facts_of_rule(rulebook, i.rule)) for i in indicators},
        sections={
            section.id: replace(
                section,
                children=tuple(s.id for s in sections if s.parent == section.id),
                indicators=tuple(i.id for i in indicators if i.section == section.id),
            )
            for section in sections
        },
    )
