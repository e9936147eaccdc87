"""Hypothesis strategies: cases for any rulebook, with edges, ties, blanks, and huge and tiny figures."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from scorecard.engine import FactValue, Nothing, Rulebook, ScoringInput
from scorecard.engine.rulebook.model import FactSpec, Property

NOTHINGS = (Nothing.UNANSWERED, Nothing.NOT_APPLICABLE, Nothing.NOT_SUPPLIED)
#: Figures at which rules tend to turn, so that ties and edges come up often.
EDGES = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "10",
    "20",
    "50",
    "100",
    "0.5",
    "0.75",
    "0.9",
    "0.99",
    "0.3",
    "0.1",
    "0.2",
    "0.05",
    "0.01",
)
WIDE = ("0.000001", "999999999.99", "123456789012.34", "33.33", "66.67", "7.77")


def numbers(spec: FactSpec) -> st.SearchStrategy[Decimal]:
    """Return figures within the range of a fact, in the digits in which it is filed."""
    low = Decimal(-100) if spec.min is None else spec.min
    high = Decimal(10) ** 12 if spec.max is None else spec.max
    places = 0 if spec.kind == "count" else min(6, spec.digits + (2 if spec.unit == "%" else 0))
    chosen = [Decimal(v) for v in EDGES + WIDE]
    fitting = [v for v in chosen if low <= v <= high and (places or v == int(v))]
    small = min(high, max(low + 1, Decimal(200)))
    return st.one_of(
        st.sampled_from(fitting),
        st.decimals(low, small, places=places, allow_nan=False, allow_infinity=False).map(lambda v: v + 0),
    )


def values(spec: FactSpec) -> st.SearchStrategy[FactValue]:
    """Return honest answers for a fact."""
    if spec.is_number:
        return numbers(spec)
    if spec.kind == "level":
        return st.sampled_from(sorted(spec.options))
    if spec.kind == "checklist":
        return st.sets(st.sampled_from(sorted(spec.options))).map(frozenset)
    return st.booleans()


def properties(prop: Property) -> st.SearchStrategy[FactValue]:
    if prop.kind == "bool":
        return st.booleans()
    return st.sampled_from(sorted(prop.options) or ["大型", "城商行", "村镇银行"])


@st.composite
def cases(draw: st.DrawFn, rulebook: Rulebook, blanks: bool = True) -> ScoringInput:
    """Draw a whole case; with `blanks` a few facts have one of the kinds of nothing."""
    facts: dict[str, FactValue] = {}
    gaps = draw(st.sets(st.sampled_from(sorted(rulebook.facts)), max_size=4)) if blanks else set()
    for spec in rulebook.facts.values():
        if spec.derived is not None:
            continue
        facts[spec.id] = draw(st.sampled_from(NOTHINGS)) if spec.id in gaps else draw(values(spec))
    own = {}
    judged = {}
    if draw(st.booleans()):
        own = {i: draw(st.decimals(s.min, s.max, places=1)) for i, s in rulebook.indicators.items()}
    for indicator in draw(st.sets(st.sampled_from(sorted(rulebook.indicators)), max_size=2)):
        spec_i = rulebook.indicators[indicator]
        judged[indicator] = draw(st.decimals(spec_i.min, spec_i.max, places=2))
    history: dict[int, dict[str, FactValue]] = {}
    if rulebook.targets and draw(st.booleans()):
        history[-1] = {t: draw(st.booleans()) for t in rulebook.targets}
    bank = {name: draw(properties(prop)) for name, prop in rulebook.properties.items()}
    allowed = sorted(i for i, s in rulebook.indicators.items() if s.not_applicable != "none")
    out = draw(st.sets(st.sampled_from(allowed), max_size=2)) if allowed else set()
    return ScoringInput(facts, bank, history, own, judged, frozenset(out))
