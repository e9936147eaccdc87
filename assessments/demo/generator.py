"""Clearly fictitious banks with three years of figures. Pure and deterministic: the same seed gives the same banks.

The figures of 2016 and 2017 add up to what the 2017 report prints for the city (report, 1-2-1-1); which bank has which
part of them is invented. Totals and targets hold by construction: whole numbers are shared out by largest remainders
above the least that each bank needs for the outcome it is meant to have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from random import Random
from typing import Any

from scorecard.engine.values.rational import Fraction

GIVEN, UNANSWERED, NOT_APPLICABLE = "value", "unanswered", "not_applicable"
YEARS = (2015, 2016, 2017)

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

# fact of a year ← the same figure of the year before
PREVIOUS = {
    "sme_bal_prev": "sme_bal_end",
    "all_bal_prev": "all_bal_end",
    "sme_hh_prev": "sme_hh_end",
    "applied_prev": "applied",
    "approved_prev": "approved",
    "sme_rate_prev": "sme_rate",
    "tax_bal_prev": "tax_bal",
}

Pair = tuple[str, str]
Facts = dict[str, Pair]


@dataclass(frozen=True)
class Kind:
    """What banks of a category look like: size in 万元, share of SME loans in all loans, mean loan, words."""

    category: str
    zh: str
    en: str
    legal: int
    branches: int
    size: tuple[int, int]
    share: Fraction
    mean: int
    rate: tuple[int, int]  # hundredths of a per cent


KINDS = (
    Kind("large", "大型银行", "Large Bank", 0, 6, (6_000_000, 12_000_000), Fraction(15, 100), 560, (455, 490)),
    Kind(
        "joint_stock",
        "股份制银行",
        "Joint-Stock Bank",
        0,
        12,
        (1_500_000, 4_500_000),
        Fraction(19, 100),
        640,
        (490, 560),
    ),
    Kind("city", "城商行", "City Bank", 1, 10, (600_000, 2_400_000), Fraction(34, 100), 520, (520, 600)),
    Kind("private", "民营银行", "Private Bank", 2, 0, (150_000, 500_000), Fraction(50, 100), 90, (600, 720)),
    Kind("rural", "农商行", "Rural Bank", 2, 1, (1_200_000, 3_500_000), Fraction(38, 100), 330, (510, 580)),
    Kind("village", "村镇银行", "Village Bank", 11, 0, (40_000, 160_000), Fraction(72, 100), 110, (620, 760)),
    Kind("foreign", "外资银行", "Foreign Bank", 8, 4, (90_000, 700_000), Fraction(9, 100), 1_500, (430, 520)),
    Kind("policy", "政策性银行", "Policy Bank", 0, 3, (700_000, 1_800_000), Fraction(6, 100), 1_900, (420, 450)),
    Kind(
        "consumer_finance",
        "消费金融公司",
        "Consumer Finance Company",
        3,
        0,
        (20_000, 60_000),
        Fraction(12, 100),
        9,
        (900, 1300),
    ),
    Kind(
        "auto_finance", "汽车金融公司", "Auto Finance Company", 4, 0, (30_000, 90_000), Fraction(7, 100), 24, (650, 820)
    ),
)
NUMERALS = "一二三四五六七八九十"

# What a bank is meant to show, by its code. Balances 2016 → 2017 of those at an edge or behind are set, not drawn.
MISSES_T1 = {"DJ03": "two_years", "DC04": "", "DF02": "", "DV05": "", "DL04": ""}
MISSES_T2 = {"DJ05": "", "DF05": "two_years", "DV07": ""}
MISSES_T3 = {"DJ07": "", "DC06": "", "DF07": "two_years"}
MISSES_ALL = "DF09"
EDGE = {"DC07": ("T1",), "DJ08": ("T2",), "DR02": ("T3",), "DV03": ("T1", "T2", "T3")}
ONE_SHORT = {"DC08": "T1", "DV04": "T2", "DJ09": "T3"}
CAPPED = "DC02"  # 93 points before the cap, target 1 missed: at most 合格
EXCELLENT = ("DL01", "DJ01", "DR01", "DV01", "DP01")
POOR = ("DF11", "DA04", "DV11", "DM03")
NO_SME = "DZ03"  # a policy bank without SME loans: growth and approval rate have a zero denominator
NEW = "DP02"  # on the register since 2017: no year before
LEFT = "DV11"  # left the register in 2016
BAD_CHECK_DIGIT = ("DF03", "DV08")
DIFFERENTIATED = ("DZ01", "DZ02", "DZ03", "DM01")
NO_DUE = ("DM02", "DA02")  # no working-capital loan fell due: the renewal rate has a zero denominator
NO_TOLERANCE = ("DA01", "DA02", "DM01", "DF10")  # no tolerance rule: "not applicable"
NO_TAX = ("DA01", "DA03", "DM01", "DM02")
CODES = {
    "large": "DL",
    "joint_stock": "DJ",
    "city": "DC",
    "private": "DP",
    "rural": "DR",
    "village": "DV",
    "foreign": "DF",
    "policy": "DZ",
    "consumer_finance": "DM",
    "auto_finance": "DA",
}
VISITOR = "DC01"  # 演示银行一, whose people the sign-in page shows

LEVELS = {
    "a1_level": 4,
    "b1_level": 4,
    "c1_level": 3,
    "d2_level": 3,
    "f1_level": 3,
    "f3_level": 2,
    "g7_level": 2,
    "g8_level": 2,
}
CHECKLISTS = {
    "c4_items": ("promise", "green_channel", "online"),
    "d3_items": ("rule", "scope", "used"),
    "f2_items": ("pboc", "platform", "shared"),
    "g6_items": ("agreement", "connected"),
}
# Already known to the supervisor from the banks' returns; they are there before a bank begins to fill in.
RETURNED = (
    "sme_bal_end",
    "all_bal_end",
    "sme_hh_end",
    "applied",
    "approved",
    "sme_npl_end",
    "all_npl_end",
    *PREVIOUS,
)


@dataclass
class DemoBank:
    """One bank: its register entry (plain values), its facts by year, what the supervisor knows, and what it shows."""

    code: str
    kind: Kind
    entity_kind: str
    values: dict[str, Any]
    head_office: str = ""
    officer: int = 0
    strength: float = 0.6
    facts: dict[str, Facts] = field(default_factory=dict)
    given: dict[str, Facts] = field(default_factory=dict)

    def active_in(self, year: int) -> bool:
        """Whether the bank is on the register on the last day of the year."""
        last = self.values["active_to"]
        day = f"{year}-12-31"
        return self.values["active_from"] <= day and (not last or day <= last)


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


def check_digit(first: str) -> str:
    """The last character of a unified social credit code (GB 32100-2015, 5.2)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return alphabet[-sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(first)) % 31]


