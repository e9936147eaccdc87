"""One broken rulebook for every finding: each sentence that lint can say is said of a rulebook that deserves it.

`test_twelve_mistakes` has one for every kind; here are the others of each kind, and a test that none is missing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from scorecard.commands.describe import untried_options
from scorecard.engine import Change, Finding, ScoringInput, evaluate, lint, load_rulebook
from scorecard.engine.arrays import evaluate_many
from scorecard.engine.arrays.frames import read_frame
from scorecard.engine.lint.references import references
from scorecard.engine.tests import test_extends, test_lint, test_twelve_mistakes
from scorecard.engine.tests.conftest import SHANGHAI
from scorecard.engine.tests.frames import assert_equal, to_frame
from scorecard.engine.tests.test_twelve_mistakes import CASES, ENGINE, FOLDER, HEAD, ONE_EACH
from scorecard.engine.whatif.simulate import read_changed

LEVELS = 'rule: {kind: levels, fact: lv, points: {"0": 0, "1": 1}}'
CURVE = "rule: {kind: curve, x: twice, unit: 万元, points: [[0, 0], [10, 1]], direction: up}"
SECTION = "  S: {name"
BETTER = "good, name: {zh: 好, en: good}, name_basis: proposed, min: 1,"
OTHER = "name: {zh: 丁, en: D}, name_basis: proposed, min: 0, max: 0, source: d, basis: proposed}"
CAP = "name: {zh: 限, en: cap}, when: x < 1, because: {zh: 因, en: why}, source: d, basis: proposed}"
ADJUSTMENT = "adjustments:\n  a:\n    label: {zh: 调, en: A}\n    source: d\n    basis: proposed\n    cases:\n"
CASE = "because: {zh: 因, en: why}, source: d, basis: proposed}"
FACT = "label: {zh: 丁, en: D}, kind: amount, source: d, basis: proposed"

EXTENDS = 'rulebook: {code: mine, version: "1", year: 2021, title: {zh: 甲, en: A}}\nextends: '
#: Instead of a text, the whole file that is replaced.
HEAD_FILE, MORE_FILE, CASES_FILE = "rulebook.yaml", "more.yaml", "vectors/cases.yaml"

#: name -> (text or file, replacement, key, words of the finding)
EACH: dict[str, tuple[str, str, str, str]] = {
    # ---- form
    "a label in one language": (
        "title: {zh: 甲, en: A}\n",
        "title: 甲\n",
        "rulebook.title",
        "must be in both languages",
    ),
    "a rule that is a word": (LEVELS, "rule: levels", "indicators.J.rule", "A rule must be a mapping"),
    "years that are none": (
        LEVELS,
        "rule: {kind: target, target: T, met: 1, missed: 0, years_missed: {1: 0}}",
        "indicators.J.rule.years_missed.1",
        "The years must be from 2 to 5",
    ),
    "an indicator without a rule": (f"    {LEVELS}\n", "", "indicators.J.rule", "“rule” is missing"),
    "a name in two files": (
        MORE_FILE,
        f"facts:\n  x: {{{FACT}}}\n",
        "facts.x",
        "is already defined in",
    ),
    "a rule of no cases": (
        LEVELS,
        "rule: {kind: first, cases: [], otherwise: 0}",
        "indicators.J.rule.cases",
        "“cases” must not be empty",
    ),
    "otherwise beside a case that always holds": (
        LEVELS,
        "rule: {kind: most_severe, cases: [{points: 1}, {when: x > 1, points: 0}], otherwise: 0}",
        "indicators.J.rule.otherwise",
        "A case without “when” always holds",
    ),
    "points beside a rule": (
        LEVELS,
        "rule: {kind: first, cases: [{when: x > 1, points: 1, rule: {kind: fixed, points: 1}}], otherwise: 0}",
        "indicators.J.rule.cases.0.points",
        "“points” and “rule” exclude each other",
    ),
    "an end that is none": (
        CURVE,
        CURVE.replace("direction: up", "open_ends: [top]"),
        "indicators.I.rule.open_ends.0",
        "is not a value of “open_ends”",
    ),
    "a range of one number": (
        "caps:\n",
        f"{ADJUSTMENT}      - {{when: x < 1, points: -1, range: [-1], {CASE}\ncaps:\n",
        "adjustments.a.cases.0.range",
        "“range” must be two numbers",
    ),
    # ---- extending
    "changes that are no list": (
        HEAD_FILE,
        f"{EXTENDS}{{rulebook: national-2020/3, changes: {{set: x}}}}\n",
        "extends.changes",
        "“changes” must be a list",
    ),
    "a base without its version": (
        HEAD_FILE,
        f"{EXTENDS}{{rulebook: national}}\n",
        "extends.rulebook",
        "must be named",
    ),
    "no such base": (HEAD_FILE, f"{EXTENDS}{{rulebook: mine/9}}\n", "extends.rulebook", "There is no rulebook"),
    "a base that is itself": (HEAD_FILE, f"{EXTENDS}{{rulebook: mine/1}}\n", "extends.rulebook", "itself in a circle"),
    # ---- references
    "an id of a section and of an indicator": (
        SECTION,
        f"  I: {{{OTHER}\n  S: {{name",
        "indicators.I",
        "is already used in sections",
    ),
    "no such unit": (
        "lv:\n    label",
        f"z: {{{FACT}, unit: 斤}}\n  lv:\n    label",
        "facts.z.unit",
        "There is no unit",
    ),
    "smallest above largest": (
        "kind: amount, source",
        "kind: amount, min: 5, max: 1, source",
        "facts.x.min",
        "The minimum is above the maximum",
    ),
    "last year's figure in another unit": (
        "  lv:\n",
        "  n: {label: {zh: 丁, en: D}, kind: count, unit: 户, carries_from: x, source: d, basis: proposed}\n  lv:\n",
        "facts.n.carries_from",
        "Its kind or unit differs",
    ),
    "sections in a circle": (
        SECTION,
        f"  P: {{parent: Q, {OTHER}\n  Q: {{parent: P, {OTHER}\n  S: {{name",
        "sections.P.parent",
        "form a circle",
    ),
    "a limit of the total that is a word": (
        "    effect: cap_grade\n    to: bad",
        "    effect: cap_total\n    to: low",
        "caps.0.to",
        "is not a number",
    ),
    "a checklist without a fact": (
        LEVELS,
        "rule: {kind: checklist, items: {a: 1}}",
        "indicators.J.rule",
        "The checklist has no fact",
    ),
    "levels without points": (
        LEVELS,
        "rule: {kind: levels, fact: lv, points: {}}",
        "indicators.J.rule.points",
        "The option “0” has no points",
    ),
    "levels of a figure": (LEVELS, LEVELS.replace("lv", "x"), "indicators.J.rule.fact", "needs a fact of kind “level”"),
    "an option that is none": (
        LEVELS,
        LEVELS.replace('"1": 1', '"1": 1, "2": 1'),
        "indicators.J.rule.points.2",
        "The fact has no option “2”",
    ),
    "more for later places": (
        CURVE,
        "rule: {kind: rank, x: twice, unit: 万元, full: 1, each: -1}",
        "indicators.I.rule.each",
        "Each later place must give fewer points",
    ),
    "a grade twice": (
        "  - {id: bad,",
        "  - {id: good, name: {zh: 中, en: fair}, name_basis: proposed, min: 0.5, source: d, basis: proposed}\n"
        "  - {id: bad,",
        "grades.1.id",
        "The grade “good” stands twice",
    ),
    # ---- meaning
    "an indicator's minimum above its maximum": (
        "    min: 0\n    max: 1\n    rule: {kind: levels",
        "    min: 2\n    max: 1\n    rule: {kind: levels",
        "indicators.J.min",
        "The minimum is above the maximum",
    ),
    "the same condition twice": (
        LEVELS,
        "rule: {kind: first, cases: [{when: x > 5, points: 1}, {when: x > 5, points: 0}], otherwise: 0}",
        "indicators.J.rule.cases.1.when",
        "Its condition is that of case 1",
    ),
    "lowest points above the highest": (
        CURVE,
        "rule: {kind: formula, x: twice, unit: 万元, scale: 0.1, floor: 1, ceiling: 0}",
        "indicators.I.rule.floor",
        "are above the highest",
    ),
    "a condition that always holds": (
        LEVELS,
        "rule: {kind: first, cases: [{when: 1 > 0, points: 1}], otherwise: 0}",
        "indicators.J.rule.cases.0.when",
        "The condition always holds",
    ),
    "a section of nothing": (SECTION, f"  E: {{{OTHER}\n  S: {{name", "sections.E", "holds no indicator"),
    "a tool of no measure": (
        "caps:\n",
        "tools: {talk: {name: {zh: 谈, en: talk}, source: d, basis: proposed}}\ncaps:\n",
        "tools.talk",
        "No measure uses this tool",
    ),
    "a floor above a cap under one condition": (
        "caps:\n",
        f"caps:\n  - {{id: f, effect: floor_grade, to: good, {CAP}\n",
        "caps.0.to",
        "the two contradict each other",
    ),
    "limits on the total that contradict each other": (
        "caps:\n",
        f"caps:\n  - {{id: e, effect: floor_total, to: 1.5, when_unknown: skip, {CAP}\n"
        f"  - {{id: f, effect: cap_total, to: 1, when_unknown: skip, {CAP}\n",
        "caps.0.to",
        "the two contradict each other",
    ),
    "limits that contradict each other where both hold": (
        "caps:\n",
        f"caps:\n  - {{id: e, effect: floor_total, to: 1.5, when_unknown: skip, {CAP.replace('x < 1', 'x < 0.5')}\n"
        f"  - {{id: f, effect: cap_total, to: 1, when_unknown: skip, {CAP}\n",
        "caps.0.to",
        "the two contradict each other",
    ),
    "a floor above every total": (
        "caps:\n",
        f"caps:\n  - {{id: e, effect: floor_total, to: 5, when_unknown: skip, {CAP}\n",
        "caps.0.to",
        "a limit of 5 leaves that range",
    ),
    "a cap that no total reaches": (
        "caps:\n",
        f"caps:\n  - {{id: e, effect: cap_total, to: 2, when_unknown: skip, {CAP}\n",
        "caps.0.to",
        "a limit of 2 never acts",
    ),
    "a floor above the ceiling": (
        "total: {min: 0, max: 2}",
        "total: {min: 0, max: 2, floor: 2, ceiling: 1}",
        "rulebook.total.floor",
        "The floor, 2, is above the ceiling, 1",
    ),
    "an adjustment of five decimals": (
        "caps:\n",
        f"{ADJUSTMENT}      - {{when: x > 1, points: 0.00001, when_unknown: skip, {CASE}\ncaps:\n",
        "adjustments.a.cases.0.points",
        "has more decimals than points have (4)",
    ),
    "a document that nothing cites": (
        "documents: {",
        "documents: {idle: {title: {zh: 空, en: Idle}}, ",
        "documents.idle",
        "Nothing cites the document “idle”",
    ),
    # ---- conditions
    "an option that is none, compared": (
        "when: x < 1",
        "when: x < 1 and lv == '7'",
        "caps.0.when",
        "There is no option “7”",
    ),
    "an option that is none, in a list": (
        "when: x < 1",
        "when: x < 1 and lv in ('1', 'one')",
        "caps.0.when",
        "There is no option “one”",
    ),
    "a comparison with itself": ("when: x < 1", "when: x > x", "caps.0.when", "Both sides are the same"),
    "a division by zero": ("when: x < 1", "when: x / 0 < 1", "caps.0.when", "The divisor is always zero"),
    "a division by what comes to zero": (
        "when: x < 1",
        "when: x / (2 - 1 / 0.5) < 1",
        "caps.0.when",
        "The divisor is always",
    ),
    "the total in a rule": (
        LEVELS,
        "rule: {kind: first, cases: [{when: total() > 1, points: 1}], otherwise: 0}",
        "indicators.J.rule.cases.0.when",
        "“total” can never be decided here",
    ),
    "aliases that blow up": (
        MORE_FILE,
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{n}: &{n} [{', '.join([f'*{o}'] * 10)}]\n" for o, n in ("ab", "bc", "cd", "de", "ef", "fg")),
        "",
        "Written out, the file has more than 200000 values",
    ),
    # ---- worked cases
    "a case that expects nothing": (CASES_FILE, "cases: [{id: a, facts: {x: 1}}]", "cases.0", "needs id and expect"),
    "a case with an unknown key": (
        CASES_FILE,
        "cases: [{id: a, fact: {x: 1}, expect: {total: 1}}]",
        "cases.a",
        "These keys are not known: fact",
    ),
    "cases that are no list": (CASES_FILE, "cases: {a: 1}", "cases", "“cases” must be a list of cases"),
    "a case with a fact that is none": (
        CASES_FILE,
        "cases: [{id: a, facts: {zz: 1}, expect: {total: 1}}]",
        "cases.a",
        "The rulebook has no “facts.zz”",
    ),
    "a case on a base that is none": (
        CASES_FILE,
        "cases: [{id: a, base: b, expect: {total: 1}}]",
        "cases.a",
        "There is no base “b”",
    ),
    "a case whose figure is a word": (
        CASES_FILE,
        "cases: [{id: a, facts: {x: much}, expect: {total: 1}}]",
        "cases.a",
        "The data of the case are wrong",
    ),
}


def write(root: Path, text: str, replacement: str) -> Path:
    folder = root / "mine" / "1"
    (folder / "vectors").mkdir(parents=True)
    files = {HEAD_FILE: HEAD, CASES_FILE: CASES}
    if text in (HEAD_FILE, MORE_FILE, CASES_FILE):
        files[text] = replacement
    else:
        assert text in HEAD
        files[HEAD_FILE] = HEAD.replace(text, replacement, 1)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(EACH))
def test_each_finding_has_its_broken_rulebook(tmp_path: Path, name: str) -> None:
    text, replacement, key, words = EACH[name]
    findings = lint(write(tmp_path, text, replacement))
    matching = [f for f in findings if words in f.message.en and f.key == key]
    assert matching, [f"{f} [{f.code}]" for f in findings]
    finding = matching[0]
    assert finding.line > 1 or finding.file in (CASES_FILE, MORE_FILE)
    assert re.search("[\u4e00-\u9fff]", finding.message.zh) and re.search("[\u4e00-\u9fff]", finding.remedy.zh)


# ---- none is missing


def pattern(node: ast.expr) -> str | None:
    """An English sentence of the sources as a pattern: what is filled in may be anything."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".*" for v in node.values)
    return None


