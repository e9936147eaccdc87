"""What a demonstration bank says of itself, and what the supervisor finds: everything but loans and applications."""

from collections.abc import Mapping, Sequence
from math import ceil
from random import Random

from assessments.demo.banks import (
    CAPPED,
    EXCELLENT,
    GIVEN,
    NO_DUE,
    NO_TAX,
    NO_TOLERANCE,
    NOT_APPLICABLE,
    VISITOR,
    DemoBank,
    Facts,
)
from assessments.demo.loans import share_out
from scorecard.engine.values.rational import Fraction

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


#: The bank-tax platform opened on 20 September 2017 (report, 5-4-z): nobody had joined it before.
PLATFORM_YEAR = 2017
#: What the report prints of the city: bank-tax loans of 166.65 亿元, 2.88 times those of the year before (4-1-1), and a
#: mean rate of all SME loans of 5.11 % (1-2-2-1). The years before are not printed; each has half of the next.
TAX_LOANS = {2017: 1_666_500, 2016: 578_646, 2015: 289_323, 2014: 144_661}
MEAN_RATE = Fraction(511, 10_000)


def share_own_figures(banks: Sequence[DemoBank]) -> None:
    """Make what the banks drew add up to the city's figures: bank-tax loans, and the rate weighted by balances."""
    for year, city in TAX_LOANS.items():
        told = {bank.code: bank.facts[str(year)] for bank in banks if str(year) in bank.facts}
        weights = {code: int(facts["tax_bal"][1]) for code, facts in told.items()}
        for code, value in share_out(city, weights).items():
            told[code]["tax_bal"] = (GIVEN, str(value))
    # One bank is still to file its rate: the round's mean is that of the others.
    now = [bank.facts["2017"] for bank in banks if "2017" in bank.facts and bank.code != VISITOR]
    balances = sum(int(facts["sme_bal_end"][1]) for facts in now)
    interest = sum((Fraction(facts["sme_rate"][1]) * int(facts["sme_bal_end"][1]) for facts in now), Fraction(0))
    shift = round((MEAN_RATE - interest / balances) * 10_000)
    for bank in banks:
        for facts in bank.facts.values():
            facts["sme_rate"] = (GIVEN, _fraction(round(Fraction(facts["sme_rate"][1]) * 10_000) + shift))


def _hundredths(value: int) -> str:
    """A whole number of hundredths as a plain decimal."""
    return f"{value // 100}.{value % 100:02d}"


def _fraction(value: int, places: int = 4) -> str:
    """A whole number of units of the last place as a fraction, without needless zeros: 7770 → "0.777"."""
    text = f"{value // 10**places}.{value % 10**places:0{places}d}"
    return text.rstrip("0").rstrip(".")


def draw_own_figures(rng: Random, bank: DemoBank) -> None:
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
        facts["kpi_weight"] = (GIVEN, _fraction(max(110, round(120 * strength) * 10)))
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
        # A weight; `share_own_figures` makes a balance of it.
        facts["tax_bal"] = (GIVEN, "0" if bank.code in NO_TAX else str(loans * (tax + 6 * (year - 2014)) // 1000))
        for name, highest in LEVELS.items():
            facts[name] = (GIVEN, str(highest if best else _level(rng, strength, highest)))
        for name, items in CHECKLISTS.items():
            ticked = [item for item in items if best or rng.random() < strength + 0.1]
            if bank.code in NO_TAX and name == "g6_items":
                ticked = []
            if name == "g6_items" and year < PLATFORM_YEAR:
                ticked = [item for item in ticked if item != "connected"]
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
