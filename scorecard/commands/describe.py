"""What ``manage.py rulebook`` says of a rulebook: the whole in words, which a supervisor reads before signing, and the
options that no worked case tries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.rulebook.conclusions import Sourced
from scorecard.engine.rulebook.labels import rendered, rule_lines
from scorecard.engine.rulebook.model import BASIS_LABELS
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.text import Text


def describe(rulebook: Rulebook, lang: str) -> Iterator[str]:
    """Yield the lines of the description."""
    yield f"{rulebook.title.get(lang)} · {rulebook.code}/{rulebook.version} · {rulebook.year}"
    yield rulebook.summary.get(lang)
    yield f"SHA-256 {rulebook.hash}"
    yield ""
    for section in rulebook.sections.values():
        yield f"{section.id} {section.name.get(lang)} [{plain(section.min)}, {plain(section.max)}]"
        for indicator_id in section.indicators:
            i = rulebook.indicators[indicator_id]
            yield f"  {i.id} {i.name.get(lang)} [{plain(i.min)}, {plain(i.max)}] — {_told(i, lang)}"
            for line in rule_lines(rulebook, i.rule, lang):
                yield f"      {line}"
    yield ""
    yield Text("目标", "Targets").get(lang)
    for t in rulebook.targets.values():
        left, right = rendered(rulebook, t.left.node).get(lang), rendered(rulebook, t.right.node).get(lang)
        yield f"  {t.id} {t.name.get(lang)}: {left} {t.op} {right} — {_told(t, lang)}"
    yield Text("等次", "Grades").get(lang)
    for g in rulebook.grades:
        low = f"≥ {plain(g.min)}" if g.min is not None else Text("其余", "the rest").get(lang)
        yield f"  {g.name.get(lang)} ({g.id}): {low} — {_told(g, lang)}"
    yield Text("限制", "Caps").get(lang)
    for c in rulebook.caps:
        when = rendered(rulebook, c.when.node).get(lang)
        yield f"  {c.id} {c.name.get(lang)}: {when} → {c.effect} {c.to} — {_told(c, lang)}"
        yield f"      {c.because.get(lang)}"
    if rulebook.estimates:
        yield Text("测算", "Estimates").get(lang)
    for e in rulebook.estimates.values():
        amount = rendered(rulebook, e.expr.node).get(lang)
        yield f"  {e.label.get(lang)} ({e.unit}, {e.years}): {amount} — {_told(e, lang)}"
    yield Text("监管措施", "Measures").get(lang)
    for m in rulebook.measures.values():
        tool = rulebook.tools[m.tool].name.get(lang)
        when = rendered(rulebook, m.when.node).get(lang)
        yield f"  {m.id} [{tool}] {m.name.get(lang)}: {when} — {_told(m, lang)}"


def _told(entry: Sourced, lang: str) -> str:
    """What an entry is carried out under, where it was read, and on what basis."""
    told = entry.source.told.get(lang) if entry.source else ""
    return f"{told} ({BASIS_LABELS[entry.basis].get(lang)})"


def untried_options(rulebook: Rulebook, folder: Path) -> list[Text]:
    """Return a warning for each property or level of which no worked case uses some options: one that is misspelt in
    a rule would not show.
    """
    cases = [vector.case for vector in read_vectors(rulebook, folder)]
    declared: list[tuple[str, Text, Iterable[str], list[Any]]] = [
        (p.id, p.label, p.options, [case.bank for case in cases]) for p in rulebook.properties.values()
    ]
    levels = (spec for spec in rulebook.facts.values() if spec.kind == "level")
    declared += [(spec.id, spec.label, spec.options, [case.facts for case in cases]) for spec in levels]
    found = []
    for id, label, options, given in declared:
        used = {values.get(id) for values in given}
        idle = [option for option in options if option not in used]
        if idle:
            zh, en = "、".join(idle), ", ".join(idle)
            found.append(
                Text(f"“{label.zh}”（{id}）没有算例用到：{zh}。", f"{label.en} ({id}): no worked case uses {en}.")
            )
    return found
