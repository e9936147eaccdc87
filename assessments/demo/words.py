"""What demonstration banks and supervisors write. Built from the rulebook's own words and the bank's own answers."""

from decimal import Decimal
from typing import NamedTuple

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


class Agenda(NamedTuple):
    """What a meeting of the demonstration is called, where it is held, and its points in free words."""

    title: str
    place: str
    points: tuple[tuple[str, str], ...]


COMMITTEE = Agenda(
    "小微企业金融服务评价委员会会议（演示）",
    "三楼会议室",
    (("本次评价进度", "各行报送、核评进度和剩余工作日。"),),
)
REGULAR = Agenda(
    "小微企业金融服务工作例会（演示）",
    "一楼会议厅",
    (
        ("“三个不低于”目标完成情况通报", "上一监测期各行目标完成情况。"),
        ("单列信贷计划执行情况", "各行单列信贷计划完成进度和下一步安排。"),
    ),
)
BY_MINUTES = "按{number}评定；暂不采取的措施，依据该行整改方案跟踪落实。"
DISSENT = "该行佐证材料中培训学时的口径与上年不同，建议核对后再定。"
PUT_OFF = "该行整改报告尚未核实，下次会议再议。"
NOTED = "已通报，各方无异议。"
PLAN_NOTED = "进度偏慢的银行应在下一监测期前说明原因。"
TODO_PUT_OFF = "核实该行整改报告，提交下次会议。"
TODO_LATE = "汇总各行报送中的共性问题。"
TODO_DONE = "会后印发通报。"
TODO_PLAN = "收齐信贷计划进度偏慢银行的说明。"
DONE_REASON = "通报已印发。"
COURSE = "主审人介绍情况，与会人员逐项讨论。"
CITY_OFFICE, CITY_GUEST = "演示市金融服务办公室", "演示联络员"
BANK_GUEST = "演示分管负责人"
CIRCULAR_TEXT = "请未完成目标的银行查找原因，在下一监测期前改进。"
