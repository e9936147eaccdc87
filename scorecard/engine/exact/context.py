"""The context of one bank in one year: values of names, outcomes of targets, points of indicators, each computed
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from decimal import Decimal

from scorecard.engine.exact.scoring import score_indicator
from scorecard.engine.exact.sections import SectionPoints, band_of, limited_total, section_points
from scorecard.engine.exact.targets import Outcome, outcome_of
from scorecard.engine.language.exact import compute
from scorecard.engine.language.syntax import Expression
from scorecard.engine.rulebook.labels import words
from scorecard.engine.rulebook.prepared import once
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.facts import Absence, FactValue, Missing, Nothing, Value, not_supplied, undefined
from scorecard.engine.values.numbers import round_points, to_decimal
from scorecard.engine.values.rational import ZERO, Fraction
from scorecard.engine.values.results import IndicatorResult
from scorecard.engine.values.scoring_input import MAX_YEARS_BACK, ScoringInput, TargetDecision, of_year
from scorecard.engine.values.text import Text

#: An earlier year's fact without a figure, which the year before it may have (``carries_from``).
_GAPS = (None, Nothing.UNANSWERED, Nothing.NOT_SUPPLIED)


class Scoring:
    """What expressions and rules ask while one bank is scored. It remembers every answer.

    `offset` counts years back; the scoring of an earlier year shares rulebook and input and reads that year's facts.
    """

    def __init__(self, rulebook: Rulebook, inputs: ScoringInput, offset: int = 0, root: Scoring | None = None) -> None:
        self.rulebook = rulebook
        self.inputs = inputs
        self.offset = offset
        self.root = root or self
        self._facts: Mapping[str, FactValue] = inputs.history.get(-offset, {}) if offset else inputs.facts
        self._values: dict[str, Value] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._years: dict[int, Scoring] = {}
        self._points: dict[str, IndicatorResult] = {}
        self._busy: set[str] = set()
        self._sections: dict[str, SectionPoints] = {}
        self.total: Decimal | None = None
        self.grade_rank: int | None = None

    # ---- values

    def value(self, name: str) -> Value:
        """Return the value of a fact, property, parameter or definition."""
        found = self._values.get(name)
        if found is None:
            given = self._facts.get(name)
            if given.__class__ is Decimal and name in self.rulebook.facts:  # the usual case, at once
                found = self._values[name] = Fraction(*given.as_integer_ratio())  # half the calls of Fraction(given)
                return found
            if name in self._busy:
                return undefined(f"“{name}”的定义循环引用", f"the definition of “{name}” refers to itself")
            self._busy.add(name)
            try:
                found = self._values[name] = self._find(name)
            finally:
                self._busy.discard(name)
        return found

    def _find(self, name: str) -> Value:
        rulebook = self.rulebook
        spec = rulebook.facts.get(name)
        if spec is not None:
            given = self._facts.get(name)
            if self.offset and spec.carries_from and given in _GAPS:
                given = self.inputs.history.get(-self.offset - 1, {}).get(spec.carries_from, given)
            gap = given in _GAPS
            if gap and spec.derived is not None and not self.offset:
                return compute(spec.derived, self)
            return self._given(name, given, spec.label, spec.supplied_by)
        definition = rulebook.definitions.get(name)
        if definition is not None:
            return compute(definition.expr, self)
        estimate = rulebook.estimates.get(name)
        if estimate is not None:
            amount = compute(estimate.expr, self)
            if not isinstance(amount, Fraction):
                return amount
            return Fraction(round_points(amount, estimate.digits, rulebook.rounding.mode))
        parameter = rulebook.parameters.get(name)
        if parameter is not None:
            # What the supervisor set for one year says nothing of another; the rulebook's default holds for all.
            given = self.inputs.parameters.get(of_year(name, self.offset), parameter.default)
            given = Nothing.NOT_SUPPLIED if given is None else given
            return self._given(name, given, parameter.label, "supervisor")
        given = self.inputs.bank.get(name)
        prop = rulebook.properties.get(name)
        label = prop.label if prop else Text(name, name)
        return self._given(name, Nothing.NOT_SUPPLIED if isinstance(given, Nothing) else given, label, "supervisor")

    def _given(self, name: str, given: FactValue | None, label: Text, supplied_by: str) -> Value:
        """Return what was given for a name, or why it has no value."""
        if isinstance(given, Decimal):
            return Fraction(given)
        if given is not None and not isinstance(given, Nothing):
            return given
        known = _absences(self.rulebook)
        key = (name, given, self.offset)
        if key not in known:
            kind, reason = _absence(given, label, supplied_by, self.offset)
            known[key] = Missing(kind, reason, (name,))
        return known[key]

    def back(self, years: int) -> Scoring:
        """Return the scoring of so many years before this one."""
        offset = self.offset + years
        if offset == self.offset:
            return self
        found = self.root._years.get(offset)
        if found is None:
            found = self.root._years[offset] = Scoring(self.rulebook, self.inputs, offset, self.root)
        return found

    # ---- targets

    def outcome(self, target: str) -> Outcome:
        found = self._outcomes.get(target)
        if found is None:
            recorded = self._facts.get(target) if self.offset else None
            found = outcome_of(self.rulebook.targets[target], self, recorded)
            decision = None if self.offset else self.inputs.decisions.get(target)
            self._outcomes[target] = found = found if decision is None else found.decided(decision)
        return found

    def target_missed(self, target: str) -> bool | Missing:
        """Return whether a target is missed; a blank is Missing here (and costs the lowest points)."""
        return self.outcome(target).missed

    def missed(self, target: str) -> bool | Missing:
        """Return whether a target counts as missed: a blank does, since a blank never beats an honest answer."""
        missed = self.outcome(target).missed
        return True if isinstance(missed, Missing) and missed.blank else missed

    def missed_years(self, target: str) -> int:
        """Return how many years running, this one included, the target is known to be missed."""
        years = 0
        while years < MAX_YEARS_BACK and self.back(years).missed(target) is True:
            years += 1
        return years

    # ---- points

    def indicator(self, indicator: str) -> IndicatorResult:
        found = self._points.get(indicator)
        if found is None:
            spec = self.rulebook.indicators[indicator]
            self._busy.add(indicator)
            points = spec.rule.evaluate(self)
            found = self._points[indicator] = score_indicator(self.rulebook, self.inputs, spec, points)
            self._busy.discard(indicator)
        return found

    def section(self, section: str) -> SectionPoints:
        found = self._sections.get(section)
        if found is None:
            spec = self.rulebook.sections[section]
            results, below = map(self.indicator, spec.indicators), map(self.section, spec.children)
            found = section_points(self.rulebook.rounding, spec, list(results), list(below))
            self._sections[section] = found
        return found

    def sum_of_sections(self) -> Fraction:
        return sum((Fraction(self.section(s.id).points) for s in self.rulebook.top_sections), ZERO)

    def before_limits(self) -> Scoring:
        """Return this scoring with the total and the grade that the points give before any limit: banks are compared
        by these, so no limit reads what it changes. While points are worked out there is neither.
        """
        fresh = copy(self)
        fresh.root, fresh.total, fresh.grade_rank = fresh, None, None
        if not self._busy & self.rulebook.indicators.keys():
            fresh.total = limited_total(self.rulebook, self.sum_of_sections())
            fresh.grade_rank = self.rulebook.grade_order[band_of(self.rulebook, fresh.total)]
        return fresh

    def points_of(self, ids: tuple[str, ...]) -> Value:
        """Return the sum of points of indicators, sections and parts; what awaits somebody adds nothing yet."""
        if self.offset:
            return self._of_this_year_alone()
        total = ZERO
        for id in ids:
            if id in self._busy:
                return undefined(f"“{id}”的得分循环引用", f"the points of “{id}” refer to themselves")
            if id in self.rulebook.sections:
                total += Fraction(self.root.section(id).points)
            else:
                found = (self.root.indicator(i).points for i in self.rulebook.members((id,)))
                total += sum((Fraction(points) for points in found if points is not None), ZERO)
        return total

    def _of_this_year_alone(self) -> Missing:
        """Points, grades and peers are on record for no other year, and this year's do not stand in for them."""
        return not_supplied(
            f"没有前{self.offset}年的得分、等次和同组数据",
            f"points, grades and the peers' figures are not on record {self.offset} year(s) back",
        )

    def self_points_of(self, ids: tuple[str, ...]) -> Value:
        """Return the sum of the bank's own points; shared-out points are shared out in the same way.

        Nothing when the bank gave none yet. A blank when it left some out, and when an indicator itself is blank: what
        the bank's own points are held against is then not known, and a blank must not bring them nearer. What still
        awaits judgement counts zero in `points_of`, so the bank's own points of it count here; what is not applicable
        counts on neither side.
        """
        if self.offset:
            return self._of_this_year_alone()
        given = self.inputs.self_points
        if not given:
            return not_supplied("尚无自评得分", "the bank has given no points of its own yet")
        members = self.rulebook.members(ids)
        counted = [i for i in members if self.root.indicator(i).state != "not_applicable"]
        unanswered = [i for i in counted if self.root.indicator(i).state == "unanswered"]
        blank = [i for i in counted if i not in given and i not in unanswered]
        if blank:
            zh = f"指标 {'、'.join(blank)} 没有自评得分"
            return Missing(Absence.UNANSWERED, Text(zh, f"there are no own points for {', '.join(blank)}"))
        if unanswered:
            zh = f"指标 {'、'.join(unanswered)} 未填报，自评得分无从比较"
            en = f"{', '.join(unanswered)} is not answered, so the bank's own points cannot be held against it"
            return Missing(Absence.UNANSWERED, Text(zh, en))
        shared = (self.root.section(id).shared_out_of(given) for id in ids if id in self.rulebook.sections)
        return sum((*(Fraction(given[i]) for i in counted), *shared), ZERO)

    def maximum_of(self, ids: tuple[str, ...]) -> Fraction:
        return self.rulebook.maximum_of(ids)

    def total_points(self) -> Value:
        if self.offset:
            return self._of_this_year_alone()
        if self.root.total is None:
            return undefined("总分尚未得出", "the total is not known yet")
        return Fraction(self.root.total)

    def grade_at_least(self, grade: str) -> bool | Missing:
        if self.offset:
            return self._of_this_year_alone()
        if self.root.grade_rank is None:
            return undefined("等次尚未得出", "the grade is not known yet")
        return self.root.grade_rank <= self.rulebook.grade_order[grade]

    def filed(self) -> bool:
        return self.inputs.filed

    def peer_values(self, key: str) -> tuple[Fraction, ...] | Missing:
        if self.offset:
            return self._of_this_year_alone()
        found = self.inputs.peers.get(key)
        if found is None:
            return not_supplied("同组数据尚未汇总", "the peer group's figures are not collected yet")
        least = self.rulebook.peer_minimum
        if 0 < len(found) < least:  # where nobody has the figure, a blank stays a blank
            en = f"the peer group has fewer than {least} banks, so nothing is compared with it"
            return not_supplied(f"同组不足 {least} 家，不作同组比较", en)
        return found

    # ---- for rules

    def no_reference(self, reference: Expression) -> Missing:
        name = words(self.rulebook, reference)
        return undefined(f"{name.zh}为零或负数，无法计算比例", f"{name.en} is zero or negative, so there is no share")

    def supposing_missed(self, targets: tuple[str, ...]) -> Scoring:
        """Return a fresh scoring of this year in which these targets, which nothing decides, are missed."""
        missed = {t: TargetDecision("missed", "") for t in targets}
        return Scoring(self.rulebook, replace(self.inputs, decisions={**self.inputs.decisions, **missed}))

    def with_fact(self, fact: str, value: Fraction) -> Scoring:
        """Return a fresh scoring of this year in which one fact has another value, as if it had been looked up."""
        fresh = Scoring(self.rulebook, self.inputs)
        fresh._values[fact] = value
        return fresh

    def decimal(self, fact: str) -> Decimal | None:
        value = self.value(fact)
        return to_decimal(value) if isinstance(value, Fraction) else None


@once
def _absences(rulebook: Rulebook) -> dict[tuple[str, Nothing | None, int], Missing]:
    """Return the reasons why a name has no value, by name, answer and years back, as far as they have been met."""
    return {}


def _absence(given: Nothing | None, label: Text, supplied_by: str, years: int) -> tuple[Absence, Text]:
    zh, en = f"“{label.zh}”", f"“{label.en}”"
    if given is Nothing.NOT_APPLICABLE:
        return Absence.NOT_APPLICABLE, Text(f"{zh}不适用", f"{en} is not applicable")
    if years:
        return Absence.NOT_SUPPLIED, Text(f"没有前{years}年的{zh}", f"there is no record of {en} {years} year(s) back")
    if given is Nothing.NOT_SUPPLIED or supplied_by != "bank":
        who, who_en = ("系统", "the system") if supplied_by == "system" else ("监管部门", "the supervisor")
        return Absence.NOT_SUPPLIED, Text(f"{zh}待{who}提供", f"{en} is yet to be supplied by {who_en}")
    return Absence.UNANSWERED, Text(f"{zh}未填报", f"{en} is not answered")
