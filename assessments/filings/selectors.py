"""What the pages of a filing show, and what still stands against passing it on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.filings.counts import counts, still_to_sign
from assessments.filings.form_layout import FIGURES, FIGURES_TITLE, FormPages, Item, Page, form_pages
from assessments.filings.keys import Key, Kind
from assessments.filings.scoring_input import CHECK_PREFIX, Gathered, Stored, may_claim
from assessments.models import REPORT, Answer, Assessment, Evidence, ScanState
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.stored_values import to_engine
from banks.models import FactEntry, FactSource, FactState
from scorecard.engine import CheckFinding, FactValue, Nothing, Result, Rulebook, ScoringInput, evaluate, run_checks
from scorecard.engine.explain.magnitude import magnitude_question, year_before
from scorecard.engine.rulebook.model import FactSpec
from scorecard.engine.rulebook.prepared import prepared
from scorecard.words.language import in_both, in_language, screen_language

REPORT_PAGE = "report"
CHECK_PAGE = "check"
# Sources of figures that a person of the bank put in; figures carried forward or loaded by the supervisor are nobody's.
_BY_HAND = (FactSource.FORM, FactSource.WORKBOOK, FactSource.RETURN, FactSource.API, FactSource.DEMO)


@dataclass(frozen=True)
class Gap:
    """One thing that is missing or wrong: ``page`` and ``key`` say where to mend it, ``label`` names it. The key of a
    check is the one of its explanation."""

    page: str
    key: Key
    label: str
    kind: str  # fact, self_score, narrative, claim, malware, report, error, warning
    text: str = ""


@dataclass
class Draft:
    """The current draft with everything that its pages need. Reads the database three times, whatever the size."""

    assessment: Assessment
    rulebook: Rulebook
    gathered: Gathered
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)

    @cached_property
    def form_pages(self) -> FormPages:
        """The pages of the rulebook."""
        return form_pages(self.rulebook)

    @cached_property
    def counted(self) -> dict[str, Stored]:
        """What the system would count if the filing were signed now; what it has counted stands among the facts."""
        here = self.assessment
        if not still_to_sign(here):
            return {}
        found = counts(here, self.rulebook, self.gathered.current, timezone.now())
        return {fact: {"state": state, "value": value} for fact, (state, value) in found.items()}

    @cached_property
    def scoring_input(self) -> ScoringInput:
        """The draft as the engine scores it."""
        return self.gathered.scoring_input(self.counted)

    @cached_property
    def result(self) -> Result:
        """The provisional score, by the one engine."""
        return evaluate(self.rulebook, self.scoring_input)

    @cached_property
    def checks(self) -> tuple[CheckFinding, ...]:
        """What the rulebook's checks find; a step asks for these alone and needs no score."""
        if "result" in self.__dict__:
            return tuple(self.result.checks)
        return tuple(run_checks(self.rulebook, self.scoring_input))

    @property
    def answers(self) -> dict[str, Answer]:
        """Current answers by indicator, report and explanations among them."""
        return self.gathered.answers

    def entry(self, fact: str) -> FactEntry | None:
        """The current entry of a fact of the round's year."""
        return self.gathered.current.get(fact)

    def value(self, spec: FactSpec) -> FactValue:
        """The current value of a fact."""
        entry = self.entry(spec.id)
        return to_engine(spec, entry.state, entry.value) if entry else Nothing.UNANSWERED

    def last_year(self, spec: FactSpec) -> FactValue | None:
        """What was filed for it a year ago, None where nothing is known.

        For a figure that repeats last year's (an opening balance) it is the one it repeats; for one whose last year's
        value is itself filed this year, that value.
        """
        before = self.gathered.entries[str(self.assessment.round.year - 1)]
        repeated = next((s.id for s in self.rulebook.facts.values() if s.carries_from == spec.id), "")
        entry = before.get(spec.carries_from or spec.id) or self.entry(repeated)
        if entry is None or entry.state != FactState.VALUE:
            return None
        return to_engine(spec, entry.state, entry.value)

    def question(self, spec: FactSpec) -> str:
        """The question to a figure of unlikely size, against last year or what is possible; "" where there is none."""
        before = year_before(self.rulebook, spec.id, self.scoring_input.facts, self.scoring_input.history.get(-1, {}))
        question = magnitude_question(spec, self.scoring_input.facts.get(spec.id), before)
        return in_language(question) if question is not None else ""

    def claimed(self, indicator: str) -> bool:
        """Whether the bank says that the indicator does not apply, and may say so."""
        return indicator in self.scoring_input.not_applicable

    def excused(self, fact: str) -> bool:
        """Whether a figure need not be given: it serves only indicators that the bank says do not apply."""
        indicators, targets = prepared(self.rulebook).users_of_facts.get(fact, ((), ()))
        return bool(indicators) and not targets and all(self.claimed(i) for i in indicators)

    # --- What is missing ---------------------------------------------------------------------------------------------

    @cached_property
    def gaps(self) -> list[Gap]:
        """Everything that stands against passing the filing on, in the order of its pages."""
        found = [gap for page in self.form_pages.pages for gap in self._page_gaps(page)]
        if not self.narrative(REPORT).strip():
            found.append(Gap(REPORT_PAGE, Key(Kind.NARRATIVE, REPORT), _("Summary report"), "report"))
        for finding in self.checks:
            text = in_language(finding.message)
            if finding.severity == "error":
                found.append(Gap(CHECK_PAGE, check_key(finding), text, "error", text))
            elif not self.explanation(finding).strip():
                found.append(Gap(CHECK_PAGE, check_key(finding), text, "warning", text))
        return found

    def _page_gaps(self, page: Page) -> Iterator[Gap]:
        language = screen_language()
        for spec in page.facts:
            blank = self.value(spec) is Nothing.UNANSWERED
            if blank and spec.required and not self.excused(spec.id):
                yield Gap(page.id, Key(Kind.FACT, spec.id), spec.label.get(language), "fact")
        for item in page.items:
            for file in self.evidence.get(item.indicator.id, ()):
                if file.held == ScanState.REFUSED:
                    key = Key(Kind.NARRATIVE, item.indicator.id)
                    yield Gap(page.id, key, f"{item.indicator.id}{_(': ')}{file.name}", "malware")
            if item.asked:
                yield from self._item_gaps(page, item)

    def _item_gaps(self, page: Page, item: Item) -> Iterator[Gap]:
        indicator = item.indicator
        name = f"{indicator.id} {in_language(indicator.name)}"
        answer = self.answers.get(indicator.id)
        if self.claimed(indicator.id):
            if not self.narrative(indicator.id).strip():
                yield Gap(page.id, Key(Kind.NARRATIVE, indicator.id), name, "claim")
            return
        if answer is None or not answer.self_points:
            yield Gap(page.id, Key(Kind.SELF_POINTS, indicator.id), name, "self_score")
        if item.narrative and not self.narrative(indicator.id).strip():
            yield Gap(page.id, Key(Kind.NARRATIVE, indicator.id), name, "narrative")

    def narrative(self, name: str) -> str:
        """The text of an answer, of the report or of an explanation; blank where there is none."""
        return self.answers[name].narrative if name in self.answers else ""

    def explanation(self, finding: CheckFinding) -> str:
        """What the bank says to a warning."""
        return self.narrative(CHECK_PREFIX + finding.id)

    # --- Self-score --------------------------------------------------------------------------------------------------

    @cached_property
    def self_total(self) -> Decimal | None:
        """The sum of the bank's own points, None while it has given none."""
        points = self.scoring_input.self_points
        return sum(points.values(), Decimal(0)) if points else None


