"""Clearly fictitious banks with three years of figures. Pure and deterministic: the same seed gives the same banks.

The figures of 2016 and 2017 add up to what the 2017 report prints for the city (report, 1-2-1-1); which bank has which
part of them is invented (``loans.py``, ``own_figures.py``).
"""

from collections.abc import Sequence
from random import Random

from assessments.demo.banks import GIVEN, NOT_APPLICABLE, PREVIOUS, YEARS, DemoBank, Pair, register
from assessments.demo.loans import share_loans
from assessments.demo.own_figures import draw_own_figures, share_own_figures


def generate(seed: int = 2017) -> list[DemoBank]:
    """All banks with their figures, in the order of their codes within the categories."""
    rng = Random(seed)  # noqa: S311  # nosec B311 - invented figures, nothing secret
    banks = register(rng)
    share_loans(rng, banks)
    for bank in banks:
        draw_own_figures(rng, bank)
    share_own_figures(banks)
    _carry(banks)
    return banks


def _carry(banks: Sequence[DemoBank]) -> None:
    """Last year's figures stand in this year's file, exactly as filed. 2014 was only there for that."""
    for bank in banks:
        for year in YEARS:
            if str(year) not in bank.facts:
                continue
            before = bank.facts.get(str(year - 1))
            for name, source in PREVIOUS.items():
                bank.facts[str(year)][name] = before[source] if before else _nothing_before(name, bank, year)
        bank.facts.pop("2014", None)
        bank.given.pop("2014", None)
        bank.facts = {period: dict(sorted(facts.items())) for period, facts in sorted(bank.facts.items())}


def _nothing_before(name: str, bank: DemoBank, year: int) -> Pair:
    """A bank's first year: it had no loans, which is zero; it had no rate either, which is not applicable."""
    return (NOT_APPLICABLE, "") if name == "sme_rate_prev" else (GIVEN, "0")
