"""What differs between two versions of a filing, or between the newest one and the draft.

Every thing that a signature freezes is held against the other, by the form's order: figures, answers, own points,
descriptions, files, explanations, report, properties of the bank and the figures of earlier years.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.filings.versions.contents import Content, bare_value, explained, own_points, properties_words
from scorecard.engine import format_fact
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language, screen_language

SENTENCE = re.compile(r"[^。；！？;!?\n]*[。；！？;!?\n]?")


@dataclass(frozen=True)
class Change:
    """One thing that is another one. ``by`` is the difference of two figures with its unit; ``parts`` of two texts what
    stayed (``=``), went (``-``) and came (``+``), in the order of reading.
    """

    label: str
    before: str
    after: str
    by: str = ""
    parts: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True)
class Changed:
    """The changes of one page of the form."""

    title: str
    changes: tuple[Change, ...]


def changes(before: Content, after: Content) -> list[Changed]:
    """Everything that differs, page by page; pages without a difference are left out."""
    found = [Changed(title, tuple(rows)) for title, rows in _pages(before, after)]
    return [page for page in found if page.changes]


def _pages(before: Content, after: Content) -> Iterator[tuple[str, Iterator[Change]]]:
    for page in after.pages.pages:
        title = in_language(page.title)
        if page.groups:
            yield title, (change for spec in page.facts for change in _fact(before, after, spec))
        else:
            names = [item.indicator.id for item in page.items if item.asked]
            facts = {item.indicator.id: item.own for item in page.items}
            rows = (change for name in names for change in _indicator(before, after, name, facts[name]))
            yield f"{page.id} {title}", rows
    yield _("Summary report"), _text(_("Summary report"), before.report, after.report)
    yield _("Explanations of warnings"), _pairs(dict(explained(before)), dict(explained(after)))
    yield _("The bank"), _pairs(dict(properties_words(before)), dict(properties_words(after)))
    yield _("Figures of earlier years"), _history(before, after)


def _fact(before: Content, after: Content, spec: FactSpec) -> Iterator[Change]:
    old, new = before.value(spec), after.value(spec)
    if old == new:
        return
    by = ""
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        by = difference(spec, new, old)
    language = screen_language()
    yield Change(in_language(spec.label), format_fact(spec, old, language), format_fact(spec, new, language), by)


def difference(spec: FactSpec, new: Decimal, old: Decimal) -> str:
    """By how much a figure is another one; of rates in percentage points."""
    scale = 100 if spec.unit == "%" else 1
    gap = (Fraction(new) - Fraction(old)) * scale
    words = bare_value(spec, abs(new - old))
    return f"{'+' if gap > 0 else '−'}{words} {unit_name('pp' if spec.unit == '%' else spec.unit)}".strip()


def _indicator(before: Content, after: Content, name: str, facts: tuple[FactSpec, ...]) -> Iterator[Change]:
    indicator = after.rulebook.indicators[name]
    title = f"{name} {in_language(indicator.name)}"
    for spec in facts:
        for change in _fact(before, after, spec):
            yield Change(f"{title} · {change.label}", change.before, change.after, change.by)
    old, new = own_points(before, indicator), own_points(after, indicator)
    if old != new:
        yield Change(f"{title} · {_('Own points')}", old, new, _points(before, after, name))
    texts = [content.answers.get(name, {}).get("narrative", "") for content in (before, after)]
    yield from _text(f"{title} · {_('What the bank says')}", *texts)
    files = [{file.pk: file for file in content.files_of(name)} for content in (before, after)]
    for pk in files[0].keys() - files[1].keys():
        yield Change(f"{title} · {_('Evidence')}", files[0][pk].name, "")
    for pk in files[1].keys() - files[0].keys():
        yield Change(f"{title} · {_('Evidence')}", "", files[1][pk].name)


def _points(before: Content, after: Content, name: str) -> str:
    given = [content.answers.get(name, {}).get("self_points", "") for content in (before, after)]
    if not all(given):
        return ""
    gap = Decimal(given[1]) - Decimal(given[0])
    return f"{'+' if gap > 0 else '−'}{plain(abs(gap))}" if gap else ""


def _text(label: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(label, before, after, parts=tuple(text_parts(before, after)) if before and after else ())


def text_parts(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Two texts sentence by sentence: what stayed, went and came."""
    old, new = ([part for part in SENTENCE.findall(text) if part] for text in (before, after))
    for kind, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "=", "".join(old[first:last])
            continue
        if gone := "".join(old[first:last]):
            yield "-", gone
        if come := "".join(new[start:end]):
            yield "+", come


def _pairs(before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in {**before, **after}:
        yield from _text(name, before.get(name, ""), after.get(name, ""))


def _history(before: Content, after: Content) -> Iterator[Change]:
    for offset in sorted({*before.history, *after.history}, reverse=True):
        old, new = before.history.get(offset, {}), after.history.get(offset, {})
        for fact in {**old, **new}:
            if old.get(fact) != new.get(fact):
                spec = after.rulebook.facts.get(fact)
                label = f"{in_language(spec.label) if spec else fact} ({offset})"
                yield Change(label, old.get(fact, {}).get("value", ""), new.get(fact, {}).get("value", ""))
