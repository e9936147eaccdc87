"""The money schemes (docs/money.md): published rulebooks that estimate an amount, over facts of their own.

Everything here reads and computes; nothing is kept. An estimate is no decision of any authority.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.access import visible_assessments
from assessments.filings.typed import read_typed
from assessments.models import RulebookVersion
from assessments.rounds.selectors import former_versions, published_rulebooks
from assessments.rulebooks.cache import engine_rulebook, engine_rulebooks
from assessments.rulebooks.stored_values import to_engine
from assessments.scoring.results import grade_name, node_json
from banks.access import visible_facts
from banks.models import Bank, FactEntry, FactState, User
from banks.selectors.facts import latest
from scorecard.engine import FactValue, Result, Rulebook, ScoringInput, evaluate
from scorecard.engine.declarations.fields import BASES
from scorecard.engine.language.syntax import Call
from scorecard.engine.rulebook.model import Document, FactSpec, Property
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.results import EstimateResult, IndicatorResult
from scorecard.engine.values.units import quantity
from scorecard.words.language import in_language, screen_language
from scorecard.words.sources import provenance


@dataclass(frozen=True)
class Scheme:
    """One published scheme. ``changed_from`` is the published version that it is a change of, None where it is none."""

    version: RulebookVersion
    rulebook: Rulebook = field(repr=False)
    changed_from: RulebookVersion | None

    @property
    def title(self) -> str:
        """Its title in the language of the screen."""
        return in_language(self.rulebook.title)

    @property
    def summary(self) -> str:
        """One sentence on what it estimates."""
        return in_language(self.rulebook.summary)

    @property
    def years(self) -> str:
        """The years for which its estimates hold, as their sources say them."""
        return _(", ").join(dict.fromkeys(spec.years for spec in self.rulebook.estimates.values()))

    @property
    def documents(self) -> list[tuple[str, str]]:
        """The documents that its estimates and grades depend on: the citation, and who issued it and when."""
        sources = [spec.source for spec in self.rulebook.estimates.values()]
        sources += [grade.source for grade in self.rulebook.grades]
        cited = dict.fromkeys(source.document for source in sources if source is not None)
        found = [self.rulebook.documents[each] for each in cited]
        return [(in_language(document.cite), _issued(document)) for document in found]

    @property
    def estimates(self) -> list[tuple[str, str]]:
        """What it estimates, each with its basis."""
        return [(in_language(spec.label), spec.basis) for spec in self.rulebook.estimates.values()]

    @property
    def bases(self) -> list[str]:
        """The bases of its estimates, conditions and grades and of their names, the surest first."""
        used = {spec.basis for spec in self.rulebook.estimates.values()}
        used |= {basis for grade in self.rulebook.grades for basis in (grade.basis, grade.name_basis)}
        used |= {basis for item in self.rulebook.indicators.values() for basis in (item.basis, item.name_basis)}
        return [basis for basis in BASES if basis in used]

    @property
    def facts(self) -> dict[str, FactSpec]:
        """The facts that are asked: all but those that are worked out, whoever supplies them in a filing."""
        return {fact: spec for fact, spec in self.rulebook.facts.items() if spec.derived is None}

    @property
    def properties(self) -> dict[str, Property]:
        """What it asks of the bank itself, as far as it names the choices."""
        return {name: spec for name, spec in self.rulebook.properties.items() if spec.options}


def _issued(document: Document) -> str:
    return _(", ").join(filter(None, (in_language(document.issuer), document.date)))


def schemes(actor: User) -> list[Scheme]:
    """Every published scheme by code, the versions of one in their order. Two queries, however many there are."""
    versions = list(published_rulebooks(actor).order_by("code", "published_at", "pk"))
    books = engine_rulebooks(versions)
    before = former_versions(versions, books)
    return [Scheme(row, books[row.hash], before.get(row.pk)) for row in versions if books[row.hash].estimates]


def get_scheme(actor: User, pk: int) -> Scheme:
    """One published scheme, or 404."""
    version = published_rulebooks(actor).filter(pk=pk).first()
    if version is None or not engine_rulebook(version).estimates:
        raise Http404
    return Scheme(version, engine_rulebook(version), None)


# --- What a bank has on file -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OnFile:
    """A bank's recorded facts that the scheme asks for, with the year each is of, and the choices that fit the bank.
    ``own`` says whether any of the scheme's figures is recorded, beside the grade of the evaluation.
    """

    facts: Mapping[str, FactValue]
    years: Mapping[str, str]
    properties: Mapping[str, str]
    own: bool = False


NOTHING_ON_FILE = OnFile({}, {}, {})


def on_file(actor: User, scheme: Scheme, bank: Bank) -> OnFile:
    """What is recorded of one bank, which comes from an access function; see ``on_file_of_many``."""
    return on_file_of_many(actor, scheme, [bank])[bank.pk]


def on_file_of_many(actor: User, scheme: Scheme, banks: Sequence[Bank]) -> dict[int, OnFile]:
    """What is recorded of each bank under the scheme's own fact ids, of its newest year with any of them.

    A figure that repeats last year's (``carries_from``) and is not recorded itself is the one it repeats, of the year
    before. The banks come from an access function; facts that the actor may not see count as not recorded. Two queries,
    however many banks there are.
    """
    rows = facts_on_file(actor, scheme).filter(bank__in=[bank.pk for bank in banks])
    known: dict[int, dict[str, dict[str, FactEntry]]] = {}
    for entry in latest(rows):
        known.setdefault(entry.bank_id, {}).setdefault(entry.period, {})[entry.fact] = entry
    grades = _told_grades(actor, scheme, banks)
    return {bank.pk: _of_bank(scheme, bank, known.get(bank.pk, {}), grades.get(bank.pk)) for bank in banks}


def facts_on_file(actor: User, scheme: Scheme) -> QuerySet[FactEntry]:
    """Everything that is recorded, as far as the actor may see it, of the figures that a scheme asks or repeats."""
    wanted = {*scheme.facts, *(spec.carries_from for spec in scheme.facts.values() if spec.carries_from)}
    return visible_facts(actor).filter(fact__in=wanted, period__regex=r"^\d{4}$")


def _of_bank(
    scheme: Scheme, bank: Bank, known: Mapping[str, Mapping[str, FactEntry]], grade: tuple[str, str] | None
) -> OnFile:
    properties = {name: _fitting(spec, bank) for name, spec in scheme.properties.items()}
    facts: dict[str, FactValue] = {GRADE: grade[0]} if grade else {}
    of_year = {GRADE: grade[1]} if grade else {}
    newest = max((year for year, entries in known.items() if not scheme.facts.keys().isdisjoint(entries)), default=None)
    if newest is None:
        return OnFile(facts, of_year, properties)
    before = str(int(newest) - 1)
    current, last = known.get(newest, {}), known.get(before, {})
    own = False
    for fact, spec in scheme.facts.items():
        for year, entry in ((newest, current.get(fact)), (before, last.get(spec.carries_from))):
            if entry is not None and entry.state == FactState.VALUE:
                facts[fact], of_year[fact] = _value(spec, entry), year
                own = True
                break
    return OnFile(facts, of_year, properties, own)


#: The grade of the evaluation of the year, which a scheme may ask for.
GRADE = "evaluation_grade"


def _told_grades(actor: User, scheme: Scheme, banks: Sequence[Bank]) -> dict[int, tuple[str, str]]:
    """The grade that was last decided of each bank with its year, where the scheme asks for it; a bank's people know it
    from the notice on. A grade that the scheme does not name is ``other``.
    """
    spec = scheme.facts.get(GRADE)
    if spec is None:
        return {}
    rows = visible_assessments(actor).filter(bank__in=[bank.pk for bank in banks], rating__decided_at__isnull=False)
    if actor.bank_id is not None:
        rows = rows.filter(rating__notice__isnull=False)
    found: dict[int, tuple[str, str]] = {}
    for case in rows.select_related("rating", "round").order_by("round__year", "pk"):
        if case.rating is not None:
            found[case.bank_id] = (
                case.rating.grade if case.rating.grade in spec.options else "other",
                case.round.period,
            )
    return {pk: pair for pk, pair in found.items() if pair[0] in spec.options}


def _value(spec: FactSpec, entry: FactEntry) -> FactValue:
    return to_engine(spec, entry.state, entry.value)


def _fitting(spec: Property, bank: Bank) -> str:
    """The choice of a property that fits the bank: its category where that is named, else the one for all others."""
    known = {"category": bank.category, "entity": bank.entity_kind}.get(spec.id, "")
    if known in spec.options:
        return known
    return "other" if known and "other" in spec.options else ""


# --- The estimate ----------------------------------------------------------------------------------------------------

CONDITION_KINDS = {"met": "good", "partly": "info", "not_met": "attention", "open": "neutral"}


@dataclass(frozen=True)
class Condition:
    """One condition of the scheme: whether it holds, why, and by which clause."""

    id: str
    name: str
    state: str
    kind: str
    reason: str
    clause: str
    basis: str
    name_basis: str
    trace: dict[str, Any] | None


@dataclass(frozen=True)
class Amount:
    """One estimate: the amount as its sentence says it ("" while a figure is missing), its clause and its years."""

    id: str
    label: str
    value: str
    text: str
    years: str
    clause: str
    basis: str
    trace: dict[str, Any] | None


@dataclass(frozen=True)
class Estimated:
    """What a scheme gives for the figures typed. ``errors`` are by field; such a field counts as not filled in."""

    standing: str
    standing_kind: str
    standing_clause: str
    standing_basis: str
    standing_name_basis: str
    conditions: tuple[Condition, ...]
    amounts: tuple[Amount, ...]
    missing: tuple[tuple[str, str], ...]  # fact, label
    findings: tuple[tuple[str, str, str], ...]  # severity, message, fact to mend
    errors: Mapping[str, str]
    result: Result = field(repr=False)


PREFIX = "p-"  # of the fields of properties


def estimate(scheme: Scheme, facts: Mapping[str, str], properties: Mapping[str, str]) -> Estimated:
    """The scheme's estimates for what was typed: ``facts`` as text by id, ``properties`` as options by id.

    Nothing but what was typed counts: a blank stays a blank and is never a zero. Nothing is written.
    """
    values, wrong = read_typed(scheme.rulebook, scheme.facts, facts)
    errors = {f"f-{fact}": message for fact, message in wrong.items()}
    chosen: dict[str, FactValue] = {}
    for name, spec in scheme.properties.items():
        text = properties.get(name, "")
        if text in spec.options:
            chosen[name] = text
        elif text:
            errors[PREFIX + name] = _("“%(label)s” has no such choice; choose one of those shown.") % {
                "label": in_language(spec.label)
            }
    return _told(scheme.rulebook, evaluate(scheme.rulebook, ScoringInput(facts=values, bank=chosen)), errors)


def estimate_on_file(scheme: Scheme, filed: OnFile) -> Estimated:
    """The scheme's estimates for what a bank has on file, without the explanation of each."""
    chosen: dict[str, FactValue] = {name: text for name, text in filed.properties.items() if text}
    given = ScoringInput(facts=dict(filed.facts), bank=chosen)
    return _told(scheme.rulebook, evaluate(scheme.rulebook, given, explain=False), {})