def generate(seed: int = 2017) -> list[DemoBank]:
    """All banks with their figures, in the order of their codes within the categories."""
    rng = Random(seed)  # noqa: S311  # nosec B311 - invented figures, nothing secret
    banks = _register(rng)
    _loans(rng, banks)
    for bank in banks:
        _own_figures(rng, bank)
    _carry(banks)
    return banks


def _register(rng: Random) -> list[DemoBank]:
    banks = []
    serial = 0
    for kind in KINDS:
        for number in range(1, kind.legal + kind.branches + 1):
            serial += 1
            code = f"{CODES[kind.category]}{number:02d}"
            # Legal entities come first, except that the rural banks end with a branch of the first.
            branch = number > kind.legal
            banks.append(_entry(rng, kind, code, number, serial, branch))
    return banks


def _numeral(number: int) -> str:
    return NUMERALS[number - 1] if number <= 10 else f"十{NUMERALS[number - 11]}"


def _entry(rng: Random, kind: Kind, code: str, number: int, serial: int, branch: bool) -> DemoBank:
    stem = "演示银行一" if code == VISITOR else f"演示{kind.zh}{_numeral(number)}"
    on_register = {"DR03": "DR01", "DF12": "DF01", "DC11": "DC01"}.get(code, "")
    place = "浦东分行" if on_register else "上海分行"
    if on_register:
        stem = "演示银行一" if on_register == VISITOR else f"演示{kind.zh}{_numeral(int(on_register[2:]))}"
    name = f"{stem}{place}" if branch else stem
    name_en = f"Demo {kind.en} {int(on_register[2:]) if on_register else number}"
    if branch:
        name_en += ", Pudong Branch" if on_register else ", Shanghai Branch"
    first = f"91310000DEMX{serial:05d}"
    digit = check_digit(first)
    if code in BAD_CHECK_DIGIT:
        digit = "0" if digit != "0" else "1"
    return DemoBank(
        code=code,
        kind=kind,
        entity_kind="branch" if branch else "legal_entity",
        values={
            "code": code,
            "name_zh": name,
            "name_en": name_en,
            "short_name": stem.removeprefix("演示") if len(name) > 8 else name,
            "category": kind.category,
            "entity_kind": "branch" if branch else "legal_entity",
            "head_office_name": f"{stem}总行（虚构）" if branch and not on_register else "",
            "uscc": first + digit,
            "licence_code": f"B99{serial:02d}{'B' if branch else 'H'}2310{serial:05d}",
            "pboc_code": f"C9931{serial:09d}",
            "contact_name": f"演示联系人{serial:02d}",
            "contact_phone": f"021-0000{serial:04d}",
            "contact_email": f"contact{serial:02d}@demo.invalid",
            "active_from": "2017-03-01"
            if code == NEW
            else f"{rng.randrange(1998, 2014)}-{rng.randrange(1, 13):02d}-01",
            "active_to": "2016-06-30" if code == LEFT else None,
            "differentiated": code in DIFFERENTIATED,
        },
        head_office=on_register,
        officer=serial % 3,
        strength=_strength(rng, code),
    )


