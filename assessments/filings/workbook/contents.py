"""What goes into a workbook: everything of one draft that its sheets show, as plain data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from assessments.filings.form_layout import FIGURES, FormPages, Item, form_pages, may_be_not_applicable
from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX
from assessments.filings.selectors import Draft
from assessments.filings.workbook.stamp import Stamp, Value, base_text
from assessments.models import REPORT
from scorecard.engine import FactValue, Nothing, Rulebook, ScoringInput, run_checks
from scorecard.engine.rulebook.labels import words
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.values.results import CheckFinding
from scorecard.words.formats import moment
from scorecard.words.language import in_language, screen_language

#: What stands in an input that nobody has filled in.
_BLANK: dict[Kind, Value] = {
    Kind.FACT: Nothing.UNANSWERED,
    Kind.NARRATIVE: "",
    Kind.SELF_POINTS: None,
    Kind.NOT_APPLICABLE: False,
}


@dataclass(frozen=True)
class Head:
    """What a workbook is of."""

    round: str
    round_title: str
    bank: str
    bank_name: str
    due: str
    rulebook: str
    rulebook_title: str
    revision: int
    made: str


@dataclass
class Contents:
    """One draft for a workbook in the language of the screen. ``values`` holds what stands in each input; one that is
    not there is blank. ``last`` are last year's figures."""

    rulebook: Rulebook
    head: Head
    inputs: ScoringInput
    values: Mapping[Key, Value] = field(default_factory=dict)
    last: Mapping[str, FactValue] = field(default_factory=dict)

    @cached_property
    def language(self) -> str:
        """The language of the sheets."""
        return screen_language()

    @cached_property
    def form_pages(self) -> FormPages:
        """The pages of the filing, whose order the sheets follow."""
        return form_pages(self.rulebook)

    @cached_property
    def findings(self) -> dict[str, CheckFinding]:
        """What the rulebook's checks find in the draft, by check."""
        return {finding.id: finding for finding in run_checks(self.rulebook, self.inputs)}

    def value(self, key: Key) -> Value:
        """What stands in an input."""
        return held(self.values, key)

    # --- The inputs in the order of the sheets -----------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[tuple[str, tuple[FactSpec, ...]]]:
        """The figures under their headings: those of the page of figures, and the numbers that stand elsewhere."""
        page = self.form_pages.page(FIGURES)
        found = [(in_language(group.title), _numbers(group.facts)) for group in page.groups] if page else []
        found += [(self.title(page.id), _numbers(page.facts)) for page in self.form_pages.pages if page.id != FIGURES]
        return [(title, specs) for title, specs in found if specs]

    @cached_property
    def answers(self) -> list[tuple[str, tuple[FactSpec, ...]]]:
        """Levels, checklists, yes or no and texts, by section."""
        found = [
            (self.title(page.id), tuple(spec for spec in page.facts if not spec.is_number))
            for page in self.form_pages.pages
        ]
        return [(title, specs) for title, specs in found if specs]

    @cached_property
    def items(self) -> list[tuple[str, tuple[Item, ...]]]:
        """The indicators that the bank answers, by section."""
        found = [
            (self.title(page.id), tuple(item for item in page.items if item.asked)) for page in self.form_pages.pages
        ]
        return [(title, items) for title, items in found if items]

    @cached_property
    def explained(self) -> dict[str, str]:
        """The warnings that may ask for an explanation: the rulebook's own, and what is found in the draft now."""
        found = {
            check.id: in_language(words(self.rulebook, check.holds))
            for check in self.rulebook.checks.values()
            if check.severity == "warning"
        }
        found |= {id: in_language(each.message) for id, each in self.findings.items() if each.severity == "warning"}
        names = (key.id.removeprefix(CHECK_PREFIX) for key in self.values if key.id.startswith(CHECK_PREFIX))
        return found | {id: id for id in names if id not in found}

    def title(self, page: str) -> str:
        """The heading of a section."""
        known = self.form_pages.page(page)
        assert known is not None  # noqa: S101  # nosec B101
        return in_language(known.title) if page == FIGURES else f"{page} {in_language(known.title)}"

    def keys(self) -> Iterator[Key]:
        """Every input."""
        for _title, specs in (*self.groups, *self.answers):
            yield from (Key(Kind.FACT, spec.id) for spec in specs)
        for _title, items in self.items:
            for item in items:
                yield Key(Kind.SELF_POINTS, item.indicator.id)
                if item.claim:
                    yield Key(Kind.NOT_APPLICABLE, item.indicator.id)
                yield Key(Kind.NARRATIVE, item.indicator.id)
        yield Key(Kind.NARRATIVE, REPORT)
        yield from (Key(Kind.NARRATIVE, CHECK_PREFIX + id) for id in self.explained)

    # --- What is required --------------------------------------------------------------------------------------------

    def excusing(self, fact: str) -> tuple[str, ...]:
        """The indicators by whose "not applicable", if all have it, a figure need not be given; () where none could."""
        indicators, targets = prepared(self.rulebook).users_of_facts.get(fact, ((), ()))
        claims = [i for i in indicators if i in self.form_pages.items and self.form_pages.items[i].claim]
        return tuple(indicators) if indicators and not targets and len(claims) == len(indicators) else ()

    def may_be_na(self, spec: FactSpec) -> bool:
        """Whether “not applicable” is an answer to a figure."""
        return may_be_not_applicable(self.rulebook, spec.id)

    def stamp(self, computed: Iterable[str]) -> Stamp:
        """The hidden sheet; ``computed`` names the sheets that nobody fills in."""
        head = self.head
        return Stamp(
            self.language,
            head.round,
            head.bank,
            head.rulebook,
            self.rulebook.hash,
            str(head.revision),
            head.made,
            "\n".join(computed),
            base={key: base_text(key, self.value(key)) for key in self.keys()},
        )


def _numbers(specs: tuple[FactSpec, ...]) -> tuple[FactSpec, ...]:
    return tuple(spec for spec in specs if spec.is_number)


def held(values: Mapping[Key, Value], key: Key) -> Value:
    """What stands under a key among these values; what is not there is blank."""
    if key in values:
        return values[key]
    return _BLANK[key.kind]


def contents_of(draft: Draft) -> Contents:
    """The contents of a draft."""
    here, own = draft.assessment, [spec for page in draft.form_pages.pages for spec in page.facts]
    head = Head(
        round=here.round.code,
        round_title=here.round.title,
        bank=here.bank.code,
        bank_name=here.bank_name,
        due=moment(here.files_until),
        rulebook=here.round.rulebook.name,
        rulebook_title=here.round.rulebook.title,
        revision=here.revision,
        made=moment(timezone.now()),
    )
    last = {spec.id: draft.last_year(spec) for spec in own}
    return Contents(
        draft.rulebook,
        head,
        draft.scoring_input,
        values_of(draft),
        {fact: value for fact, value in last.items() if value is not None},
    )


def values_of(draft: Draft) -> dict[Key, Value]:
    """What a draft holds, by key; what is not there is blank."""
    found: dict[Key, Value] = {
        Key(Kind.FACT, spec.id): draft.value(spec) for page in draft.form_pages.pages for spec in page.facts
    }
    for name, answer in draft.answers.items():
        found[Key(Kind.NARRATIVE, name)] = answer.narrative
        if name in draft.rulebook.indicators:
            found[Key(Kind.SELF_POINTS, name)] = Decimal(answer.self_points) if answer.self_points else None
            found[Key(Kind.NOT_APPLICABLE, name)] = answer.not_applicable
    return found
