"""Geometry of the charts, checked by numbers a reader can work out by hand, and what stands around each drawing."""

import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from scorecard import charts
from scorecard.charts import Bar, Element, Layout
from scorecard.engine.values.rational import Fraction


def marks(layout: Layout, tag: str, css: str = "") -> list[Element]:
    return [m for m in layout.marks if m.tag == tag and css in m.attrs["class"].split() + [""]]


def attr(mark: Element, name: str) -> float:
    return float(mark.attrs[name])


def texts(layout: Layout) -> list[str]:
    return [m.text for m in layout.marks if m.tag == "text"]


def inside(layout: Layout, slack: float = 1) -> None:
    """Nothing is drawn outside the picture."""
    for mark in layout.marks:
        for name in ("x", "x1", "x2", "cx"):
            if name in mark.attrs:
                assert -slack <= attr(mark, name) <= layout.width + slack, mark
        for name in ("y", "y1", "y2", "cy"):
            if name in mark.attrs:
                assert -slack <= attr(mark, name) <= layout.height + slack, mark
        if mark.tag == "rect":
            assert attr(mark, "x") + attr(mark, "width") <= layout.width + slack, mark
            assert attr(mark, "y") + attr(mark, "height") <= layout.height + slack, mark


# --- Scales -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, [0, 25, 50, 75, 100]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
        (61, 91, [60, 70, 80, 90, 100]),
        (-23.4, 521.7, [-200, 0, 200, 400, 600]),
        (0, 0, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, expected: list[float]) -> None:
    assert charts.ticks(low, high) == expected


@given(st.floats(-1e6, 1e6), st.floats(1e-2, 1e6))
def test_ticks_always_cover(low: float, span: float) -> None:
    found = charts.ticks(low, low + span)
    assert found[0] <= low + 1e-6 * span
    assert found[-1] >= low + span - 1e-6 * span
    assert 2 <= len(found) <= 8
    assert found == sorted(found)


def test_scale_and_pixels() -> None:
    assert charts.scale(5, 0, 10, 100, 200) == 150
    assert charts.scale(7, 7, 7, 100, 200) == 150
    assert [charts.px(v) for v in (1.0, 1.25, -0.01, 1234.56, -3.5)] == ["1", "1.2", "0", "1234.6", "-3.5"]


def test_text_is_cut_to_its_room() -> None:
    assert charts.text_width("银行", 13) == 26
    assert charts.fit("普惠金融监管评价系统", 60) == "普惠金…"
    assert charts.fit("银行", 60) == "银行"
    cut = charts.text_at(0, 0, "普惠金融监管评价系统", room=60)
    assert (cut.text, cut.title) == ("普惠金…", "普惠金融监管评价系统")


@given(st.lists(st.floats(0, 170), min_size=1, max_size=8))
def test_labels_never_overlap(places: list[float]) -> None:
    placed = [at for at, _ in charts.spread([(p, None) for p in places], 16, 0, 170)]
    assert all(b - a >= 16 - 1e-6 for a, b in pairwise(placed))
    assert placed[0] >= -1e-6
    assert placed[-1] <= max(170, 16 * (len(places) - 1)) + 1e-6


def test_what_is_no_figure_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a figure"):
        charts.number("n/a")
    with pytest.raises(TypeError):
        charts.number(0.5)  # type: ignore[arg-type]


# --- Each chart ---------------------------------------------------------------------------------------------------


def bullets(**more: Any) -> charts.BulletBars:
    bars = [Bar("甲", "7.5", "15", "15"), Bar("乙", "10", "10"), Bar("丙", None, "5")]
    return charts.BulletBars(finding="甲最低", unit="point", bars=bars, mark_label="上年得分", **more)


@pytest.mark.parametrize("width", [charts.WIDE, charts.MEDIUM, charts.NARROW])
def test_bullet_bars_are_on_one_scale_from_zero(width: int) -> None:
    layout = bullets().layout(width)
    inside(layout)
    tracks, bars = marks(layout, "rect", "c-track"), marks(layout, "rect", "c-own")
    assert [round(attr(t, "width") / attr(tracks[0], "width"), 2) for t in tracks] == [1, 0.67, 0.33]
    assert attr(bars[0], "width") == pytest.approx(attr(tracks[0], "width") / 2, abs=0.2)
    assert attr(bars[1], "width") == pytest.approx(attr(tracks[1], "width"), abs=0.2)
    assert len(bars) == 2
    assert len({t.attrs["x"] for t in tracks} | {b.attrs["x"] for b in bars}) == 1
    mark = marks(layout, "line", "c-mark")[0]
    assert attr(mark, "x1") == pytest.approx(attr(tracks[0], "x") + attr(tracks[0], "width"), abs=0.2)
    assert {"7.5 / 15", "10 / 10", "— / 5", "上年得分"} <= set(texts(layout))


def test_bullet_bars_keep_to_the_scale_when_a_value_is_outside() -> None:
    chart = charts.BulletBars(finding="x", bars=[Bar("甲", "-2", "10"), Bar("乙", "14", "10")])
    layout = chart.layout(720)
    inside(layout)
    assert attr(marks(layout, "rect", "c-own")[0], "width") == 0


