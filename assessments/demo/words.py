"""What demonstration banks and supervisors write. Built from the rulebook's own words and the bank's own answers."""

from decimal import Decimal

from scorecard.engine import FactValue, Rulebook, format_fact
from scorecard.engine.rulebook.model import Indicator

NOTE = "（演示数据，机构与内容均为虚构）"


def narrative(rulebook: Rulebook, indicator: Indicator, facts: dict[str, FactValue]) -> str:
    """A bank's account of one indicator: what it answered, in the rulebook's words."""
    told = []
    for fact in indicator.facts:
        spec = rulebook.facts[fact]
        if spec.supplied_by == "bank" and fact in facts:
            told.append(f"{spec.label.zh}：{format_fact(spec, facts[fact], 'zh')}")
    return f"{'；'.join(told)}。相关制度、台账和说明材料已留存备查。{NOTE}"


def not_applicable(indicator: Indicator) -> str:
    """Why an indicator does not apply."""
    return f"本行当年没有与“{indicator.name.zh}”相应的业务，因此不适用。{NOTE}"


def report(name: str, year: int, total: Decimal) -> str:
    """The summary report."""
    return (
        f"{name}{year}年度小微企业金融服务工作自评总结\n\n"
        f"一、总体情况。本行对照评价办法逐项自评，自评得分{total}分（不含日常监管评价）。\n"
        "二、主要做法。单列小微信贷计划，完善定价、核算、审批、激励、培训和违约信息通报六项机制，推进银税合作和无还本续贷。\n"
        "三、存在的问题。部分经营单位审批用时仍偏长，专职队伍培训学时不足。\n"
        f"四、下一步措施。加快流程线上化，落实尽职免责，按季通报小微信贷计划完成情况。\n\n{NOTE}"
    )


def explanation() -> str:
    """What a bank says to a warning."""
    return f"数据已与监管报表核对无误，变动系业务结构调整所致。{NOTE}"


SEND_BACK_REASONS = {
    "send_back_to_preparer": "请补充单独核算的说明，并核对专职人员数。",
    "refuse_signature": "自评得分与制度落实情况不完全相符，请重新核对后再报。",
    "refuse": "总结报告与填报数据口径不一致，请更正后重新报送。",
    "return_for_correction": "无还本续贷金额与报表不符，请核对并重新报送。",
    "send_back_to_officer": "请补充对限时承诺一项的核评依据。",
    "send_back_undecided": "请进一步核实银税合作机制的落实情况后再提交审定。",
}
LOWER_POINTS_REASON = "佐证材料未能证明该项制度在当年持续执行，按低一档计分。"
NO_POINTS_REASON = "该行没有相应业务，无法计算，按办法由核评人员评定。"
NO_BASE_REASON = "该行上年没有相应数据，本年无从比较，认定不适用。"
DECIDE_REASON = "核评依据充分，评定结果与办法一致，同意。"
MEASURE_ACCEPT_REASON = "依据评价办法相应条款，同意采取。"
MEASURE_DECLINE_REASON = "该行已报送整改方案，本年度暂不采取，跟踪落实情况。"
OBJECTION_STATEMENT = "请对该项指标重新核定。"
OBJECTION_GROUND = "该项制度于年初印发并全年执行，佐证材料已补充，请予重新核定。"
GROUND_UPHELD = "补充材料能够证明该项制度全年执行，异议成立。"
GROUND_REFUSED = "补充材料形成于评价年度之后，不能证明该项制度在当年执行，异议不成立。"
CORRECTION_BACK = "请写明重新核定该项指标的依据后再提请审定。"
CORRECTED_REASON = "异议成立，按重新核定的结果更正。"
ERROR_ASKED = "复核底稿发现一项扣分依据引用有误，拟重新核定。"
ERROR_KEPT = "经核对，扣分依据无误。"
ERROR_CONFIRMED = "依据引用确需核对，同意重新核定。"
ERROR_UNCHANGED = "重新核定后各项得分不变，原结果有效。"
TAKING_BACK_ASKED = "一项监管措施的适用条款引用有误，拟撤回后重新审定。"
TAKING_BACK_CONFIRMED = "条款引用确有误，同意撤回。"
TAKING_BACK_KEPT = "条款引用无误，维持原审定。"
MEASURE_EXTENDED = "该行机构整合尚未完成，拟问责人员范围需重新确认，同意延期。"
MEASURE_FULFILLED = "问责决定已印发并执行，整改事项逐项核实，确认完成。"
MEASURE_LIFTED = "该行本年度目标完成情况明显改善，经研究予以解除。"
OBLIGATION_RETURNED = "请补充相关部门负责人的责任认定依据后重新报送。"
OBLIGATION_ACCEPTED = "材料齐备，符合要求。"
OBLIGATION_TEXTS = {
    "plan": f"整改计划：明确责任部门、任务和完成时间，按季报告进展。{NOTE}",
    "proposal": f"拟问责结果：拟对相关部门和经营单位负责人进行通报批评并扣减当年绩效。{NOTE}",
    "report": f"完成情况报告：问责决定已印发，整改任务全部完成。{NOTE}",
}
PILOT_REASON = "首年为试点，仅部分机构报送，其余机构只收集数据。"