def get_draft(assessment: Assessment) -> Draft:
    """The draft of an assessment that an access function has given."""
    rulebook = engine_rulebook(assessment.round.rulebook)
    files: dict[str, list[Evidence]] = {}
    for row in Evidence.objects.filter(assessment=assessment, withdrawn_at=None, objection=None).select_related(
        "uploaded_by", "scan"
    ):
        files.setdefault(row.indicator, []).append(row)
    return Draft(assessment, rulebook, Gathered(assessment, rulebook), files)


def draft_of(assessment: Assessment, kept: dict[str, Any]) -> Draft:
    """The same as one attempt at a step, or one page, reads it: once (``workflow.shown.Kept``)."""
    if "draft" not in kept:
        kept["draft"] = get_draft(assessment)
    draft: Draft = kept["draft"]
    return draft


def check_key(finding: CheckFinding) -> Key:
    """Under which key the explanation of a finding is filed."""
    return Key(Kind.NARRATIVE, CHECK_PREFIX + finding.id)


def page_title(rulebook: Rulebook, page: str) -> str:
    """A page's name in the language of the screen."""
    if page == REPORT_PAGE:
        return _("Summary report")
    if page == CHECK_PAGE:
        return _("Checks")
    if page == FIGURES:
        return in_language(FIGURES_TITLE)
    section = rulebook.sections[page]
    return f"{section.id} {in_language(section.name)}"


