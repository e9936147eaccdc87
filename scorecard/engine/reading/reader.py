"""From marks to a rulebook. Everything that is wrong becomes a finding; nothing stops at the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scorecard.engine.errors import RulebookError
from scorecard.engine.reading.conclusions import (
    read_adjustments,
    read_caps,
    read_checks,
    read_estimates,
    read_grades,
    read_measures,
    read_targets,
    read_tools,
)
from scorecard.engine.reading.declarations import Fields
from scorecard.engine.reading.extends import VERBS
from scorecard.engine.reading.source import TOP_KEYS, Mark, canonical_data, from_plain, parse_json
from scorecard.engine.rulebook.dependencies import DeclaredFigures, facts_of_rule
from scorecard.engine.rulebook.model import (
    FACT_KINDS,
    SUPPLIERS,
    Definition,
    Document,
    Extension,
    FactSpec,
    Indicator,
    Parameter,
    Part,
    Property,
    Rounding,
    Section,
    Step,
)
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rules.registry import read_rule
from scorecard.engine.values.facts import FactValue
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import ROUNDING_MODES
from scorecard.engine.values.rational import ONE, Fraction
from scorecard.engine.values.text import Text

#: Default unit of a kind, and decimals with which it is filed.
KIND_DEFAULTS = {
    "amount": ("万元", 2),
    "count": ("户", 0),
    "ratio": ("%", 2),
    "rate": ("%", 2),
    "pp": ("pp", 2),
    "bp": ("bp", 2),
    "days": ("天", 2),
    "hours": ("学时", 2),
    "points": ("分", 2),
    "number": ("", 4),
    "bool": ("", 0),
    "level": ("", 0),
    "checklist": ("", 0),
    "text": ("", 0),
}


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
    head = f.mapping(root, "rulebook", required=True)
    f.known(head, ("code", "version", "year", "title", "summary", "basis", "total", "rounding"))
    for key, mark in f.mapping(root, "documents").items():
        f.known(mark, ("title", "number", "issuer", "date"))
        issuer = f.text(mark, "issuer") if mark.get("issuer") is not None else Text("", "")
        f.documents[key] = Document(
            key, f.text(mark, "title", required=True), f.string(mark, "number"), issuer, f.string(mark, "date")
        )
    total = f.mapping(head, "total", required=True)
    f.known(total, ("min", "max", "floor", "ceiling"))
    facts = {k: _fact(f, k, m) for k, m in f.mapping(root, "facts", required=True).items()}
    targets = read_targets(f, f.mapping(root, "targets"))
    definitions = {k: _definition(f, k, m) for k, m in f.mapping(root, "definitions").items()}
    indicators: dict[str, Indicator] = {}
    for key, mark in f.mapping(root, "indicators", required=True).items():
        indicators[key] = _indicator(f, key, mark, facts, definitions, targets)
    sections = _sections(f, f.mapping(root, "sections", required=True), indicators)
    rulebook = Rulebook(
        code=f.string(head, "code", required=True),
        version=f.string(head, "version", required=True),
        year=f.integer(head, "year", 0, 1949, 2200),
        title=f.text(head, "title", required=True),
        facts=facts,
        checks=read_checks(f, f.mapping(root, "checks")),
        sections=sections,
        indicators=indicators,
        targets=targets,
        grades=read_grades(f, root),
        caps=read_caps(f, root),
        adjustments=read_adjustments(f, f.mapping(root, "adjustments")),
        tools=read_tools(f, f.mapping(root, "tools")),
        measures=read_measures(f, f.mapping(root, "measures")),
        documents=dict(f.documents),
        definitions=definitions,
        parameters={k: _parameter(f, k, m) for k, m in f.mapping(root, "parameters").items()},
        properties={k: _property(f, k, m) for k, m in f.mapping(root, "properties").items()},
        parts={k: _part(f, k, m) for k, m in f.mapping(root, "parts").items()},
        rounding=_rounding(f, head),
        min=f.need_number(total, "min"),
        max=f.need_number(total, "max"),
        floor=f.number(total, "floor"),
        ceiling=f.number(total, "ceiling"),
        process=tuple(_step(f, m) for m in f.list(root, "process")),
        document_data=canonical_data(root),
        summary=f.text(head, "summary") if head.get("summary") is not None else Text("", ""),
        basis=f.basis(head, required=False),
        extends=_extension(f, f.mapping(root, "extends")),
        estimates=read_estimates(f, f.mapping(root, "estimates")),
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


def _rounding(f: Fields, head: Mark) -> Rounding:
    mark = f.mapping(head, "rounding", required=True)
    f.known(mark, ("indicator", "total", "mode", "basis"))
    return Rounding(
        f.integer(mark, "indicator", 2, 0, 8),
        f.integer(mark, "total", 2, 0, 8),
        f.choice(mark, "mode", ROUNDING_MODES, "half_up"),
        f.basis(mark),
    )


def _fact(f: Fields, key: str, m: Mark) -> FactSpec:
    f.known(
        m,
        (
            "label",
            "help",
            "kind",
            "unit",
            "digits",
            "min",
            "max",
            "options",
            "supplied_by",
            "section",
            "group",
            "carries_from",
            "required",
            "form",
            "derived",
            "source",
            "basis",
        ),
    )
    kind = f.choice(m, "kind", FACT_KINDS, "number", required=True)
    unit, digits = KIND_DEFAULTS[kind]
    return FactSpec(
        id=key,
        label=f.text(m, "label", required=True),
        kind=kind,
        unit=f.string(m, "unit", unit),
        help=f.text(m, "help") if m.get("help") is not None else Text("", ""),
        digits=f.integer(m, "digits", digits, 0, 10),
        min=f.number(m, "min"),
        max=f.number(m, "max"),
        options=f.texts(m, "options"),
        supplied_by=f.choice(m, "supplied_by", SUPPLIERS, "bank"),
        section=f.string(m, "section"),
        group=f.string(m, "group"),
        carries_from=f.string(m, "carries_from"),
        required=f.flag(m, "required", True),
        form=f.text(m, "form") if m.get("form") is not None else Text("", ""),
        derived=f.expression(m, "derived", required=False),
        source=f.source(m),
        basis=f.basis(m),
    )


def _definition(f: Fields, key: str, m: Mark) -> Definition:
    f.known(m, ("label", "unit", "expr", "source", "basis"))
    return Definition(
        key,
        f.text(m, "label", required=True),
        f.string(m, "unit"),
        f.need_expression(m, "expr"),
        f.source(m),
        f.basis(m),
    )


def _parameter(f: Fields, key: str, m: Mark) -> Parameter:
    f.known(m, ("label", "kind", "unit", "default", "source", "basis"))
    kind = f.choice(m, "kind", FACT_KINDS, "number", required=True)
    default: FactValue | None = None
    if m.get("default") is not None:
        default = f.flag(m, "default") if kind == "bool" else f.number(m, "default")
    return Parameter(
        key,
        f.text(m, "label", required=True),
        kind,
        f.string(m, "unit", KIND_DEFAULTS[kind][0]),
        default,
        f.source(m),
        f.basis(m),
    )


def _property(f: Fields, key: str, m: Mark) -> Property:
    f.known(m, ("label", "kind", "options"))
    return Property(
        key,
        f.text(m, "label", required=True),
        f.choice(m, "kind", ("text", "bool"), "text", required=True),
        f.texts(m, "options"),
    )


def _part(f: Fields, key: str, m: Mark) -> Part:
    f.known(m, ("name", "min", "max", "source", "basis"))
    return Part(
        key, f.text(m, "name", required=True), f.need_number(m, "min"), f.need_number(m, "max"), f.source(m), f.basis(m)
    )


def _step(f: Fields, m: Mark) -> Step:
    f.known(m, ("id", "name", "actor", "basis"))
    return Step(
        f.string(m, "id", required=True),
        f.text(m, "name", required=True),
        f.string(m, "actor", required=True),
        f.basis(m),
    )


def _indicator(
    f: Fields,
    key: str,
    m: Mark,
    facts: Mapping[str, FactSpec],
    definitions: Mapping[str, Definition],
    targets: Mapping[str, Any],
) -> Indicator:
    f.known(
        m,
        (
            "section",
            "name",
            "name_basis",
            "type",
            "min",
            "max",
            "rule",
            "judged_by",
            "not_applicable",
            "part",
            "evidence",
            "guidance",
            "direction",
            "source",
            "basis",
        ),
    )
    low, high = f.need_number(m, "min"), f.need_number(m, "max")
    rule_mark = m.get("rule")
    if rule_mark is None:
        f.report(
            m,
            "missing-key",
            Text("缺少“rule”。", "“rule” is missing."),
            Text("请补充计分规则。", "Add the rule."),
            "rule",
        )
        rule_mark = from_plain({"points": "0"}, m.file, f"{m.path}.rule")
    rule = read_rule(f, rule_mark, Fraction(low), Fraction(high))
    return Indicator(
        id=key,
        section=f.string(m, "section", required=True),
        name=f.text(m, "name", required=True),
        min=low,
        max=high,
        type=f.choice(m, "type", ("qualitative", "quantitative", "mixed"), "quantitative", required=True),
        rule=rule,
        judged_by=f.choice(m, "judged_by", ("supervisor", "nobody"), "supervisor").replace("nobody", ""),
        not_applicable=f.choice(m, "not_applicable", ("share_out", "full", "none"), "none"),
        part=f.string(m, "part"),
        evidence=tuple(f.text_of(e) for e in f.list(m, "evidence")),
        guidance=f.text(m, "guidance") if m.get("guidance") is not None else Text("", ""),
        facts=facts_of_rule(DeclaredFigures(facts, definitions, targets), rule),
        direction={
            k: f.choice(f.mapping(m, "direction"), k, ("up", "down"), "up")
            for k, _ in f.mapping(m, "direction").items()
        },
        source=f.source(m),
        basis=f.basis(m),
        name_basis=f.basis(m, "name_basis"),
    )


def _sections(f: Fields, mark: Mark, indicators: Mapping[str, Indicator]) -> dict[str, Section]:
    children: dict[str, list[str]] = {}
    for key, m in mark.items():
        parent = f.string(m, "parent")
        if parent:
            children.setdefault(parent, []).append(key)
    found: dict[str, Section] = {}
    for key, m in mark.items():
        f.known(
            m, ("parent", "name", "name_basis", "kind", "min", "max", "weight", "floor", "ceiling", "source", "basis")
        )
        weight = f.fraction(m, "weight", ONE)
        found[key] = Section(
            id=key,
            parent=f.string(m, "parent"),
            name=f.text(m, "name", required=True),
            min=f.need_number(m, "min"),
            max=f.need_number(m, "max"),
            kind=f.string(m, "kind"),
            weight=ONE if weight is None else weight,
            floor=f.number(m, "floor"),
            ceiling=f.number(m, "ceiling"),
            children=tuple(children.get(key, ())),
            indicators=tuple(i.id for i in indicators.values() if i.section == key),
            source=f.source(m),
            basis=f.basis(m),
            name_basis=f.basis(m, "name_basis"),
        )
    return found