def test_dumbbell_draws_both_sides_and_says_the_margin() -> None:
    pair = charts.Pair("贷款增速", "0.1573", "0.1228", "小微", "各项", "fraction", True, "0.0345")
    missed = charts.Pair("贷款户数", "1188", "1200", "本年", "上年", "户", False, "-12")
    equal = charts.Pair("获得率", "0.9178", "0.9178", "本年", "上年", "fraction", True, "0")
    unknown = charts.Pair("增量", None, "3", "本年", "上年", "万元", None)
    chart = charts.Dumbbell(finding="x", pairs=[pair, missed, equal, unknown])
    for width in (charts.WIDE, charts.MEDIUM, charts.NARROW):
        layout = chart.layout(width)
        inside(layout)
        own, other = marks(layout, "circle", "c-own"), marks(layout, "circle", "c-hollow")
        assert attr(own[0], "cx") > attr(other[0], "cx")
        assert attr(own[1], "cx") < attr(other[1], "cx")
        assert attr(own[2], "cx") == attr(other[2], "cx")
        assert len(own) == 3
        assert {"完成 +3.45 个百分点", "未完成 −12 户", "完成 0.00 个百分点", "尚无数据"} <= set(texts(layout))
        assert len(marks(layout, "line", "c-bad-line")) == 1
    with override("en"):
        assert "missed −12 borrowers" in texts(chart.layout(720))


def test_rows_of_one_unit_share_a_scale() -> None:
    wide = charts.Pair("增速", "0.10", "0.20", "本行", "各项", "fraction", False, "-0.10")
    near = charts.Pair("获得率", "0.19", "0.20", "本行", "上年", "fraction", False, "-0.01")
    other = charts.Pair("户数", "1000", "1200", "本年", "上年", "户", False, "-200")
    for width in (charts.WIDE, charts.MEDIUM, charts.NARROW):
        layout = charts.Dumbbell(finding="x", pairs=[wide, near, other]).layout(width)
        inside(layout)
        own, held = marks(layout, "circle", "c-own"), marks(layout, "circle", "c-hollow")
        gaps = [attr(b, "cx") - attr(a, "cx") for a, b in zip(own, held, strict=True)]
        assert gaps[0] == pytest.approx(10 * gaps[1], rel=0.01)
        assert gaps[2] == pytest.approx(gaps[0], abs=1)


def test_dot_plot_marks_the_own_dot_and_the_median() -> None:
    chart = charts.DotPlot(finding="x", unit="point", values=["60", "70", "80", "90"], own="100", own_label="本行")
    layout = chart.layout(720)
    inside(layout)
    assert len(marks(layout, "circle", "c-other")) == 4
    own = marks(layout, "circle", "c-own")[0]
    assert attr(own, "cx") == 720 - 28
    middle = marks(layout, "line", "c-axis")[0]
    assert attr(middle, "x1") == pytest.approx(charts.scale(75, 60, 100, 28, 692), abs=0.1)
    assert "本行 100 分" in texts(layout)
    assert all("本行" not in m.title for m in marks(layout, "circle", "c-other"))
    assert chart.median == Fraction(75)
    small = charts.DotPlot(finding="x", values=["1", "2"], own=None, small=True).layout(160)
    assert small.height == 24
    assert not texts(small)


@pytest.mark.parametrize("small", [True, False])
def test_the_drawing_of_many_peers_does_not_grow_with_them(small: bool) -> None:
    """Beyond 60 peers a mark stands for a bin; the counts of the bins add up to the peers."""

    def drawn(count: int) -> Layout:
        values = [str(i % 101) for i in range(count)]
        plot = charts.DotPlot(finding="x", unit="point", values=values, own="50", own_label="本行", small=small)
        return plot.layout(160 if small else 720)

    assert len(marks(drawn(60), "circle", "c-other")) == 60
    for count in (61, 5000):
        layout = drawn(count)
        if not small:
            inside(layout)
        assert len(layout.marks) < 60
        bins = marks(layout, "rect", "c-other")
        assert not marks(layout, "circle", "c-other")
        assert sum(int(m.title.split()[0]) for m in bins) == count
        assert marks(layout, "circle", "c-own")


def test_dot_plot_of_nobody() -> None:
    assert texts(charts.DotPlot(finding="x", values=[], own=None).layout(720)) == ["—"]
    alone = charts.DotPlot(finding="x", values=[], own="5", own_label="本行")
    inside(alone.layout(360))
    assert alone.rows() == [["本行", "5"]]


