"""How far banks were from a target, by the figures that they signed: the lines of an outcome study beside the grades
(``docs/seeing.md``, At the line of a target).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.db.models.fields.json import KeyTextTransform, KeyTransform

from assessments.models.assessments import TakingPart
from assessments.rulebooks.stored_values import to_engine
from scorecard.engine import Rulebook, ScoringInput
from scorecard.engine.exact.context import Scoring
from scorecard.engine.exact.targets import outcome_of
from scorecard.engine.rulebook.dependencies import facts_of

FACTS = "rating__run__version__facts"
MISSED, MET = "x", "m"  # letters of ``ScoreRun.targets``


@dataclass(frozen=True)
class TargetLine:
    """The line between banks that just missed a target and banks that just met it."""

    target: str

    @property
    def key(self) -> str:
        """How an address names it."""
        return f"target:{self.target}"


def lines_of_targets(rulebook: Rulebook) -> Sequence[TargetLine]:
    """The targets whose sides are figures that the bank signs."""
    signed = {name for name, spec in rulebook.facts.items() if spec.supplied_by == "bank"}
    return [TargetLine(name) for name in rulebook.targets if set(_facts(rulebook, name)) <= signed]


@lru_cache(maxsize=256)
def _facts(rulebook: Rulebook, target: str) -> tuple[str, ...]:
    spec = rulebook.targets[target]
    return facts_of(rulebook, (spec.left, spec.right))


def with_figures(rows: TakingPart, rulebook: Rulebook, target: str) -> TakingPart:
    """The cases with the figures of a target out of the version that was decided, and nothing else of it."""
    texts = {
        f"figure_{name}": KeyTextTransform("value", KeyTransform(name, FACTS)) for name in _facts(rulebook, target)
    }
    return rows.annotate(**texts)


def names_of(rulebook: Rulebook, target: str) -> list[str]:
    """The columns that ``with_figures`` adds, after the outcomes of the run: what ``distance_of`` takes."""
    return ["rating__run__targets", *(f"figure_{name}" for name in _facts(rulebook, target))]


def distance_of(rulebook: Rulebook, target: str, letters: str, *texts: str | None) -> Decimal | None:
    """Percentage points (of a count: percent of the right side) from the line, below 0 where the target was missed.

    None where a figure is lacking, where the right side of a count is not above 0, and where the decided outcome is
    another than that of the figures.
    """
    names = list(rulebook.targets)
    place = names.index(target)
    if letters[place : place + 1] not in (MISSED, MET):
        return None
    if not all(texts):
        return None  # a blank is stored with an empty text
    facts = {
        name: to_engine(rulebook.facts[name], "value", text or "")
        for name, text in zip(_facts(rulebook, target), texts, strict=True)
    }
    spec = rulebook.targets[target]
    found = outcome_of(spec, Scoring(rulebook, ScoringInput(facts=facts)))
    if found.margin is None or not isinstance(found.right, type(found.margin)):
        return None
    if spec.unit != "%" and found.right <= 0:
        return None
    margin = found.margin if spec.op.startswith(">") else -found.margin
    distance = margin * 100 if spec.unit == "%" else margin / found.right * 100
    if (letters[place] == MISSED) != (distance < 0):
        return None
    return Decimal(distance.numerator) / Decimal(distance.denominator)
