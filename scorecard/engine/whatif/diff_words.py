"""Words for the keys and the set values of a rulebook, in both languages: no page shows a raw key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from scorecard.engine.declarations.keys import Key, keys_of
from scorecard.engine.rulebook.conclusions import AdjustmentCase
from scorecard.engine.rulebook.model import Head, Rounding, Total
from scorecard.engine.rulebook.rulebook import GROUPS
from scorecard.engine.rules.base import KINDS
from scorecard.engine.values.text import EMPTY, Text

#: The parts of a rulebook in the order in which a difference is read.
_ORDER = (
    "sections",
    "indicators",
    "targets",
    "grades",
    "caps",
    "adjustments",
    "measures",
    "tools",
    "estimates",
    "parameters",
    "definitions",
    "facts",
    "checks",
    "parts",
    "properties",
    "documents",
    "process",
)
GROUP_LABELS: dict[str, Text] = {
    "rulebook": Text("办法概况", "Rulebook"),
    "extends": Text("所依据的办法", "Rulebook it extends"),
    **{name: GROUPS[name].words for name in _ORDER},
}

FIELD_LABELS: dict[str, Text] = {
    "": Text("内容", "Content"),
    "actor": Text("办理主体", "Who acts"),
    "base": Text("基准", "Base"),
    "basis": Text("依据性质", "Basis"),
    "because": Text("理由", "Reason"),
    "carries_from": Text("结转自", "Carried from"),
    "case_by_case": Text("视情况采取", "At discretion"),
    "cases": Text("情形", "Cases"),
    "ceiling": Text("上限", "Ceiling"),
    "code": Text("编号", "Code"),
    "date": Text("日期", "Date"),
    "default": Text("默认值", "Default"),
    "derived": Text("计算公式", "Formula"),
    "description": Text("说明", "Description"),
    "digits": Text("小数位数", "Decimals"),
    "direction": Text("方向", "Direction"),
    "effect": Text("作用", "Effect"),
    "evidence": Text("佐证材料", "Evidence"),
    "expr": Text("计算公式", "Formula"),
    "fact": Text("填报项", "Fact"),
    "facts": Text("所用数据", "Facts used"),
    "floor": Text("下限", "Floor"),
    "form": Text("取数来源", "Taken from"),
    "group": Text("分组", "Group"),
    "guidance": Text("评分说明", "Guidance"),
    "help": Text("填报说明", "Help"),
    "holds": Text("应成立的条件", "Condition that must hold"),
    "id": Text("编号", "Id"),
    "indicator": Text("指标小数位数", "Decimals of an indicator"),
    "described": Text("标题为本系统所拟", "Title is our description"),
    "instrument": Text("依据", "Instrument"),
    "issuer": Text("发文单位", "Issuer"),
    "judged_by": Text("可由谁评定", "Who may judge"),
    "kind": Text("类型", "Kind"),
    "label": Text("名称", "Label"),
    "left": Text("比较左侧", "Own side"),
    "lever": Text("推算所用数据", "Fact that moves it"),
    "max": Text("满分", "Maximum"),
    "message": Text("提示", "Message"),
    "min": Text("最低分", "Minimum"),
    "mode": Text("舍入方式", "Rounding mode"),
    "name": Text("名称", "Name"),
    "name_basis": Text("名称依据", "Basis of the name"),
    "needs_filing": Text("须事先报备", "Filed with the supervisor first"),
    "not_applicable": Text("不适用时", "When not applicable"),
    "notch_of": Text("所属等次", "Notch of"),
    "number": Text("文号", "Number"),
    "op": Text("比较符号", "Comparison sign"),
    "options": Text("选项", "Options"),
    "otherwise": Text("其余得分", "Points otherwise"),
    "parent": Text("上级部分", "Parent section"),
    "part": Text("分值构成", "Part"),
    "points": Text("分值", "Points"),
    "range": Text("范围", "Range"),
    "required": Text("必填", "Required"),
    "right": Text("比较右侧", "Compared with"),
    "rounding": Text("舍入", "Rounding"),
    "rule": Text("计分规则", "Rule"),
    "section": Text("评价部分", "Section"),
    "severity": Text("级别", "Severity"),
    "short": Text("简称", "Short name"),
    "source": Text("出处", "Read in"),
    "summary": Text("摘要", "Summary"),
    "supplied_by": Text("提供方", "Supplied by"),
    "text": Text("是否见到原文", "Text seen"),
    "title": Text("标题", "Title"),
    "to": Text("限制为", "To"),
    "tool": Text("监管工具", "Tool"),
    "total": Text("总分", "Total"),
    "type": Text("评价方式", "Type"),
    "unit": Text("单位", "Unit"),
    "version": Text("版本", "Version"),
    "weight": Text("权重", "Weight"),
    "when": Text("条件", "Condition"),
    "when_unknown": Text("条件无法判断时", "When the condition is not known"),
    "x": Text("计分数值", "Figure scored"),
    "year": Text("年度", "Year"),
    "years": Text("适用年度", "Years"),
}


def _declared() -> Iterator[tuple[str, Key]]:
    """The keys of every entry and of every rule kind, with their names."""
    entries = [Head, Total, Rounding, AdjustmentCase, *(g.entry for g in GROUPS.values())]
    for entry in (*entries, *KINDS.values()):
        yield from keys_of(entry).items()


@cache
def field_label(key: str) -> Text | None:
    """Return the words of a key, None of one that has none."""
    return FIELD_LABELS.get(key) or next((k.label for name, k in _declared() if name == key and k.label != EMPTY), None)


@cache
def value_label(key: str, value: str) -> Text | None:
    """Return the words of a value of a closed list; the kinds of facts, sections and rules are of one list."""
    if key == "kind" and value in KINDS:
        return KINDS[value].kind_name
    return next((k.form.words[value] for name, k in _declared() if name == key and value in k.form.words), None)


@cache
def unworded(key: str) -> bool:
    """Return whether the words of a rule leave out one of its keys."""
    return key in ("unit", "label") or any(
        name == key and not each.worded for rule in KINDS.values() for name, each in keys_of(rule).items()
    )
