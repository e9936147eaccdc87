"""The draft out of the data: on the report's own sums it prints the report's own figures; what is not held is a gap."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from assessments.models import Assessment, Circular, Meeting, ReadingPeriod
from assessments.reporting.chapters import chapters
from assessments.reporting.selectors import Draft, Number, draft_of
from assessments.scoring.statistics import take_snapshot
from assessments.tests.measures import world as measures
from assessments.tests.reviews import world as reviews
from banks.models import Bank, EntityKind
from scorecard.figures.models import Figure

from .fixture import rows, text_of
from .world import ALL, SUMS

pytestmark = pytest.mark.django_db


#: Where the report's text has other words between the word of precision, the number and its unit.
APART: dict[str, set[str]] = {"1": {"1-2-5-2-032"}, "5-4": set(), "7-1": set()}  # 每年约承保16万人


def drafted(world: reviews.World, *chosen: str) -> Draft:
    """The draft in Chinese, as the document is."""
    with override("zh-hans"):
        return draft_of(world.decider, world.round.pk, chosen or ALL)


def words(draft: Draft) -> str:
    """Every sentence of the draft."""
    return "\n".join(
        "".join(piece.shown if isinstance(piece, Number) else piece for piece in sentence)
        for chapter in draft.chapters
        for part in chapter.parts
        for sentence in part.sentences
    )


def number(draft: Draft, label: str) -> Number:
    """The first figure of this name."""
    return next(one for one in draft.numbers if one.label == label)


@pytest.mark.parametrize("chapter", ALL)
def test_it_prints_the_reports_own_figures(world: reviews.World, chapter: str) -> None:
    """Each figure that the draft holds, from the fixture: the same characters, not only the same value."""
    draft = drafted(world, chapter)
    tokens = list(chapters()[chapter].tokens())
    assert len(tokens) == len(draft.numbers)
    compared, apart = 0, set()
    for token, found in zip(tokens, draft.numbers, strict=True):
        name = token.query if token.is_record else token.record
        if not name:
            continue
        row = rows()[name]
        assert found.figure is not None and found.figure.ident == row["id"]
        assert found.text.replace(row["qualifier"], "", 1) in (row["value"] + row["unit"], row["value"]), name
        if (report := text_of(chapter)) and found.text not in report:
            apart.add(name)
        compared += 1
    assert compared == {"1": 185, "5-4": 11, "7-1": 19}[chapter]
    assert not draft.differing
    assert apart == (APART[chapter] if text_of(chapter) else set())


def test_a_sum_that_is_not_the_reports_is_printed_and_told(world: reviews.World) -> None:
    world.submitted("B", tax_bal="1", tax_bal_prev="1", **dict.fromkeys(SUMS.keys() - {"tax_bal", "tax_bal_prev"}, "0"))
    take_snapshot(round_=world.round)
    assert not drafted(world).differing, "one 万元 more is not seen at two decimals"
    again = Assessment.objects.get(bank__code="B")
    world.freeze(again, 2, **dict.fromkeys(SUMS, "0") | {"tax_bal": "10000"})
    take_snapshot(round_=world.round)
    different = {one.label: (one.text, one.reported) for one in drafted(world).differing}
    assert different == {
        "银税合作贷款余额": ("167.65亿元", "166.65亿元"),
        "银税合作贷款余额为上年的倍数": ("2.90倍", "2.88倍"),
    }


def test_a_figure_that_is_not_loaded_is_a_named_gap(world: reviews.World) -> None:
    Figure.objects.filter(ident="r2017-1-1-2-001").update(ident="r2016-1-1-2-001")
    draft = drafted(world)
    gap = number(draft, "在沪银行业金融机构营业网点数")
    assert gap.is_gap and gap in draft.gaps and gap.why == "未载入2017年的数字"
    assert "营业网点【缺：在沪银行业金融机构营业网点数】，其中乡镇营业网点1209个" in words(draft)


def test_a_gap_has_no_word_for_a_rise(world: reviews.World) -> None:
    Figure.objects.filter(ident="r2017-1-1-2-010").update(ident="r2016-1-1-2-010")
    assert "比上年末【缺：科技支行较2016年末新增】" in words(drafted(world))


def test_without_figures_of_the_round_its_sums_are_gaps(world: reviews.World) -> None:
    other = reviews.another_round("sh-2018", 2018)
    with override("zh-hans"):
        draft = draft_of(world.decider, other.pk, ALL)
    balance = number(draft, "小微企业贷款余额")
    assert balance.is_gap and balance.why == "本次评价的汇总数尚未计算"
    assert number(draft, "机制的单项评价指标数").text == "19个", "the rulebook is there"
    assert "None" not in words(draft)


def test_nothing_that_the_system_has_no_entry_of_is_printed_as_none(world: reviews.World) -> None:
    """No period, circular or meeting of the year: the system was not used for them, which is no figure of the city."""
    assert not (ReadingPeriod.objects.exists() or Circular.objects.exists() or Meeting.objects.exists())
    draft = drafted(world, "7-1")
    undecided = {"监管评级扣分的机构数", "监管评级加分的机构数", "措施台账家次", "措施台账涉及机构数"}
    assert {one.label for one in draft.gaps} == {"监测期数", "通报期数", "例会次数"} | undecided


def test_a_fall_is_told_as_a_fall() -> None:
    world = reviews.build()
    world.submitted("A", **SUMS | {"sme_bal_end": SUMS["sme_bal_prev"], "sme_bal_prev": SUMS["sme_bal_end"]})
    take_snapshot(round_=world.round)
    told = words(drafted(world, "1"))
    assert "比上年同期减少1807.14亿元，下降13.62%，比各项贷款增速（11.64%）低25.26个百分点" in told
    assert "全市实现“三个不低于”目标中的两个" in told


def test_decided_results_and_measures_are_counted() -> None:
    register = measures.build()
    world = register.base.world
    register.told("M1")
    register.told("M2", taken=("access",))
    world.notified("N1")
    world.submitted("W1")
    draft = drafted(world)
    found = {one.label: one.text for one in draft.numbers}
    assert (found["已审定并通知的结果数"], found["尚未通知的结果数"]) == ("3家", "1家")
    assert (found["监管评级扣分的机构数"], found["监管评级加分的机构数"]) == ("2家", "1家")
    assert (found["措施台账家次"], found["措施台账涉及机构数"]) == ("4家次", "2家")
    tables = {table.name: table for chapter in draft.chapters for part in chapter.parts for table in part.tables}
    assert [row[1] for row in tables["grades"].rows][-1] == "3"
    assert sum(int(row[1]) for row in tables["grades"].rows[:-1]) == 3
    assert {(row[0], row[2], row[3]) for row in tables["measures"].rows} == {
        ("市场准入", "2", "2"), ("现场检查", "1", "1"), ("监管问责", "1", "1"),
    }  # fmt: skip
    assert any("推定" in row[0] for row in tables["grades"].rows), "a grade that the report does not name is marked"
    assert [table.name for table in draft.missing_tables] == ["targets"], "the round's figures are not computed"


def test_every_figure_names_query_and_scope(world: reviews.World) -> None:
    branch = world.submitted("B", **dict.fromkeys(SUMS, "0"))
    Bank.objects.filter(pk=branch.bank_id).update(entity_kind=EntityKind.BRANCH, head_office=Bank.objects.get(code="A"))
    world.submitted("C", **dict.fromkeys(SUMS, "0"))
    Bank.objects.filter(code="C").update(entity_kind=EntityKind.BRANCH)
    take_snapshot(round_=world.round)
    draft = drafted(world)
    assert all(one.query and (one.scope or one.is_gap) for one in draft.numbers)
    balance = number(draft, "小微企业贷款余额")
    assert balance.query == "本次评价汇总数：小微企业贷款余额"
    assert "参评机构2家、各计一次（法人口径1家，辖内口径1家）" in balance.scope
    assert timezone.localtime(draft.sources.at).strftime("%Y-%m-%d") in balance.scope


def test_the_queries_do_not_depend_on_banks_or_chapters(world: reviews.World) -> None:
    def count(*chosen: str) -> int:
        with CaptureQueriesContext(connection) as made:
            drafted(world, *chosen)
        return len(made)

    drafted(world)  # the rulebook is parsed once
    one, few = count("7-1"), count(*ALL)
    for place in range(5):
        world.submitted(f"M{place}")
    take_snapshot(round_=world.round)
    assert (one, few) == (count("7-1"), count(*ALL))
    assert few == one
