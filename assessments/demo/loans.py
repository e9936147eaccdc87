"""Loans, borrowers and applications of the demonstration banks, shared out from the city's totals.

Totals and targets hold by construction: whole numbers are shared out by largest remainders above the least that each
bank needs for the outcome it is meant to have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import Any

from assessments.demo.banks import (
    CAPPED,
    EDGE,
    EXCELLENT,
    GIVEN,
    LEFT,
    MISSES_ALL,
    MISSES_T1,
    MISSES_T2,
    MISSES_T3,
    NEW,
    NO_SME,
    ONE_SHORT,
    SMALL_BRANCHES,
    DemoBank,
)
from scorecard.engine.values.rational import Fraction

# The city's totals: money in 万元. The report prints them in 亿元 and 万户 (2 decimals) and in per cent.
# Borrowers: 34.196 and 23.588 万户 print as 34.20 and 23.59, their difference as 10.61, and the mean balance as the
# report's 388.08 万元, which 34.20 itself would not give.
CITY: dict[str, dict[int, int]] = {
    "sme_bal_end": {2016: 114_636_500, 2017: 132_707_900},
    "all_bal_end": {2016: 599_825_000, 2017: 669_644_630},
    "sme_hh_end": {2016: 235_880, 2017: 341_960},
    "applied": {2016: 200_000, 2017: 250_000},
    "approved": {2016: 164_120, 2017: 229_450},
    "sme_npl_end": {2016: 1_455_884, 2017: 1_154_559},
}


@dataclass
class Series:
    """Whole numbers by bank and year, of one figure."""

    by_bank: dict[str, dict[int, int]] = field(default_factory=dict)

    def put(self, code: str, year: int, value: int) -> None:
        self.by_bank.setdefault(code, {})[year] = value

    def get(self, code: str, year: int) -> int:
        return self.by_bank.get(code, {}).get(year, 0)


def share_out(total: int, weights: Mapping[str, Any], most: Mapping[str, int] | None = None) -> dict[str, int]:
    """Share ``total`` among the keys by weight, in whole numbers that add up exactly (largest remainders, then keys).

    ``most`` bounds each share; what does not fit goes to the others. Raises ``ValueError`` when it cannot be shared.
    """
    if total < 0 or (most is not None and sum(most[key] for key in weights) < total):
        raise ValueError(f"{total} cannot be shared out.")
    shares = dict.fromkeys(weights, 0)
    open_keys, rest = sorted(weights), total
    while rest and open_keys:
        whole = sum(Fraction(weights[key]) for key in open_keys)
        if not whole:
            raise ValueError("There is no weight to share by.")
        exact = {key: Fraction(weights[key]) * rest / whole for key in open_keys}
        part = {key: int(exact[key]) for key in open_keys}
        short = rest - sum(part.values())
        for key in sorted(open_keys, key=lambda key: (part[key] - exact[key], key))[:short]:
            part[key] += 1
        for key in open_keys:
            room = most[key] - shares[key] if most is not None else part[key]
            shares[key] += min(part[key], room)
        rest = total - sum(shares.values())
        open_keys = [key for key in open_keys if most is None or shares[key] < most[key]]
    return shares


def share_loans(rng: Random, banks: list[DemoBank]) -> None:
    """Give each bank its loans, borrowers, applications and bad loans, for each year in which it is there."""
    series = {name: Series() for name in CITY}
    sizes = {bank.code: rng.randrange(*bank.kind.size) // (4 if bank.code in SMALL_BRANCHES else 1) for bank in banks}
    _balances(rng, banks, sizes, series)
    _borrowers(rng, banks, series)
    _applications(rng, banks, series)
    _bad_loans(rng, banks, series)
    for bank in banks:
        for year in range(2014, 2018):
            if (year < 2017 and bank.code == NEW) or (year > 2015 and bank.code == LEFT):
                continue
            facts = bank.facts.setdefault(str(year), {})
            for name, found in series.items():
                facts[name] = (GIVEN, str(found.get(bank.code, year)))


def _misses(code: str, target: Mapping[str, str]) -> bool:
    return code in target or code == MISSES_ALL


def _balances(rng: Random, banks: list[DemoBank], sizes: Mapping[str, int], series: Mapping[str, Series]) -> None:
    """SME and all loans. Target 1: the growth of SME loans is not lower than that of all loans."""
    sme, everything = series["sme_bal_end"], series["all_bal_end"]
    present = [bank for bank in banks if bank.code not in (NEW, LEFT)]
    growing = {bank.code: rng.randrange(60, 150) for bank in banks}  # all loans, per mille
    ahead = {bank.code: rng.randrange(20, 90) for bank in banks}  # how far SME loans are to grow faster
    at_edge = {code for code, targets in EDGE.items() if "T1" in targets}
    short = {code for code, target in ONE_SHORT.items() if target == "T1"}
    set_codes = at_edge | short | {code for code in sizes if _misses(code, MISSES_T1)} | {CAPPED}
    # Set banks: all loans are SME loans times so many tenths, so that equal growth is equal to the last 万元.
    for bank in present:
        if bank.code not in set_codes:
            continue
        base = sizes[bank.code] // 10_000 * 10_000
        tenths = ceil(10 / bank.kind.share)
        sme.put(bank.code, 2016, base)
        everything.put(bank.code, 2016, base * tenths // 10)
        gain = base * growing[bank.code] // 1000
        everything.put(bank.code, 2017, (base + gain) * tenths // 10)
        behind = 0 if bank.code in at_edge else 1 if bank.code in short else base * rng.randrange(15, 50) // 1000
        sme.put(bank.code, 2017, base + gain - behind)
    free = [bank for bank in present if bank.code not in set_codes and bank.code != NO_SME]
    _zero(sme, NO_SME)
    weights = {bank.code: sizes[bank.code] for bank in free}
    for code, value in share_out(CITY["sme_bal_end"][2016] - _sum(sme, 2016), weights).items():
        sme.put(code, 2016, value)
    all_weights = {bank.code: sme.get(bank.code, 2016) / bank.kind.share for bank in free} | {
        NO_SME: Fraction(9_000_000)
    }
    for code, value in share_out(CITY["all_bal_end"][2016] - _sum(everything, 2016), all_weights).items():
        everything.put(code, 2016, value)
    # 2017: all loans first, the new bank among them; then for SME loans the least that target 1 asks, and the rest.
    sme.put(NEW, 2017, 186_400)
    everything.put(NEW, 2017, 402_750)
    all_weights = {code: Fraction(everything.get(code, 2016)) * (1000 + growing[code]) for code in all_weights}
    for code, value in share_out(CITY["all_bal_end"][2017] - _sum(everything, 2017), all_weights).items():
        everything.put(code, 2017, value)
    least = {
        bank.code: ceil(
            Fraction(sme.get(bank.code, 2016) * everything.get(bank.code, 2017), everything.get(bank.code, 2016))
        )
        for bank in free
    }
    rest = CITY["sme_bal_end"][2017] - _sum(sme, 2017) - sum(least.values())
    more = share_out(rest, {code: least[code] * ahead[code] for code in least})
    for code in least:
        sme.put(code, 2017, least[code] + more[code])
    # The years before 2016, backwards: the same targets in 2016, missed again by those two years behind.
    for bank in banks:
        for year in (2015, 2014):
            after_all, after_sme = everything.get(bank.code, year + 1), sme.get(bank.code, year + 1)
            if bank.code == LEFT and year == 2015:
                after_all, after_sme = 118_000, 84_000
            growth = rng.randrange(1060, 1150)
            now_all = after_all * 1000 // growth
            fair = after_sme * now_all // after_all if after_all else 0
            gap = max(1, fair * rng.randrange(8, 40) // 1000) if fair else 0
            behind = MISSES_T1.get(bank.code) == "two_years" and year == 2015
            everything.put(bank.code, year, now_all)
            sme.put(bank.code, year, fair + gap + 1 if behind else max(0, fair - gap))


def _borrowers(rng: Random, banks: list[DemoBank], series: Mapping[str, Series]) -> None:
    """Borrowers. Target 2: not fewer than a year before."""
    sme, count = series["sme_bal_end"], series["sme_hh_end"]
    mean = {bank.code: bank.kind.mean * rng.randrange(80, 125) // 100 for bank in banks}
    present = [bank for bank in banks if sme.get(bank.code, 2016)]
    weights = {bank.code: Fraction(sme.get(bank.code, 2016), mean[bank.code]) for bank in present}
    at_edge = {code for code, targets in EDGE.items() if "T2" in targets}
    for code, value in share_out(CITY["sme_hh_end"][2016], weights).items():
        count.put(code, 2016, value)
    fell = {bank.code for bank in present if _misses(bank.code, MISSES_T2)}
    for code in sorted(fell):
        before = count.get(code, 2016)
        count.put(code, 2017, before - max(2, before * rng.randrange(2, 9) // 100))
    for code, target in ONE_SHORT.items():
        if target == "T2":
            count.put(code, 2017, count.get(code, 2016) - 1)
    for code in sorted(at_edge):
        count.put(code, 2017, count.get(code, 2016))
    count.put(NEW, 2017, 2_140)
    free = [bank.code for bank in present if not count.get(bank.code, 2017)]
    gain = CITY["sme_hh_end"][2017] - _sum(count, 2017) - sum(count.get(code, 2016) for code in free)
    more = share_out(gain, {code: count.get(code, 2016) * rng.randrange(20, 80) for code in free})
    for code in free:
        count.put(code, 2017, count.get(code, 2016) + more[code])
    for bank in banks:
        for year in (2015, 2014):
            after = count.get(bank.code, year + 1)
            if bank.code == LEFT and year == 2015:
                after = 760
            behind = MISSES_T2.get(bank.code) == "two_years" and year == 2015
            before = after * 1000 // rng.randrange(1020, 1240)
            count.put(bank.code, year, after + max(1, after // 25) if behind else before)


def _applications(rng: Random, banks: list[DemoBank], series: Mapping[str, Series]) -> None:
    """Applications and approvals, in borrowers. Target 3: the approval rate is not lower than a year before."""
    count, applied, approved = series["sme_hh_end"], series["applied"], series["approved"]
    for year in (2016, 2017):
        held = {bank.code: count.get(bank.code, year) for bank in banks if count.get(bank.code, year)}
        set_codes = {
            code
            for code in held
            if _misses(code, MISSES_T3) or "T3" in EDGE.get(code, ()) or ONE_SHORT.get(code) == "T3" or code == NEW
        }
        for code in sorted(set_codes):
            hundreds = max(2, held[code] * 8 // 1000)
            applied.put(code, year, hundreds * 100 if year == 2016 else (hundreds + 1) * 100)
        weights = {code: held[code] * rng.randrange(60, 110) for code in held if code not in set_codes}
        for code, value in share_out(CITY["applied"][year] - _sum(applied, year), weights).items():
            applied.put(code, year, value)
        if year == 2016:
            for code in sorted(set_codes):
                approved.put(code, year, applied.get(code, year) * 88 // 100)
            most = {code: applied.get(code, year) for code in weights}
            rates = {code: applied.get(code, year) * rng.randrange(74, 90) for code in weights}
            rest = CITY["approved"][year] - _sum(approved, year)
            for code, value in share_out(rest, rates, most).items():
                approved.put(code, year, value)
            continue
        for code in sorted(set_codes):
            fair = applied.get(code, year) * 88 // 100
            behind = (
                0
                if "T3" in EDGE.get(code, ()) or code == NEW
                else 1
                if ONE_SHORT.get(code) == "T3"
                else max(2, fair // 20)
            )
            approved.put(code, year, fair - behind)
        least = {}
        for code in weights:
            before, share = applied.get(code, 2016), approved.get(code, 2016)
            least[code] = -(-applied.get(code, year) * share // before) if before else 0
        room = {code: applied.get(code, year) - least[code] for code in least}
        rest = CITY["approved"][year] - _sum(approved, year) - sum(least.values())
        more = share_out(rest, {code: room[code] * rng.randrange(70, 130) for code in room}, room)
        for code in least:
            approved.put(code, year, least[code] + more[code])
    for bank in banks:
        for year in (2015, 2014):
            after, granted = applied.get(bank.code, year + 1), approved.get(bank.code, year + 1)
            if bank.code == LEFT and year == 2015:
                after, granted = 540, 430
            now = after * 100 // rng.randrange(104, 124)
            fair = now * granted // after if after else 0
            behind = MISSES_T3.get(bank.code) == "two_years" and year == 2015
            applied.put(bank.code, year, now)
            approved.put(bank.code, year, min(now, fair + max(2, fair // 20)) if behind else fair * 97 // 100)


def _bad_loans(rng: Random, banks: list[DemoBank], series: Mapping[str, Series]) -> None:
    """SME non-performing loans, shared out by balance and a bank's own luck; never more than one in twenty."""
    sme, bad = series["sme_bal_end"], series["sme_npl_end"]
    luck = {
        bank.code: rng.randrange(1, 9) if bank.code in (CAPPED, *EXCELLENT) else rng.randrange(6, 60) for bank in banks
    }
    for year in (2016, 2017):
        weights = {bank.code: sme.get(bank.code, year) * luck[bank.code] for bank in banks if sme.get(bank.code, year)}
        most = {code: sme.get(code, year) // 20 for code in weights}
        for code, value in share_out(CITY["sme_npl_end"][year], weights, most).items():
            bad.put(code, year, value)
    for bank in banks:
        for year in (2015, 2014):
            bad.put(bank.code, year, sme.get(bank.code, year) * luck[bank.code] // 2000)


def _zero(series: Series, code: str) -> None:
    for year in (2016, 2017):
        series.put(code, year, 0)


def _sum(series: Series, year: int) -> int:
    return sum(years.get(year, 0) for years in series.by_bank.values())