def _strength(rng: Random, code: str) -> float:
    """How well a bank does in what it answers, 0 to 1."""
    if code in (CAPPED, *EXCELLENT):
        return 1.0
    if code in POOR or code == MISSES_ALL:
        return rng.uniform(0.05, 0.25)
    return rng.uniform(0.45, 0.97)


# --- Loans, borrowers, applications: shared out from the city's totals -----------------------------------------------


def _loans(rng: Random, banks: list[DemoBank]) -> None:
    series = {name: Series() for name in CITY}
    sizes = {bank.code: rng.randrange(*bank.kind.size) // (4 if bank.head_office else 1) for bank in banks}
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
    for code in fell:
        before = count.get(code, 2016)
        count.put(code, 2017, before - max(2, before * rng.randrange(2, 9) // 100))
    for code, target in ONE_SHORT.items():
        if target == "T2":
            count.put(code, 2017, count.get(code, 2016) - 1)
    for code in at_edge:
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


# --- What a bank says of itself --------------------------------------------------------------------------------------


def _hundredths(value: int) -> str:
    """A whole number of hundredths as a plain decimal."""
    return f"{value // 100}.{value % 100:02d}"


def _fraction(value: int, places: int = 4) -> str:
    """A whole number of units of the last place as a fraction, without needless zeros: 7770 → "0.777"."""
    text = f"{value // 10**places}.{value % 10**places:0{places}d}"
    return text.rstrip("0").rstrip(".")


def _own_figures(rng: Random, bank: DemoBank) -> None:
    """Everything but loans, borrowers and applications, for each year in which the bank has any."""
    rate = rng.randrange(*bank.kind.rate)
    tax = rng.randrange(5, 40)
    for year in range(2014, 2018):
        if str(year) not in bank.facts:
            continue
        facts = bank.facts[str(year)]
        numbers = {name: int(value) for name, (_state, value) in facts.items()}
        best = bank.code in (CAPPED, *EXCELLENT)
        strength = min(1.0, max(0.0, bank.strength - 0.06 * (2017 - year) + (0 if best else rng.uniform(-0.08, 0.08))))
        loans = numbers["sme_bal_end"]
        facts["all_npl_end"] = (GIVEN, str(_all_bad(rng, numbers, best)))
        facts["risk_priced_bal"] = (GIVEN, str(loans * round(300 + 680 * strength) // 1000))
        rate -= rng.randrange(2, 25) if best or rng.random() < strength else -rng.randrange(3, 40)
        facts["sme_rate"] = (GIVEN, _fraction(rate))
        facts["ftp_discount_bp"] = (GIVEN, str(round(70 * strength) // 5 * 5 if strength > 0.3 else 0))
        facts["ec_factor"] = (GIVEN, "0.75" if strength > 0.9 else "0.85" if strength > 0.6 else "1")
        facts["branch_approved_share"] = (GIVEN, _fraction(round(3000 + 6000 * strength)))
        facts["mean_days"] = (GIVEN, _hundredths(round(1200 - 950 * strength) // 10 * 10))
        facts["kpi_weight"] = (GIVEN, _fraction(round(120 * strength) * 10))
        facts["tolerance_pp"] = (GIVEN, "2" if strength > 0.7 else "1.5" if strength > 0.5 else "0.5")
        if bank.code in NO_TOLERANCE:
            facts["tolerance_pp"] = (NOT_APPLICABLE, "")
        facts["exempt_cases"] = (GIVEN, str(rng.randrange(0, 9) if strength > 0.4 else 0))
        people = max(6, numbers["sme_hh_end"] // 55)
        facts["credit_staff"] = (GIVEN, str(people))
        facts["sme_staff"] = (GIVEN, str(people * round(8 + 44 * strength) // 100))
        facts["train_hours"] = (GIVEN, str(round(30 * strength)))
        facts["train_cover"] = (GIVEN, _fraction(min(10000, round(4000 + 6200 * strength) // 100 * 100)))
        due = 0 if bank.code in NO_DUE else loans * rng.randrange(30, 60) // 100
        facts["due_bal"] = (GIVEN, str(due))
        facts["renewed_bal"] = (GIVEN, str(due * round(30 + 230 * strength) // 1000))
        facts["tax_bal"] = (GIVEN, "0" if bank.code in NO_TAX else str(loans * (tax + 6 * (year - 2014)) // 1000))
        for name, highest in LEVELS.items():
            facts[name] = (GIVEN, str(highest if best else _level(rng, strength, highest)))
        for name, items in CHECKLISTS.items():
            ticked = [item for item in items if best or rng.random() < strength + 0.1]
            if bank.code in NO_TAX and name == "g6_items":
                ticked = []
            facts[name] = (GIVEN, ";".join(sorted(ticked)) or "none")
        bank.given[str(year)] = _given(rng, bank, strength, best)
    _plans(rng, bank)
    if bank.code == CAPPED:
        _ninety_three(bank)


def _level(rng: Random, strength: float, highest: int) -> int:
    return max(0, min(highest, round(highest * (strength + rng.uniform(-0.2, 0.2)))))


def _all_bad(rng: Random, numbers: Mapping[str, int], best: bool) -> int:
    """All non-performing loans: those of SMEs, and of the rest at a rate of the bank's own.

    The best banks' SME loans are no worse than their others, so that asset quality costs them nothing.
    """
    others = numbers["all_bal_end"] - numbers["sme_bal_end"]
    if not best or not numbers["sme_bal_end"]:
        return numbers["sme_npl_end"] + others * rng.randrange(30, 110) // 10000
    same = Fraction(numbers["sme_npl_end"], numbers["sme_bal_end"])
    return numbers["sme_npl_end"] + ceil(others * same * Fraction(11, 10))


def _given(rng: Random, bank: DemoBank, strength: float, best: bool) -> Facts:
    """What the supervisor finds and the system counts."""
    late = 0 if best else rng.choice((0, 0, 0, 0, 1, 2, 5))
    returns = 0 if best else rng.choice((0, 0, 0, 1, 1, 2))
    fees = 0 if best or strength > 0.4 else rng.choice((0, 1, 1))
    findings = 0 if best or strength > 0.6 else rng.choice((0, 0, 1))
    return {
        "returns": (GIVEN, str(returns)),
        "late_days": (GIVEN, str(late)),
        "fee_violations": (GIVEN, str(fees)),
        "open_findings": (GIVEN, str(findings)),
    }


def _plans(rng: Random, bank: DemoBank) -> None:
    """The year's separate credit plan: what was done, by how much the bank did more or less; none for the weakest."""
    for year in range(2014, 2018):
        if (facts := bank.facts.get(str(year))) is None:
            continue
        before = int(bank.facts.get(str(year - 1), {}).get("sme_bal_end", (GIVEN, "0"))[1])
        gain = int(facts["sme_bal_end"][1]) - before
        best = bank.code in (CAPPED, *EXCELLENT)
        wanted = (
            gain * 100 // (rng.randrange(100, 125) if best else rng.randrange(80, 130)) if gain > 0 else before // 20
        )
        plan = 0 if bank.strength < 0.15 or not before else max(1, min(wanted, before))
        facts["plan_increment"] = (GIVEN, str(plan))


def _ninety_three(bank: DemoBank) -> None:
    """Full points but for target 1 (3 points) and four answers one step below the best (4 points): 93."""
    facts = bank.facts["2017"]
    facts |= {
        "a1_level": (GIVEN, "3"),
        "d2_level": (GIVEN, "2"),
        "f1_level": (GIVEN, "2"),
        "c4_items": (GIVEN, "green_channel;promise"),
    }


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
