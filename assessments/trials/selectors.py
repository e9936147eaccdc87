"""Reads of trials: who may see them, what moved and why, how grades went from one to the other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from assessments.models.trials import Trial
from assessments.scoring.differences import signed
from assessments.scoring.results import grade_name, state_words
from assessments.trials.reasons import Reasons
from banks.models import User
from scorecard.access.decisions import Hidden
from scorecard.access.roles import READ_ROLES
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.words.language import in_language

STEP = 5  # points to a class of the distribution


def visible_trials(actor: User) -> QuerySet[Trial]:
    """Those who read assessments read trials; a bank never does, nor the administrator: results hold banks' points."""
    if actor.bank_id is not None or not actor.holds(*READ_ROLES):
        return Trial.objects.none()
    return Trial.objects.select_related("round", "rulebook", "created_by", "job")


def get_trial(actor: User, pk: int) -> Trial:
    """One trial, or 404: ``Hidden`` (recorded) for one that exists and is not the actor's to see."""
    found = visible_trials(actor).select_related("round__rulebook").filter(pk=pk).first()
    if found is None:
        other = Trial.objects.filter(pk=pk).first()
        if other is not None:
            raise Hidden(target=other)
        raise Http404
    return found


@dataclass(frozen=True)
class Move:
    """One thing that came out otherwise, by how much, and which changed entries are behind it.

    kind   indicator, shared, rest, target, grade, cap-gone or cap-new
    id     of the indicator or section, as people know it; "" for the others
    """

    kind: str
    id: str
    name: str
    before: str
    after: str
    change: str
    because: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it on one line, for files."""
        head = " ".join(part for part in (self.id, self.name) if part)
        moved = f" {self.before} → {self.after}" if self.before or self.after else ""
        by = f" ({self.change})" if self.change else ""
        why = _(" [%(reasons)s]") % {"reasons": _("; ").join(self.because)} if self.because else ""
        return f"{head}{moved}{by}{why}"


@dataclass(frozen=True)
class Mover:
    """One bank whose points, grade or caps differ, and why."""

    assessment: int
    code: str
    name: str
    category: str
    version: int
    kind: str
    before: Decimal
    after: Decimal
    grade_before: str
    grade_after: str
    steps: int  # by how many grades it went up
    uncapped_before: str
    uncapped_after: str
    moves: tuple["Move", ...]  # what added up to the difference: indicators, points shared out, limits of sections
    others: tuple["Move", ...]  # targets, boundaries and caps that came out otherwise

    @property
    def change(self) -> Decimal:
        """Points gained."""
        return self.after - self.before

    @property
    def kind_of_move(self) -> str:
        """How the grade's move is shown."""
        return "good" if self.steps > 0 else "bad" if self.steps < 0 else "neutral"


def movers(rows: Iterable[Mapping[str, Any]], reasons: Reasons) -> list[Mover]:
    """The banks of a result that differ in anything: the largest move of the grade first, then of the points."""
    found = [_mover(row, reasons) for row in rows if _differs(row)]
    return sorted(found, key=lambda m: (-abs(m.steps), -abs(m.change), m.code))


def _differs(row: Mapping[str, Any]) -> bool:
    return bool(row["before"] != row["after"] or row["indicators"] or row["targets"])


def _mover(row: Mapping[str, Any], reasons: Reasons) -> Mover:
    before, after = reasons.before, reasons.after
    old, new = row["before"], row["after"]
    return Mover(
        assessment=row["assessment"],
        code=row["code"],
        name=in_language(row),
        category=row["category"],
        version=row["version"],
        kind=row["kind"],
        before=Decimal(old["total"]),
        after=Decimal(new["total"]),
        grade_before=grade_name(before, old["grade"]),
        grade_after=grade_name(after, new["grade"]),
        steps=_rank(before, old["grade"]) - _rank(after, new["grade"]),
        uncapped_before=grade_name(before, old["before"]),
        uncapped_after=grade_name(after, new["before"]),
        moves=tuple(_moves(row, reasons)),
        others=tuple(_others(row, reasons)),
    )


def _moves(row: Mapping[str, Any], reasons: Reasons) -> Iterator[Move]:
    """What adds up to the difference of the totals, to the last digit."""
    before, after = reasons.before, reasons.after
    left = Decimal(row["after"]["total"]) - Decimal(row["before"]["total"])
    for i, (a, b) in row["indicators"].items():
        change = Decimal(b or 0) - Decimal(a or 0)
        left -= change
        name = _indicator(before, after, i)
        yield Move("indicator", i, name, a or "—", b or "—", signed(change, ""), reasons.behind(f"indicators.{i}"))
    for s, (a, b) in row["shared"].items():
        change = Decimal(b) - Decimal(a)
        left -= change
        name = _("%(section)s, points shared out for what does not apply") % {"section": _section(before, after, s)}
        yield Move("shared", s, name, a, b, signed(change, ""), reasons.behind(f"sections.{s}"))
    if left:
        name = _("Weights, limits and rounding of sections and total")
        yield Move("rest", "", name, "", "", signed(left, ""), reasons.limits())


