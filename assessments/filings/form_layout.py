"""Where each thing that a bank files stands: on the page of figures, or with the indicator that it answers.

Derived from the rulebook alone, so that a new method needs no new page. An answer (a level, a checklist, yes or no, a
text) stands with the first indicator that uses it; every figure stands on the page of figures, where those who keep the
bank's books find all of them together.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from scorecard.engine import Rulebook, Text
from scorecard.engine.language.syntax import Call, Name
from scorecard.engine.rulebook.model import FactSpec, Indicator
from scorecard.engine.rulebook.prepared import once, prepared

FIGURES = "figures"
FIGURES_TITLE = Text("基础数据", "Figures")


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
class FormPages:
    """The pages in order, and where each fact and indicator is found."""

    pages: tuple[Page, ...]
    page_of_fact: dict[str, str] = field(default_factory=dict)
    page_of_indicator: dict[str, str] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    def page(self, page_id: str) -> Page | None:
        """The page of this id, None where there is none."""
        return next((page for page in self.pages if page.id == page_id), None)


@once
def own_facts(rulebook: Rulebook) -> dict[str, FactSpec]:
    """The facts that the bank supplies itself; derived ones are computed and never asked."""
    return {f: s for f, s in rulebook.facts.items() if s.supplied_by == "bank" and s.derived is None}


def may_be_not_applicable(rulebook: Rulebook, fact: str) -> bool:
    """Whether "not applicable" is an answer to this fact: only where every indicator that uses it says what that does,
    and never for a figure of a target, which a bank could otherwise step out of.

    An indicator says so under ``not_applicable``, or by a rule that asks whether the fact is answered at all.
    """
    indicators, targets = prepared(rulebook).users_of_facts.get(fact, ((), ()))
    return not targets and all(_provides(rulebook.indicators[i], fact) for i in indicators)


def _provides(indicator: Indicator, fact: str) -> bool:
    if indicator.not_applicable != "none":
        return True
    question = Call("answered", (Name(fact),))
    asked = (e for _path, rule in indicator.rule.walk() for _key, e, _type in rule.expressions())
    return any(node == question for expression in asked for node in expression.walk())


@lru_cache(maxsize=32)
def form_pages(rulebook: Rulebook) -> FormPages:
    """The pages of this rulebook."""
    facts = own_facts(rulebook)
    ordered = [i for section in rulebook.top_sections for i in rulebook.indicators_of(section.id)]
    home: dict[str, str] = {}  # fact → indicator it is filed with
    for indicator in ordered:
        for fact in indicator.facts:
            if fact in facts and not facts[fact].is_number:
                home.setdefault(fact, indicator.id)
    items = {indicator.id: _item(rulebook, indicator, facts, home) for indicator in ordered}
    loose = [spec for fact, spec in facts.items() if fact not in home]
    groups = _groups(rulebook, loose)
    pages = [Page(FIGURES, FIGURES_TITLE, groups=groups, facts=tuple(s for g in groups for s in g.facts))]
    for section in rulebook.top_sections:
        own = tuple(items[i.id] for i in rulebook.indicators_of(section.id))
        pages.append(Page(section.id, section.name, items=own, facts=tuple(spec for item in own for spec in item.own)))
    if not loose:
        del pages[0]
    return FormPages(
        tuple(pages),
        {spec.id: page.id for page in pages for spec in page.facts},
        {item.indicator.id: page.id for page in pages for item in page.items},
        items,
    )


def _top(rulebook: Rulebook, section: str) -> str:
    while rulebook.sections[section].parent:
        section = rulebook.sections[section].parent
    return section


def _item(rulebook: Rulebook, indicator: Indicator, facts: dict[str, FactSpec], home: dict[str, str]) -> Item:
    own = tuple(facts[f] for f in indicator.facts if home.get(f) == indicator.id)
    used = tuple(rulebook.facts[f] for f in indicator.facts if home.get(f) != indicator.id)
    asked = any(f in facts for f in indicator.facts) and _answers(rulebook, indicator, home)
    narrative = asked and indicator.type in ("qualitative", "mixed")
    return Item(indicator, own, used, asked, narrative, asked and indicator.not_applicable != "none")


def _answers(rulebook: Rulebook, indicator: Indicator, home: dict[str, str]) -> bool:
    """Whether the bank answers for the section of an indicator: the rulebook asks it there for an answer or evidence.

    A section without either is the supervisor's own view, even where it depends on a figure of the bank.
    """
    section = _top(rulebook, indicator.section)
    return any(i.evidence or i.id in home.values() for i in rulebook.indicators_of(section))


TARGET_FIGURES = Text("目标所用数据", "Figures of the targets")
OTHER_FIGURES = Text("其他数据", "Other figures")


def _groups(rulebook: Rulebook, loose: list[FactSpec]) -> tuple[Group, ...]:
    """Figures of the targets first, the others under the section that uses them, in the order of the sections."""
    order = [TARGET_FIGURES, *(section.name for section in rulebook.top_sections), OTHER_FIGURES]
    found: dict[Text, list[FactSpec]] = {title: [] for title in order}
    for spec in loose:
        found[_heading(rulebook, spec)].append(spec)
    return tuple(Group(title, tuple(specs)) for title, specs in found.items() if specs)


def _heading(rulebook: Rulebook, spec: FactSpec) -> Text:
    indicators, targets = prepared(rulebook).users_of_facts.get(spec.id, ((), ()))
    if targets:
        return TARGET_FIGURES
    sections = [spec.section, *(rulebook.indicators[i].section for i in indicators)]
    known = [section for section in sections if section in rulebook.sections]
    return rulebook.sections[_top(rulebook, known[0])].name if known else OTHER_FIGURES
