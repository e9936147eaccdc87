"""What some demonstration banks have on file for the money schemes: invented figures, in 万元."""

from collections.abc import Mapping

from assessments.demo.banks import GIVEN, Facts
from assessments.demo.people import People
from assessments.models import PartnerState, RulebookVersion
from assessments.money.claims import decide_claim, file_claim
from assessments.money.partners import change_partner

# bank code → year → fact → value
FIGURES: Mapping[str, Mapping[int, Mapping[str, str]]] = {
    "DC01": {
        2016: {"rrr_bal_500": "356200", "rrr_all_bal": "4120000", "reward_bal_500": "356200"},
        2017: {
            "comp_bal": "186000",
            "comp_npl": "6324",
            "comp_net_loss": "1240.50",
            "fund_loans": "52000",
            "fund_claims": "2310",
            "fund_new_loan": "300",
            "fund_borne": "240",
            "rrr_bal_500": "418700",
            "rrr_all_bal": "4390000",
            "rrr_deposits": "6150000",
            "reward_bal_500": "418700",
        },
    },
    "DC02": {2017: {"fund_loans": "31500", "fund_claims": "1921.50", "fund_new_loan": "500", "fund_borne": "400"}},
    "DC03": {2017: {"comp_bal": "94000", "comp_npl": "1410", "comp_net_loss": "318"}},
    "DC05": {2017: {"comp_bal": "120000", "comp_npl": "4200", "comp_net_loss": "560"}},
    "DV01": {
        2016: {"rural_mean_bal": "14820"},
        2017: {
            "rural_mean_bal": "16275.50",
            "rural_ratios_met": "true",
            "rural_loans": "17100",
            "rural_deposits": "29800",
        },
    },
}


SUSPENDED = "累计代偿率超过5%，按约定暂停合作，待代偿率回落后再行研究。"
CLAIM_ACCEPTED = "申请数据与报表一致，符合补偿条件，同意。"


def claim_compensation(people: People) -> None:
    """Two banks claim compensation; one claim is decided, the other waits."""
    scheme = RulebookVersion.objects.get(code="money-compensation-2016")
    claims = [file_claim(actor=people.bank[code]["signatory"], scheme_id=scheme.pk) for code in ("DC01", "DC05")]
    decider = people.supervisors["decider2"]
    decide_claim(actor=decider, claim_id=claims[0].pk, accept=True, reason=CLAIM_ACCEPTED)


def suspend_partner(people: People) -> None:
    """One partner of the guarantee fund is over the line of claims."""
    scheme = RulebookVersion.objects.get(code="money-guarantee-2017")
    bank = people.bank["DC02"]["signatory"].bank_id or 0
    decider = people.supervisors["decider"]
    change_partner(actor=decider, scheme_id=scheme.pk, bank_id=bank, state=PartnerState.SUSPENDED, reason=SUSPENDED)


def facts_of(code: str, year: int) -> Facts:
    """The facts of one bank and year as they are recorded; none for a bank that has none on file."""
    return {fact: (GIVEN, value) for fact, value in FIGURES.get(code, {}).get(year, {}).items()}
