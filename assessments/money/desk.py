"""A scheme for every bank that has its figures on file: the desk's list, with totals beside the report's own figures.

Everything here reads and computes; nothing is kept and nothing is typed. An estimate is no decision of any authority.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.models import ClaimOutcome, MoneyClaim
from assessments.money.selectors import Estimated, OnFile, Scheme, estimate_on_file, facts_on_file, on_file_of_many
from banks.access import visible_banks
from banks.models import Bank, FactState, User
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.units import quantity
from scorecard.figures.selectors import figures_by_ident
from scorecard.words.language import in_language, screen_language

# What is added up over banks: amounts of money. Shares and rates are not.
SUMMED = ("元", "万元", "亿元")
# The report's own figures that stand beside a scheme's totals, by the code of the scheme: how many institutions were
# paid (家次), and how much. They are of other years and other banks than those on the page, and say of which.
REPORTED = {
    "money-compensation-2016": ("r2017-6-3-2-010", "r2017-6-3-2-011"),
    "money-reward-2016": ("r2017-6-4-1-002", "r2017-6-4-1-003"),
}


@dataclass(frozen=True)
class DeskColumn:
    """One estimate of the scheme, as a column: its name, clause years and basis, and the total of what is added up."""

    id: str
    label: str
    years: str
    basis: str
    total: str
    times: int | None  # banks with more than nothing; None for what is not added up


@dataclass(frozen=True)
class DeskRow:
    """One bank under the scheme: the newest year on file, its standing, and each estimate in words."""

    bank: Bank
    years: tuple[str, ...]
    told: Estimated
    filed: OnFile

    @property
    def missing(self) -> str:
        """What is not on file and is needed, in words."""
        return _("; ").join(label for _fact, label in self.told.missing)


@dataclass(frozen=True)
class Desk:
    """The whole list. ``without`` counts the banks on the register that have nothing on file for the scheme."""

    columns: tuple[DeskColumn, ...]
    rows: tuple[DeskRow, ...]
    without: int
    reported: tuple[Any, ...]

    @property
    def standings(self) -> list[tuple[str, str, int]]:
        """How many banks stand where: words, kind, count."""
        found: dict[tuple[str, str], int] = {}
        for row in self.rows:
            key = (row.told.standing or _("not known yet"), row.told.standing_kind if row.told.standing else "neutral")
            found[key] = found.get(key, 0) + 1
        return [(words, kind, count) for (words, kind), count in found.items()]


def desk(actor: User, scheme: Scheme) -> Desk:
    """The scheme for every bank that the actor sees and that has any of its own figures on file, by code. The number of
    queries does not depend on the banks.
    """
    filed_any = facts_on_file(actor, scheme).filter(state=FactState.VALUE).order_by().values("bank")
    banks = list(visible_banks(actor).filter(pk__in=filed_any).order_by("code"))
    filed = on_file_of_many(actor, scheme, banks)
    rows = []
    for bank in banks:
        found = filed[bank.pk]
        if found.own:
            rows.append(DeskRow(bank, tuple(sorted(set(found.years.values()))), estimate_on_file(scheme, found), found))
    figures = figures_by_ident(actor, list(REPORTED.get(scheme.version.code, ())))
    reported = [figures[ident] for ident in REPORTED.get(scheme.version.code, ()) if ident in figures]
    return Desk(tuple(_columns(scheme, rows)), tuple(rows), visible_banks(actor).count() - len(rows), tuple(reported))


def _columns(scheme: Scheme, rows: list[DeskRow]) -> list[DeskColumn]:
    found = []
    for name, spec in scheme.rulebook.estimates.items():
        values = [value for row in rows if (value := exact(row.told, name)) is not None]
        summed = spec.unit in SUMMED
        total = quantity(sum(values, Fraction(0)), spec.unit, screen_language()) if summed and values else ""
        times = sum(value > 0 for value in values) if summed else None
        found.append(DeskColumn(name, in_language(spec.label), spec.years, spec.basis, total, times))
    return found


def exact(told: Estimated, name: str) -> Fraction | None:
    """The exact amount of one estimate; None while it is not known."""
    shown: Mapping[str, str] = {amount.id: amount.value for amount in told.amounts}
    value = told.result.estimates[name].value
    return Fraction(value) if shown[name] and value is not None else None


@dataclass(frozen=True)
class ClaimTotals:
    """The accepted claims of one scheme over all years: how many (家次), how much of each estimate, and what the report
    says of the same scheme.
    """

    title: str
    times: int
    open: int
    amounts: tuple[tuple[str, str], ...]
    reported: tuple[Any, ...]


def claim_totals(actor: User, claims: QuerySet[MoneyClaim]) -> list[ClaimTotals]:
    """The claims by scheme: each accepted one is one bank-time. A claim that waits is counted apart, in no total."""
    by_scheme: dict[int, list[MoneyClaim]] = {}
    for claim in claims.exclude(outcome=ClaimOutcome.REFUSED).order_by("rulebook__code", "pk"):
        by_scheme.setdefault(claim.rulebook_id, []).append(claim)
    figures = figures_by_ident(actor, [ident for idents in REPORTED.values() for ident in idents])
    found = []
    for rows in by_scheme.values():
        accepted = [claim for claim in rows if claim.outcome == ClaimOutcome.ACCEPTED]
        sums: dict[str, tuple[dict[str, str], str, Fraction]] = {}
        for claim in accepted:
            for one in claim.amounts:
                if one["unit"] in SUMMED and one["value"]:
                    label, unit, before = sums.get(one["id"], (one["label"], one["unit"], Fraction(0)))
                    sums[one["id"]] = label, unit, before + Fraction(one["value"])
        known = REPORTED.get(rows[0].rulebook.code, ())
        found.append(
            ClaimTotals(
                title=rows[0].rulebook.title,
                times=len(accepted),
                open=len(rows) - len(accepted),
                amounts=tuple(
                    (in_language(label), quantity(total, unit, screen_language()))
                    for label, unit, total in sums.values()
                ),
                reported=tuple(figures[ident] for ident in known if ident in figures),
            )
        )
    return found