def _told(rulebook: Rulebook, result: Result, errors: Mapping[str, str]) -> Estimated:
    grade = rulebook.grade(result.grade.after)
    known = not result.grade.provisional
    best = rulebook.grade_order[grade.id] == 0
    return Estimated(
        standing=grade_name(rulebook, grade.id) if known else "",
        standing_kind="good" if best else "attention",
        standing_clause=provenance(grade.source) if known else "",
        standing_basis=grade.basis if known else "",
        standing_name_basis=grade.name_basis if known else "",
        conditions=tuple(_condition(rulebook, each) for each in result.indicators.values()),
        amounts=tuple(
            _amount(each, known or not _depends_on_standing(rulebook, each.id)) for each in result.estimates.values()
        ),
        missing=tuple((each.fact, in_language(each.label)) for each in result.missing),
        findings=tuple(
            (each.severity, in_language(each.message), next((f for f in each.facts if f in rulebook.facts), ""))
            for each in result.checks
        ),
        errors=errors,
        result=result,
    )


def _condition(rulebook: Rulebook, result: IndicatorResult) -> Condition:
    spec = rulebook.indicators[result.id]
    words = {
        "met": pgettext("condition", "holds"),
        "partly": pgettext("condition", "the step between"),
        "not_met": pgettext("condition", "does not hold"),
        "open": _("not known yet"),
    }
    if result.state != "scored" or result.points is None:
        state = "open"
    elif result.points >= result.max:
        state = "met"
    else:
        state = "partly" if result.points > result.min else "not_met"
    return Condition(
        id=result.id,
        name=in_language(spec.name),
        state=words[state],
        kind=CONDITION_KINDS[state],
        reason=in_language(result.reason) if state == "open" else "",
        clause=provenance(spec.source),
        basis=spec.basis,
        name_basis=spec.name_basis,
        trace=node_json(result.trace),
    )


def _depends_on_standing(rulebook: Rulebook, estimate_id: str) -> bool:
    """Whether an estimate is an amount only at a certain standing: by itself, or by another estimate that it uses."""
    expression = rulebook.estimates[estimate_id].expr
    if any(isinstance(node, Call) and node.name == "grade_at_least" for node in expression.walk()):
        return True
    return any(_depends_on_standing(rulebook, name) for name in expression.names if name in rulebook.estimates)


def _amount(result: EstimateResult, known: bool) -> Amount:
    """One estimate in words. Where the standing is not known, what depends on it is not known either, and no zero."""
    lang = screen_language()
    return Amount(
        id=result.id,
        label=in_language(result.label),
        value=quantity(Fraction(result.value), result.unit, lang) if known and result.value is not None else "",
        text=in_language(result.text) if known else _("It depends on the standing, which is not known yet."),
        years=result.years,
        clause=provenance(result.source),
        basis=result.basis,
        trace=node_json(result.trace),
    )
