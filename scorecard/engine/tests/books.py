"""Drawn rulebooks: every rule kind and every expression function, over facts of every kind."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scorecard.engine import Rulebook
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.lint.references import references
from scorecard.engine.reading.reader import read_with_fields

TEXT = {"zh": "文", "en": "text"}
SOURCE = {"source": "d § 1", "basis": "proposed"}
POINTS = ["-2", "-1", "0", "0.5", "1", "2", "3", "4", "1.255", "2.345"]
X = ["0", "0.3", "1", "2", "5", "7", "10", "33", "0.05"]


def facts() -> dict[str, Any]:
    def fact(kind: str, **more: Any) -> dict[str, Any]:
        return {"label": TEXT, "kind": kind, **more, **SOURCE}

    options = {"options": {"0": TEXT, "1": TEXT, "2": TEXT}}
    return {
        "a": fact("amount", min="0"),
        "b": fact("amount", min="0"),
        "c": fact("amount"),
        "d": fact("number"),
        "n": fact("count", min="0", supplied_by="supervisor"),
        "m": fact("count", min="0"),
        "r": fact("ratio", min="0", max="1"),
        "s": fact("ratio", supplied_by="system"),
        "yes": fact("bool"),
        "lv": fact("level", **options),
        "items": fact("checklist", options={"p": TEXT, "q": TEXT}),
        "b_prev": fact("amount", min="0", carries_from="b"),
    }


EXPRESSIONS = [
    "r",
    "s",
    "a / b",
    "(a - c) / b",
    "a / b - c / b_prev",
    "min(a / b, n / m)",
    "abs(r - s)",
    "max(r, s, 0.3)",
    "clip(a / b, 0.1, 0.9)",
    "n / m",
    "r * s",
    "a / (b - c)",
    "r if yes else s",
    "d",
    "d * d - 2 * d",
    "a / b if a > c and n >= 2 else r",
    "ratio_ab + r / 3",
    "count(items) / 2 + d",
    "points(I0) / unit(1, 分)",
    "(a / b) / (c / b_prev)",
    "-d",
    "percentile(r)",
    "percentile(a / b)",
    "median(a / b) - a / b",
    "rank(r - s) / rank(d)",
    "pp(r - s) / unit(3, pp)",
    "bp(a / b) / unit(25, bp)",
    "level(lv) / 2 - r",
    "share_of_max(I0)",
    "self_points(I0) / unit(2, 分)",
]
CONDITIONS = [
    "a >= b",
    "a / b >= c / b_prev",
    "r > 0.3",
    "yes",
    "not yes and n >= 2",
    "missed(T1)",
    "missed(T1) or met(T2)",
    "missed_count(T1, T2) >= 1",
    "missed_years(T1) >= unit(2, 年)",
    "has(items, 'p')",
    "answered(a)",
    "yes and not filed()",
    "category == '城商行'",
    "category in ('大型', '外资') and r <= s",
    "held(missed(T1), 2)",
    "last(a) > a",
    "a - b == c - b",
    "lv == '2'",
    "a / b > median(a / b)",
    "rank(m) <= 2",
    "peers(n) >= unit(2, 家)",
]


def rules(depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a rule in its YAML form."""
    points, xs = st.sampled_from(POINTS), st.sampled_from(EXPRESSIONS)

    def ordered(size: int, reverse: bool = False) -> st.SearchStrategy[list[str]]:
        return st.lists(st.sampled_from(X), min_size=2, max_size=size, unique_by=float).map(
            lambda v: sorted(v, key=float, reverse=reverse)
        )

    def table(reverse: bool) -> st.SearchStrategy[list[list[str]]]:
        return ordered(4, reverse).flatmap(
            lambda v: st.lists(points, min_size=len(v), max_size=len(v)).map(
                lambda p: [[x, y] for x, y in zip(v, p, strict=True)]
            )
        )

    ends = st.lists(st.sampled_from(["left", "right"]), unique=True)
    flat = [
        st.builds(
            lambda x, p, below, above, e: {
                "kind": "curve",
                "x": x,
                "unit": "%",
                "points": p,
                "below": below,
                "above": above,
                "open_ends": e,
            },
            xs,
            table(False),
            points,
            points,
            ends,
        ),
        st.builds(lambda x, p: {"kind": "curve", "x": x, "unit": "%", "points": p}, xs, table(False)),
        st.builds(
            lambda x, p, o, c: {"kind": "steps", "x": x, "unit": "%", "compare": c, "steps": p, "otherwise": o},
            xs,
            table(False),
            points,
            st.sampled_from(["at_most", "below"]),
        ),
        st.builds(
            lambda x, p, o, c: {"kind": "steps", "x": x, "unit": "%", "compare": c, "steps": p, "otherwise": o},
            xs,
            table(True),
            points,
            st.sampled_from(["at_least", "above"]),
        ),
        st.builds(
            lambda x, s: {"kind": "formula", "x": x, "unit": "%", "scale": s}, xs, st.sampled_from(["1", "3", "0.7"])
        ),
        st.builds(
            lambda x, ref, none: {"kind": "share", "x": x, "reference": ref, "unit": "万元", "full": "4", **none},
            st.sampled_from(["a", "a - b", "c"]),
            st.sampled_from(["b", "c", "b_prev - c"]),
            st.sampled_from([{}, {"no_reference": "-1"}, {"no_reference": "0.333"}]),
        ),
        st.just(
            {
                "kind": "deductions",
                "start": "4",
                "floor": "-2",
                "per": [{"x": "n", "unit": "户", "points": "0.5"}, {"x": "d", "unit": "", "points": "0.255"}],
            }
        ),
        st.builds(lambda p: {"kind": "levels", "fact": "lv", "points": {"0": "0", "1": p, "2": "4"}}, points),
        st.builds(
            lambda p, w: {
                "kind": "checklist",
                "fact": "items",
                "items": {"p": p, "q": "1", "w": {"label": TEXT, "points": "1.5", "when": w}},
            },
            points,
            st.sampled_from(CONDITIONS),
        ),
        st.just({"kind": "target", "target": "T1", "met": "3", "missed": "0", "years_missed": {"2": "-1"}}),
        st.just({"kind": "judged", "fact": "lv"}),
        st.builds(
            lambda x: {"kind": "rank", "x": x, "unit": "%", "full": "4", "each": "1.255", "floor": "-1"},
            st.sampled_from(["r", "a / b", "d", "r - s"]),
        ),
        st.just({"kind": "fixed", "points": "2"}),
    ]
    if depth >= 2:
        return st.one_of(flat)
    inner = rules(depth + 1)
    case = st.builds(lambda w, r: {"when": w, "rule": r}, st.sampled_from(CONDITIONS), inner)
    nested = [
        st.builds(
            lambda c, o: {"kind": "first", "cases": c, "otherwise": o}, st.lists(case, min_size=1, max_size=3), inner
        ),
        st.builds(
            lambda c, o: {"kind": "most_severe", "cases": c, "otherwise": o},
            st.lists(case, min_size=1, max_size=3),
            inner,
        ),
        st.builds(
            lambda k, r: {"kind": k, "rules": r},
            st.sampled_from(["lower_of", "higher_of", "mean_of", "sum_of"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
    ]
    return st.one_of(*flat, *nested)


@st.composite
def books(draw: st.DrawFn) -> Rulebook:
    """Draw a rulebook of three to six indicators, in nested and weighted sections, with caps on grade and total."""
    count = draw(st.integers(3, 6))
    indicators = {}
    for number in range(count):
        rule = draw(rules())
        if number == 0:
            rule = draw(rules(depth=2).filter(lambda r: "I0" not in str(r)))
        indicators[f"I{number}"] = {
            "section": draw(st.sampled_from(["S", "S1"])) if number else "S",
            "name": TEXT,
            "name_basis": "proposed",
            "type": "quantitative",
            "min": draw(st.sampled_from(["-2", "-1", "0"])),
            "max": draw(st.sampled_from(["3", "4", "2.5"])),
            "rule": rule,
            "part": draw(st.sampled_from(["regular", "bonus"])),
            "not_applicable": draw(st.sampled_from(["share_out", "full", "none"])),
            **SOURCE,
        }
    section = {"name": TEXT, "name_basis": "proposed", "min": "-9", "max": "9", **SOURCE}
    limits = draw(st.sampled_from([{}, {"ceiling": "5", "floor": "-1"}]))
    weight = draw(st.sampled_from(["1", "0.5", "1.37"]))
    caps = [
        {"when": "missed(T1)", "effect": "cap_grade", "to": "mid"},
        {"when": draw(st.sampled_from(CONDITIONS)), "effect": "floor_grade", "to": "low"},
        {"when": "points(regular) < 2", "effect": draw(st.sampled_from(["cap_total", "floor_total"])), "to": "3"},
        {"when": "total() >= 6", "effect": "set_grade", "to": "top"},
    ]
    data: dict[str, Any] = {
        "rulebook": {
            "code": "drawn",
            "version": "1",
            "peer_minimum": draw(st.sampled_from(["1", "1", "2", "5"])),
            "year": "2020",
            "title": TEXT,
            "total": {"min": "-20", "max": "40", **draw(st.sampled_from([{}, {"floor": "0", "ceiling": "8"}]))},
            "rounding": {
                "indicator": draw(st.sampled_from(["2", "1", "3"])),
                "total": draw(st.sampled_from(["2", "1", "0"])),
                "mode": draw(st.sampled_from(["half_up", "half_even", "down", "up"])),
                "basis": "proposed",
            },
        },
        "documents": {"d": {"title": TEXT}},
        "properties": {"category": {"label": TEXT, "kind": "text"}},
        "facts": facts(),
        "definitions": {"ratio_ab": {"label": TEXT, "unit": "%", "expr": "a / b", **SOURCE}},
        "parts": {
            "regular": {"name": TEXT, "min": "-9", "max": "9", **SOURCE},
            "bonus": {"name": TEXT, "min": "-9", "max": "9", **SOURCE},
        },
        "sections": {"S": section, "S1": {**section, "parent": "S", "weight": weight, **limits}},
        "indicators": indicators,
        "targets": {
            "T1": {
                "name": TEXT,
                "left": "a / b - 1",
                "op": draw(st.sampled_from([">=", ">", "<=", "<"])),
                "right": "c / b_prev - 1",
                "unit": "%",
                **SOURCE,
            },
            "T2": {"name": TEXT, "left": "m", "op": ">=", "right": "n", "unit": "户", **SOURCE},
        },
        "grades": [
            {"id": g, "name": TEXT, "name_basis": "proposed", "min": m, **SOURCE}
            for g, m in (("top", "7.005"), ("mid", "4"), ("low", "1.5"), ("bad", None))
        ],
        "caps": [{"id": f"c{i}", "name": TEXT, "because": TEXT, **c, **SOURCE} for i, c in enumerate(caps)],
        "adjustments": {
            "rating": {
                "label": TEXT,
                **SOURCE,
                "cases": [
                    {"when": w, "points": p, "because": TEXT, **SOURCE}
                    for w, p in (("missed_count(T1, T2) == 2", "-2"), ("grade_at_least(mid)", "1"))
                ],
            }
        },
        "tools": {"t": {"name": TEXT, **SOURCE}},
        "measures": {
            "m1": {"tool": "t", "name": TEXT, "when": draw(st.sampled_from(CONDITIONS)), "because": TEXT, **SOURCE}
        },
    }
    book, fields = read_with_fields(from_plain(data))
    findings = fields.findings + references(book, fields)
    assert not findings, [str(f) for f in findings]
    return book
