"""Where each thing that a bank files stands: on the page of figures, or with the indicator that it answers.

Derived from the rulebook alone, so that a new method needs no new page. A fact that names a section stands there; an
answer (a level, a checklist, yes or no, a text) stands with the first indicator that uses it; every other figure stands
on the page of figures, in the groups that the rulebook gives.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from scorecard.engine.model import FactSpec, Indicator
from scorecard.engine.rulebook import Rulebook
from scorecard.engine.text import EMPTY, Text

FIGURES = "figures"


@dataclass(frozen=True)
class Item:
    """One indicator as the bank files it. ``own`` are the facts filed with it, ``used`` those that stand elsewhere."""

    indicator: Indicator
    own: tuple[FactSpec, ...]
    used: tuple[FactSpec, ...]
    asked: bool  # whether the bank answers here at all; else the supervisor alone scores it
    narrative: bool  # whether a narrative is required
    claim: bool  # whether the bank may say that it does not apply


@dataclass(frozen=True)
class Group:
    """Figures that stand together under one heading."""

    title: Text
    facts: tuple[FactSpec, ...]


@dataclass(frozen=True)
class Page:
    """One page of the filing: the figures, or a top section with its indicators."""

    id: str
    title: Text
    groups: tuple[Group, ...] = ()
    items: tuple[Item, ...] = ()
    facts: tuple[FactSpec, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether the bank fills in anything here."""
        return bool(self.facts) or any(item.asked for item in self.items)


@dataclass(frozen=True)
class Plan:
    """The pages in order, and where each fact and indicator is found."""

    pages: tuple[Page, ...]
    page_of_fact: dict[str, str] = field(default_factory=dict)
    page_of_indicator: dict[str, str] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    def page(self, page_id: str) -> Page | None:
        """The page of this id, None where there is none."""
        return next((page for page in self.pages if page.id == page_id), None)


def own_facts(rulebook: Rulebook) -> dict[str, FactSpec]:
    """The facts that the bank supplies itself; derived ones are computed and never asked."""
    return {f: s for f, s in rulebook.facts.items() if s.supplied_by == "bank" and s.derived is None}


def may_be_not_applicable(rulebook: Rulebook, fact: str) -> bool:
    """Whether "not applicable" is an answer to this fact: only where every indicator that uses it says what that does,
    and never for a figure of a target, which a bank could otherwise step out of."""
    indicators, targets = rulebook.users_of_facts.get(fact, ((), ()))
    return not targets and all(rulebook.indicators[i].not_applicable != "none" for i in indicators)


@lru_cache(maxsize=32)
def plan(rulebook: Rulebook) -> Plan:
    """The pages of this rulebook."""
    facts = own_facts(rulebook)
    top = {i.id: section.id for section in rulebook.top_sections for i in rulebook.indicators_of(section.id)}
    home: dict[str, str] = {}  # fact → indicator it is filed with
    for indicator in (i for section in rulebook.top_sections for i in rulebook.indicators_of(section.id)):
        for fact in indicator.facts:
            spec = facts.get(fact)
            if spec and fact not in home and (spec.section in rulebook.sections or not spec.is_number):
                if not spec.section or top[indicator.id] == _top(rulebook, spec.section):
                    home[fact] = indicator.id
    items = {i.id: _item(rulebook, i, facts, home) for i in rulebook.indicators.values()}
    loose = [spec for fact, spec in facts.items() if fact not in home]
    pages = [Page(FIGURES, Text("基础数据", "Figures"), groups=_groups(rulebook, loose), facts=tuple(loose))]
    for section in rulebook.top_sections:
        own = tuple(items[i.id] for i in rulebook.indicators_of(section.id))
        pages.append(Page(section.id, section.name, items=own, facts=tuple(spec for item in own for spec in item.own)))
    if not loose:
        del pages[0]
    return Plan(
        tuple(pages),
        {spec.id: page.id for page in pages for spec in page.facts},
        {item.indicator.id: page.id for page in pages for item in page.items},
        items,
    )


def _top(rulebook: Rulebook, section: str) -> str:
    while rulebook.sections.get(section) is not None and rulebook.sections[section].parent:
        section = rulebook.sections[section].parent
    return section


def _item(rulebook: Rulebook, indicator: Indicator, facts: dict[str, FactSpec], home: dict[str, str]) -> Item:
    own = tuple(facts[f] for f in indicator.facts if home.get(f) == indicator.id)
    used = tuple(rulebook.facts[f] for f in indicator.facts if home.get(f) != indicator.id)
    asked = any(f in facts for f in indicator.facts)
    return Item(
        indicator,
        own,
        used,
        asked,
        asked and indicator.type in ("qualitative", "mixed"),
        asked and indicator.not_applicable != "none",
    )


def _groups(rulebook: Rulebook, loose: list[FactSpec]) -> tuple[Group, ...]:
    """Figures by the rulebook's own groups; one without a group stands under the section that uses it first."""
    found: dict[Text, list[FactSpec]] = {}
    for spec in loose:
        found.setdefault(_heading(rulebook, spec), []).append(spec)
    return tuple(Group(title, tuple(specs)) for title, specs in found.items())


def _heading(rulebook: Rulebook, spec: FactSpec) -> Text:
    if spec.group in rulebook.sections:
        return rulebook.sections[spec.group].name
    indicators, targets = rulebook.users_of_facts.get(spec.id, ((), ()))
    if targets:
        return Text("目标相关数据", "Figures of the targets")
    for indicator in indicators:
        return rulebook.sections[_top(rulebook, rulebook.indicators[indicator].section)].name
    return EMPTY