def _others(row: Mapping[str, Any], reasons: Reasons) -> Iterator[Move]:
    before, after = reasons.before, reasons.after
    old, new = row["before"], row["after"]
    states = state_words()
    for t, (a, b) in row["targets"].items():
        name = in_language((after if t in after.targets else before).targets[t].short)
        yield Move("target", "", name, states[a], states[b], "", reasons.behind(f"targets.{t}"))
    if old["before"] != new["before"]:
        lines = reasons.boundaries(Decimal(new["total"]), new["before"])
        if lines:
            a, b = grade_name(before, old["before"]), grade_name(after, new["before"])
            yield Move("grade", "", _("Grade by its boundary"), a, b, "", lines)
    for kind, mine, theirs, book in (("cap-gone", old, new, before), ("cap-new", new, old, after)):
        for cap in mine["caps"]:
            if cap not in theirs["caps"]:
                name = _("no longer capped by %(name)s") if kind == "cap-gone" else _("now capped by %(name)s")
                yield Move(kind, "", name % {"name": _cap(book, cap)}, "", "", "", _why_capped(row, reasons, cap))


def _why_capped(row: Mapping[str, Any], reasons: Reasons, cap: str) -> tuple[str, ...]:
    """Why a cap came or went: it is changed, what its condition depends on came out otherwise, or the grade did."""
    own = reasons.behind(f"caps.{cap}")
    if own:
        return own
    if row["before"]["before"] != row["after"]["before"]:
        return (_("the grade before caps is another one"),)
    return ()


def _rank(rulebook: Rulebook, grade: str) -> int:
    return rulebook.grade_order.get(grade, len(rulebook.grades))


def _cap(rulebook: Rulebook, cap: str) -> str:
    return next((in_language(c.name) for c in rulebook.caps if c.id == cap), cap)


def _section(before: Rulebook, after: Rulebook, section: str) -> str:
    return in_language((after if section in after.sections else before).sections[section].name)


def _indicator(before: Rulebook, after: Rulebook, indicator: str) -> str:
    return in_language((after if indicator in after.indicators else before).indicators[indicator].name)


@dataclass(frozen=True)
class Migration:
    """How many banks went from each grade (rows) to each grade (columns), with what rows and columns add up to."""

    rows: tuple[tuple[str, str], ...]  # id, name
    columns: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]
    up: int
    down: int
    same: int

    @property
    def table(self) -> list[dict[str, Any]]:
        """Rows as a page draws them: the cell of an unchanged grade is marked."""
        return [
            {
                "name": name,
                "cells": [
                    {"count": n, "same": column == grade}
                    for n, (column, _name) in zip(counts, self.columns, strict=True)
                ],
                "sum": sum(counts),
            }
            for (grade, name), counts in zip(self.rows, self.counts, strict=True)
        ]

    @property
    def sums(self) -> list[int]:
        """How many banks end in each grade."""
        return [sum(column) for column in zip(*self.counts, strict=True)]


def migration(rows: Sequence[Mapping[str, Any]], before: Rulebook, after: Rulebook) -> Migration:
    """The matrix of grades after caps."""
    pairs = Counter((row["before"]["grade"], row["after"]["grade"]) for row in rows)
    moves = [_rank(before, a) - _rank(after, b) for (a, b), n in pairs.items() for _unit in range(n)]
    return Migration(
        tuple((g.id, in_language(g.name)) for g in before.grades),
        tuple((g.id, in_language(g.name)) for g in after.grades),
        tuple(tuple(pairs[a.id, b.id] for b in after.grades) for a in before.grades),
        up=sum(m > 0 for m in moves),
        down=sum(m < 0 for m in moves),
        same=sum(m == 0 for m in moves),
    )


def once(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows that a mean or a spread counts: not those of branches whose legal entity stands beside them."""
    return [row for row in rows if not row.get("within_head")]


def spread_of(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int, int]]:
    """Institutions by class of five points, before and after: label, count, count. Classes are closed below and open
    above.
    """
    rows = once(rows)
    before = Counter(int(Decimal(row["before"]["total"]) // STEP) for row in rows)
    after = Counter(int(Decimal(row["after"]["total"]) // STEP) for row in rows)
    if not before and not after:
        return []
    low, high = min((*before, *after)), max((*before, *after))
    return [(f"{k * STEP}–{k * STEP + STEP}", before[k], after[k]) for k in range(low, high + 1)]


def mean_of(rows: Sequence[Mapping[str, Any]], side: str) -> str:
    """The mean of the totals, two decimals; each institution once."""
    rows = once(rows)
    if not rows:
        return ""
    total = sum((Decimal(row[side]["total"]) for row in rows), Decimal(0))
    return plain((total / len(rows)).quantize(Decimal("0.01")))