def test_lines_break_where_there_is_no_figure() -> None:
    chart = charts.Lines(
        finding="x",
        unit="亿元",
        places=["2014", "2015", "2016", "2017"],
        zero=True,
        series=[
            charts.Series("本行", ["10", None, "30", "40"], own=True),
            charts.Series("全市", ["40", "30", "20", "10"]),
        ],
    )
    for width in (charts.WIDE, charts.MEDIUM, charts.NARROW):
        layout = chart.layout(width)
        inside(layout)
        assert len(marks(layout, "line", "c-own-line")) == 1
        assert len(marks(layout, "line", "c-other-line")) == 3
        own = marks(layout, "circle", "c-own")
        assert len(own) == 3
        # From zero: 40 stands four times as high over the base as 10.
        base = max(attr(m, "y1") for m in marks(layout, "line", "c-grid"))
        assert base - attr(own[2], "cy") == pytest.approx(4 * (base - attr(own[0], "cy")), abs=0.5)
    assert "本行 40.00" in texts(chart.layout(720))


def test_bars_stand_on_zero_and_go_left_below_it() -> None:
    bars = [Bar("甲", "400"), Bar("乙", "-100"), Bar("丙", None), Bar("丁", "200", own=True)]
    chart = charts.Bars(finding="x", unit="亿元", bars=bars)
    for width in (charts.WIDE, charts.MEDIUM, charts.NARROW):
        layout = chart.layout(width)
        inside(layout)
        zero = attr(marks(layout, "line", "c-axis")[0], "x1")
        drawn = marks(layout, "rect")
        assert len(drawn) == 3
        assert attr(drawn[0], "x") == pytest.approx(zero, abs=0.2)
        assert attr(drawn[1], "x") + attr(drawn[1], "width") == pytest.approx(zero, abs=0.2)
        assert attr(drawn[0], "width") == pytest.approx(4 * attr(drawn[1], "width"), abs=0.5)
        assert drawn[2].attrs["class"] == "c-own"
        assert "−100.00" in texts(layout)


def test_heat_map_steps_and_empty_cells() -> None:
    assert [charts.heat_step(v, 0, 10) for v in ("0", "1.99", "2", "9.99", "10", None)] == [0, 0, 1, 4, 4, None]
    assert charts.heat_step("5", 5, 5) == 4
    chart = charts.HeatMap(
        finding="x",
        labels=["甲", "乙"],
        columns=["差别定价", "独立核算"],
        codes=["A1", "A2"],
        values=[["0", "5"], [None, "2.5"]],
    )
    for width in (charts.WIDE, charts.MEDIUM, charts.NARROW):
        layout = chart.layout(width)
        inside(layout)
        cells = marks(layout, "rect")[:4]
        assert [m.attrs["class"] for m in cells] == ["heat-0", "heat-4", "heat-none", "heat-2"]
        assert cells[1].title == "甲 · 独立核算 · 5"
    assert chart.rows() == [["甲", "0", "5"], ["乙", "—", "2.5"]]


def test_heat_map_turns_heads_that_do_not_fit() -> None:
    codes = [f"指标{i}" for i in range(32)]
    chart = charts.HeatMap(finding="x", labels=["甲"], columns=codes, codes=codes, values=[["1"] * 32])
    turned = [m for m in chart.layout(360).marks if "transform" in m.attrs]
    assert len(turned) == 32
    inside(chart.layout(720))


def test_columns_are_in_proportion() -> None:
    chart = charts.Columns(
        finding="x", bars=[Bar("优秀", 8), Bar("良好", 32, own=True), Bar("合格", 0)], count_label="家数"
    )
    layout = chart.layout(720)
    inside(layout)
    heights = [attr(m, "height") for m in marks(layout, "rect")]
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.2)
    assert heights[2] == 0
    assert chart.rows() == [["优秀", "8"], ["良好", "32"], ["合格", "0"]]


# --- Around the drawing ---------------------------------------------------------------------------------------------


def test_a_chart_has_its_finding_unit_source_date_basis_and_table() -> None:
    text = bullets(source="计分 118", as_of="2017-12-31", basis="reconstructed").render()
    assert text.count('role="img"') == 3
    assert text.count("<title>甲最低</title>") == 3
    assert "单位：分" in text
    assert "来源：计分 118" in text
    assert "2017-12-31" in text
    assert "并非监管部门的原数" in text
    table = text[text.index("<table") : text.index("</table>")]
    assert re.findall(r"<th scope=\"row\">(.*?)</th>", table) == ["甲", "乙", "丙"]
    assert re.findall(r"<td class=\"num\">(.*?)</td>", table) == ["7.5", "15", "15", "10", "10", "—", "—", "5", "—"]


def test_a_chart_escapes_and_has_no_inline_style() -> None:
    chart = charts.Bars(finding="<b>x</b>", bars=[Bar("<script>", "1")], source="<i>")
    text = chart.render()
    assert "<script>" not in text
    assert "<b>" not in text
    assert "style=" not in text


def test_amounts_in_a_chart_stay_in_its_unit() -> None:
    """The unit stands once, above the drawing, so 952,000 万元 must not turn into 95.20."""
    chart = charts.Bars(finding="x", unit="万元", bars=[Bar("甲", Decimal(952000)), Bar("乙", Decimal("3.5"))])
    assert chart.rows() == [["甲", "952,000.00"], ["乙", "3.50"]]
    assert "952,000.00" in texts(chart.layout(720))
