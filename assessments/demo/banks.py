"""Clearly fictitious banks: their entries in the register, and what each of them is meant to show."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from scorecard.engine.values.rational import Fraction

GIVEN, UNANSWERED, NOT_APPLICABLE = "value", "unanswered", "not_applicable"
YEARS = (2015, 2016, 2017)

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
SMALL_BRANCHES = ("DR03", "DF12", "DC11")  # a quarter of the size of the others of their kind
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
    officer: int = 0
    strength: float = 0.6
    facts: dict[str, Facts] = field(default_factory=dict)
    given: dict[str, Facts] = field(default_factory=dict)

    def active_in(self, year: int) -> bool:
        """Whether the bank is on the register on the last day of the year."""
        last = self.values["active_to"]
        day = f"{year}-12-31"
        return self.values["active_from"] <= day and (not last or day <= last)


def check_digit(first: str) -> str:
    """The last character of a unified social credit code (GB 32100-2015, 5.2)."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    return alphabet[-sum(alphabet.index(char) * pow(3, place, 31) for place, char in enumerate(first)) % 31]


def register(rng: Random) -> list[DemoBank]:
    """The banks in the order of their codes within the categories, without figures."""
    banks = []
    serial = 0
    for kind in KINDS:
        for number in range(1, kind.legal + kind.branches + 1):
            serial += 1
            code = f"{CODES[kind.category]}{number:02d}"
            # Legal entities come first. No branch here belongs to one of them: the city's sums would hold it twice.
            branch = number > kind.legal
            banks.append(_entry(rng, kind, code, number, serial, branch))
    return banks


def _numeral(number: int) -> str:
    return NUMERALS[number - 1] if number <= 10 else f"十{NUMERALS[number - 11]}"


def _entry(rng: Random, kind: Kind, code: str, number: int, serial: int, branch: bool) -> DemoBank:
    stem = "演示银行一" if code == VISITOR else f"演示{kind.zh}{_numeral(number)}"
    name = f"{stem}上海分行" if branch else stem
    name_en = f"Demo {kind.en} {number}" + (", Shanghai Branch" if branch else "")
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
            "head_office_name": f"{stem}总行（虚构）" if branch else "",
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
