"""Loans to sci-tech firms of the demonstration banks, in 万元: invented shares of the city's own figures (report,
1-2-4-1: 2071.27 亿元 at the end of 2017, 570.91 more than a year before).
"""

from collections.abc import Sequence
from random import Random

from assessments.demo.banks import GIVEN, LEFT, DemoBank, Facts

CITY = {2017: 20_712_700, 2016: 15_003_600}
FIGURE, BASE = "tech_bal_end", "tech_bal_prev"
SILENT = "DV02"  # a bank that gives no figure, which it may
Ends = dict[tuple[str, int], int]  # bank code and year → balance of 31 December


def year_ends(banks: Sequence[DemoBank]) -> Ends:
    """The balance of each bank at each year-end, so that the years of the report sum to what it prints."""
    found: Ends = {}
    for year in (2017, 2016):
        weights = {bank.code: _weight(bank, year) for bank in banks if bank.active_in(year) and bank.code != SILENT}
        whole = sum(weights.values())
        shares = {code: CITY[year] * weight // whole for code, weight in weights.items()}
        first = max(shares, key=lambda code: (shares[code], code))
        shares[first] += CITY[year] - sum(shares.values())
        found |= {(code, year): value for code, value in shares.items()}
    for bank in banks:
        code = bank.code
        if (code, 2016) in found:
            found[code, 2015] = found[code, 2016] * 1000 // (1000 + _drawn(code, 2016, 120, 320))
            found[code, 2014] = found[code, 2015] * 1000 // (1000 + _drawn(code, 2015, 90, 240))
        if (code, 2017) in found and code != LEFT:
            found[code, 2018] = found[code, 2017] * (1000 + _drawn(code, 2018, 40, 260)) // 1000
    return found


def _weight(bank: DemoBank, year: int) -> int:
    state, value = bank.facts.get(str(year), {}).get("sme_bal_end", ("", ""))
    return int(value) * _drawn(bank.code, year, 700, 1300) if state == "value" else 0


def _drawn(code: str, year: int, low: int, high: int) -> int:
    return Random(f"tech-{code}-{year}").randrange(low, high)  # noqa: S311  # nosec B311 - invented figures, nothing secret


def on_day(ends: Ends, code: str, year: int, month: int) -> dict[str, str]:
    """The figure of a reading and its base; nothing where the bank gives none."""
    now, before = (_day(ends, code, each, month) for each in (year, year - 1))
    if now is None:
        return {}
    return {FIGURE: str(now)} | ({BASE: str(before)} if before is not None else {})


def _day(ends: Ends, code: str, year: int, month: int) -> int | None:
    start, end = (ends.get((code, each)) for each in (year - 1, year))
    if start is None or end is None:
        return None
    return max(0, start + (end - start) * month // 12 + start * _drawn(code, year * 100 + month, -8, 9) // 1000)


def on_file(ends: Ends, code: str, year: int) -> Facts:
    """What is on file of 31 December, given by the supervisor; nothing where the bank gives no figure."""
    value = ends.get((code, year))
    return {} if value is None else {FIGURE: (GIVEN, str(value))}