#: What makes a finding of a sentence.
TELL = ("report", "finding", "Finding", "_report", "_Problem", "_problem")


def said_first(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """The English of every `said = Text(…)` in a function that makes a finding of what was said."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    if any(
        (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in TELL
        and any(isinstance(argument, ast.Name) and argument.id == "said" for argument in call.args)
        for call in calls
    ):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "said":
                if isinstance(node.value, ast.Call) and getattr(node.value.func, "id", "") == "Text":
                    yield node.value.args[1]


def sentences() -> dict[str, str]:
    """Every sentence that a finding of the engine can begin with, and where in the sources it stands."""
    found: dict[str, str] = {}
    for path in sorted(ENGINE.glob("**/*.py")):
        if "tests" in path.parts or path.name == "tuning.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for sentence in filter(None, map(pattern, said_first(node))):
                    found.setdefault(sentence, f"{path.name}:{node.lineno}")
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [a for a in node.args if isinstance(a, ast.Call) and getattr(a.func, "id", "") == "Text"]
            if name in TELL:
                said = [node.args[3]] if name == "_problem" else [t.args[1] for t in texts[:1]]
                for sentence in filter(None, map(pattern, said)):
                    found.setdefault(sentence, f"{path.name}:{node.lineno}")
    return found


def every_finding(root: Path) -> Iterator[Finding]:
    """What lint says of all broken rulebooks of the tests."""
    yield from lint(FOLDER)
    for number, (text, replacement, _, _) in enumerate(EACH.values()):
        yield from lint(write(root / f"each-{number}", text, replacement))
    for code in ONE_EACH:
        yield from lint(test_twelve_mistakes._folder(root / f"code-{code}", code))
    for number, name in enumerate(test_lint.MISTAKES):
        yield from lint(test_lint.broken(root / f"lint-{number}", name))
    for number, (changes, more, _, _) in enumerate(test_extends.MISTAKES.values()):
        yield from lint(test_extends._write(root / f"extends-{number}", changes, more))


def test_no_sentence_of_lint_is_without_its_broken_rulebook(tmp_path: Path) -> None:
    known = sentences()
    assert len(known) > 70
    said = {text.en for f in every_finding(tmp_path) for text in (f.message, f.remedy)}
    missing = {place: s for s, place in known.items() if not any(re.fullmatch(s, text, re.DOTALL) for text in said)}
    assert missing == {}


def test_an_alias_of_itself_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "rulebook.yaml").write_text("facts: &a {x: *a}\n", encoding="utf-8")
    assert "60 levels" in next(f for f in lint(tmp_path) if f.code == "size").message.en


def test_a_rulebook_without_grades_is_a_finding(tmp_path: Path) -> None:
    text = HEAD[: HEAD.index("grades:\n")] + "grades: []\n"
    (tmp_path / "rulebook.yaml").write_text(text, encoding="utf-8")
    assert [(f.key, f.message.en) for f in lint(tmp_path)] == [("grades", "“grades” must not be empty.")]


@pytest.mark.parametrize("condition", ["answered(x)", "not answered(x) or twice > 1", "missed_count(T) > 0"])
def test_a_condition_that_a_blank_leaves_decided_needs_no_word_on_it(tmp_path: Path, condition: str) -> None:
    text = HEAD.replace("    when_unknown: apply\n", "").replace("when: x < 1", f"when: {condition}")
    text += (
        "targets:\n  T: {name: {zh: 标, en: T}, left: x, op: '>=', right: 1, unit: 万元, source: d, basis: proposed}\n"
    )
    (tmp_path / "rulebook.yaml").write_text(text, encoding="utf-8")
    wanted = ["caps.0.when_unknown"] if "twice" in condition else []
    assert [f.key for f in lint(tmp_path) if f.code == "unknown"] == wanted


def test_what_cannot_be_decided_counts_as_the_rulebook_says_and_is_said(tmp_path: Path) -> None:
    more = (
        "tools: {t: {name: {zh: 具, en: tool}, source: d, basis: proposed}}\n"
        "measures:\n  m: {tool: t, name: {zh: 措, en: measure}, when: x < 1, because: {zh: 因, en: why}, "
        "when_unknown: apply, source: d, basis: proposed}\n"
        "adjustments:\n  a:\n    label: {zh: 调, en: adjustment}\n    source: d\n    basis: proposed\n    cases:\n"
        "      - {when: x < 1, points: -1, because: {zh: 因, en: why}, "
        "when_unknown: apply, source: d, basis: proposed}\n"
    )
    blank = ScoringInput(facts={"lv": "1"})
    for said, word in (("apply", "as if it held"), ("skip", "as if it did not")):
        path = tmp_path / said
        path.mkdir()
        text = (HEAD + more).replace("when_unknown: apply", f"when_unknown: {said}")
        (path / "rulebook.yaml").write_text(text, encoding="utf-8")
        assert [f for f in lint(path) if f.code != "unused"] == []
        book = load_rulebook(path)
        found = evaluate(book, blank)
        assert found.grade.holding == (("c",) if said == "apply" else ())
        assert [m.id for m in found.measures] == (["m"] if said == "apply" else [])
        assert (found.adjustment is not None) is (said == "apply")
        assert found.trace is not None
        notes = [node.text.en for node in found.trace.children if node.kind == "note"]
        assert [note.partition(":")[0] for note in notes] == ["cap", "adjustment", "measure"]
        assert all(note.endswith(f"it counts {word}.") for note in notes)
        assert_equal(book, [blank], evaluate_many(book, read_frame(book, to_frame([blank, blank]))))


def test_a_fact_that_only_a_limit_reads_is_missing(tmp_path: Path) -> None:
    text = HEAD.replace("when: x < 1", "when: spare < 1").replace("facts:\n", f"facts:\n  spare: {{{FACT}}}\n", 1)
    (tmp_path / "rulebook.yaml").write_text(text, encoding="utf-8")
    found = evaluate(load_rulebook(tmp_path), ScoringInput(facts={"lv": "1", "x": Decimal(5)}))
    assert [m.fact for m in found.missing] == ["spare"]


def test_options_that_no_worked_case_uses_are_a_warning(tmp_path: Path) -> None:
    folder = test_twelve_mistakes._folder(tmp_path, "sum")
    (folder / "rulebook.yaml").write_text(HEAD, encoding="utf-8")
    assert [w.en for w in untried_options(load_rulebook(folder), folder)] == ["B (lv): no worked case uses 0."]


@pytest.mark.parametrize(
    ("changes", "entries"),
    [
        (
            [Change("indicators.A1.rule", {"kind": "formula", "x": "share_of_max(A)"})],
            {"indicators.A1"},
        ),
        (
            [
                Change("definitions.sme_growth.expr", "1 if met(T1) else 0"),
                Change("definitions.sme_growth.unit", ""),
                Change("targets.T1.left", "sme_growth"),
                Change("targets.T1.right", "1"),
                Change("targets.T1.unit", ""),
            ],
            {"definitions.sme_growth", "targets.T1"},
        ),
    ],
    ids=["through the share of a section's maximum", "through a target"],
)
def test_a_circle_is_found_whichever_function_closes_it(changes: list[Change], entries: set[str]) -> None:
    """Evaluation would never end: no such rulebook may load."""
    book, fields = read_changed(load_rulebook(SHANGHAI), changes)
    assert not fields.findings
    assert {f.key for f in references(book, fields) if f.code == "cycle"} == entries