def page_names(rulebook: Rulebook, page: str) -> dict[str, str]:
    """The same in both languages, for words that are read later."""
    return in_both(lambda: page_title(rulebook, page))


def blocking_reasons(assessment: Assessment, kept: dict[str, Any]) -> Iterator[str]:
    """Every reason against passing the filing on, one sentence per page and kind, each naming what it is about."""
    yield from reasons_of(draft_of(assessment, kept))


def reasons_of(draft: Draft) -> Iterator[str]:
    """Every reason against passing on a draft that is already read."""
    grouped: dict[tuple[str, str], list[Gap]] = {}
    for gap in draft.gaps:
        grouped.setdefault((gap.page, gap.kind), []).append(gap)
    for (page, kind), gaps in grouped.items():
        where = page_title(draft.rulebook, page)
        named = _listed(gap.label for gap in gaps)
        if kind == "fact":
            yield _("%(page)s: fill in %(names)s.") % {"page": where, "names": named}
        elif kind == "self_score":
            yield _("%(page)s: give your own points for %(names)s.") % {"page": where, "names": named}
        elif kind == "narrative":
            yield _("%(page)s: describe your work for %(names)s.") % {"page": where, "names": named}
        elif kind == "claim":
            yield _("%(page)s: say why %(names)s does not apply to your bank.") % {"page": where, "names": named}
        elif kind == "malware":
            yield _("%(page)s: withdraw the files in which malware was found: %(names)s.") % {
                "page": where,
                "names": named,
            }
        elif kind == "report":
            yield _("The summary report is still empty; write it.")
        elif kind == "error":
            yield from (_("Correct the figures: %(message)s") % {"message": gap.text} for gap in gaps)
        else:
            yield from (_("Explain the warning: %(message)s") % {"message": gap.text} for gap in gaps)


def _listed(names: Iterable[str], limit: int = 5) -> str:
    found = list(names)
    shown = _(", ").join(found[:limit])
    if len(found) > limit:
        return _("%(names)s and %(more)d more") % {"names": shown, "more": len(found) - limit}
    return shown


def contributors(assessment: Assessment) -> set[int]:
    """Everybody whose figures, answers or files are in the current draft (docs/filing.md, People).

    Counted are the current figure and answer of each name, every file that is not withdrawn, and whatever somebody put
    in since the last submission, even where it was changed again.
    """
    since = assessment.version.submitted_at if assessment.version else None
    people: set[int] = set()
    facts = FactEntry.objects.filter(bank=assessment.bank_id, period=assessment.round.period, source__in=_BY_HAND)
    _add(people, facts.order_by("fact", "revision").values_list("fact", "entered_by", "entered_at"), since)
    answers = Answer.objects.filter(assessment=assessment)
    _add(people, answers.order_by("indicator", "revision").values_list("indicator", "entered_by", "entered_at"), since)
    files = Evidence.objects.filter(assessment=assessment, objection=None).values_list(
        "uploaded_by", "uploaded_at", "withdrawn_at"
    )
    for person, at, withdrawn in files:
        if withdrawn is None or since is None or at > since:
            people.add(person)
    return people


def _add(people: set[int], rows: Iterable[tuple[str, int | None, Any]], since: Any) -> None:
    current: dict[str, int | None] = {}
    for name, person, at in rows:
        current[name] = person
        if person is not None and (since is None or at > since):
            people.add(person)
    people.update(person for person in current.values() if person is not None)


__all__ = [
    "Draft",
    "Gap",
    "blocking_reasons",
    "contributors",
    "draft_of",
    "get_draft",
    "may_claim",
    "page_title",
    "reasons_of",
]
