"""The scoring engine: pure Python, exact, explained. It imports nothing else of the project and does no I/O except that
its loader reads files.

The calls that other packages make::

    load_rulebook(path) -> Rulebook                      lint(path) -> list[Finding]
    Rulebook.to_json() / rulebook_from_json(text)       Rulebook.hash
    evaluate(rulebook, case, explain=True) -> Result     evaluate_many(rulebook, frame, ...)
    run_checks(rulebook, case) -> list[CheckFinding]     still_needed(rulebook, case) -> StillNeeded
    parse_fact(spec, text) -> FactValue                  format_fact(spec, value, lang) -> str
    show(value, digits) -> str                           show_pair(left, right, digits) -> tuple[str, str]
"""

from scorecard.engine.errors import EngineError, ExpressionError, FactError, RulebookError
from scorecard.engine.explain.checks import run_checks
from scorecard.engine.explain.evaluate import evaluate
from scorecard.engine.lint.lint import lint
from scorecard.engine.lint.load import load_rulebook
from scorecard.engine.reading.reader import rulebook_from_json
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.rulebook.typed import format_fact, input_text, parse_fact
from scorecard.engine.values.facts import FactValue, Nothing
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.numbers import exact, show, show_pair
from scorecard.engine.values.results import CheckFinding, Node, Result
from scorecard.engine.values.scoring_input import ScoringInput
from scorecard.engine.values.text import Text
from scorecard.engine.version import ENGINE_VERSION
from scorecard.engine.whatif.simulate import Change, StillNeeded, still_needed

__all__ = [
    "ENGINE_VERSION",
    "Change",
    "CheckFinding",
    "EngineError",
    "ExpressionError",
    "FactError",
    "FactValue",
    "Finding",
    "Node",
    "Nothing",
    "Result",
    "Rulebook",
    "RulebookError",
    "ScoringInput",
    "StillNeeded",
    "Text",
    "evaluate",
    "exact",
    "format_fact",
    "input_text",
    "lint",
    "load_rulebook",
    "parse_fact",
    "rulebook_from_json",
    "run_checks",
    "show",
    "show_pair",
    "still_needed",
]
