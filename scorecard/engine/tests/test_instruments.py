"""What a rule is carried out under and where it was read are two things, in every rulebook that ships."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scorecard.commands.catalog import installed
from scorecard.commands.describe import describe
from scorecard.engine import Rulebook, evaluate, load_rulebook, rulebook_from_json
from scorecard.engine.cases.worked import read_vectors
from scorecard.engine.lint.lint import lint
from scorecard.engine.rulebook.rulebook import GROUPS
from scorecard.engine.tests.conftest import NATIONAL, RULEBOOKS, SHANGHAI
from scorecard.engine.values.results import Source

NAMES = sorted(f"{each.code}/{each.version}" for each in installed(RULEBOOKS))
PRESS = ("press", "新闻", "报道", "报告", "commentary", "评论")


def entries(rulebook: Rulebook) -> list[Any]:
    """Every entry that has a source."""
    found: list[Any] = []
    for name in GROUPS:
        group = getattr(rulebook, name)
        found += list(group.values()) if hasattr(group, "values") else list(group)
    found += [case for adjustment in rulebook.adjustments for case in adjustment.cases]
    return [entry for entry in found if hasattr(entry, "source")]


def without_instruments(data: Any) -> Any:
    """The text of a rulebook as it was written before instruments were named."""
    if isinstance(data, Mapping):
        return {key: without_instruments(value) for key, value in data.items() if key != "instrument"}
    return [without_instruments(value) for value in data] if isinstance(data, list) else data


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_its_instrument_and_no_report_is_one(name: str) -> None:
    rulebook = load_rulebook(RULEBOOKS / name)
    assert rulebook.documents[rulebook.instrument].text
    for entry in entries(rulebook):
        assert entry.instrument is not None, entry
        assert entry.instrument == entry.source.instrument
        assert not any(word in entry.instrument.cite.zh for word in PRESS), entry.instrument


def test_the_notice_of_2017_is_the_instrument_and_its_text_was_not_seen() -> None:
    rulebook = load_rulebook(SHANGHAI)
    cap = rulebook.caps[0]
    assert cap.instrument is not None and cap.source is not None
    assert "沪银监办通〔2017〕214号" in cap.instrument.cite.zh
    assert cap.instrument.text == "unseen"
    assert cap.source.told.zh.endswith(
        "（沪银监办通〔2017〕214号）（原文未见）；出处：《2017年上海市普惠金融发展报告》第七章第一节（四）"
    )
    assert "《" not in rulebook.title.zh and "据公开资料推定" in rulebook.title.zh
    assert "29项的分值为建议值" in load_rulebook(NATIONAL).title.zh


def test_results_carry_both_and_explanations_say_both() -> None:
    rulebook = load_rulebook(SHANGHAI)
    case = next(v.case for v in read_vectors(rulebook, SHANGHAI) if v.id == "all-full")
    result = evaluate(rulebook, type(case)(facts={**case.facts, "sme_hh_end": type(case.facts["sme_hh_end"])(49)}))
    (cap,) = result.grade.applied
    data = cap.source.to_json() if cap.source else {}
    assert data["instrument"]["text"] == "unseen"
    assert Source.from_json(data) == cap.source
    grade = next(node for node in result.trace.walk() if "等次由" in node.text.zh)
    assert (
        "（依据：《关于开展2017年度" in grade.text.zh
        and "出处：《2017年上海市普惠金融发展报告》第七章第一节（四））" in grade.text.zh
    )


def test_rulebooks_that_were_published_without_instruments_stay_as_they_are() -> None:
    """No key appears in results of a rulebook that names no instrument."""
    rulebook = rulebook_from_json(json.dumps(without_instruments(load_rulebook(SHANGHAI).document_data)))
    assert rulebook.instrument == ""
    source = next(iter(rulebook.indicators.values())).source
    assert source is not None
    assert set(source.to_json()) == {"document", "article", "cite"}
    assert source.clause == source.told == source.cite
    assert rulebook_from_json(rulebook.to_json()) == rulebook


def test_the_description_says_both() -> None:
    text = "\n".join(describe(load_rulebook(SHANGHAI), "zh"))
    line = next(each for each in text.splitlines() if each.strip().startswith("A1 "))
    assert "依据：" in line and "（原文未见）；出处：" in line
    assert next(each for each in text.splitlines() if "three-targets" in each).count("依据：") == 1


# --- Facts that were shown as sourced and are not in their source ----------------------------------------------------


def test_what_the_report_does_not_say_is_not_shown_as_sourced() -> None:
    rulebook = load_rulebook(SHANGHAI)
    assert rulebook.measures["reward"].basis == "reconstructed"
    for target in ("T1", "T2", "T3"):
        source = rulebook.targets[target].source
        assert source is not None and source.document == "guidance-2015", target
    for indicator, document in (("D4", "press-2013"), ("H2", "design")):
        spec = rulebook.indicators[indicator]
        assert spec.source is not None
        assert (spec.source.document, spec.basis, spec.name_basis) == (document, "proposed", "proposed")
    assert load_rulebook(RULEBOOKS / "money-guarantee-2017" / "2").definitions["claim_rate"].basis == "reconstructed"


def test_an_option_does_not_repeat_the_name_of_its_measure() -> None:
    for name in NAMES:
        for measure in load_rulebook(RULEBOOKS / name).measures.values():
            assert measure.name not in measure.options.values(), (name, measure.id)


def test_money_schemes_name_their_years_methods_and_bounds() -> None:
    rural = load_rulebook(RULEBOOKS / "money-rural-2010" / "2")
    assert rural.estimates["rural_ceiling"].years == "2010"
    assert "财金〔2016〕85号" in rural.summary.zh
    compensation = load_rulebook(RULEBOOKS / "money-compensation-2016" / "2")
    assert "科技型中小企业和小型微型企业" in compensation.documents["method-2016"].title.zh
    assert compensation.documents["order-125"].number == "沪财企〔2016〕125号"
    assert all("科技型中小企业" in spec.label.zh for spec in compensation.facts.values())
    later = load_rulebook(RULEBOOKS / "money-compensation-2020" / "2")
    assert [text.zh for text in later.facts["comp_trades"].options.values()] == [
        "外贸",
        "科创",
        "文化旅游",
        "住宿餐饮",
        "交通运输",
    ]
    for scheme in (later, load_rulebook(RULEBOOKS / "money-reward-2020" / "2")):
        assert "稳企业保就业" in scheme.documents["measures-2020"].title.zh
    for year, limit in (("2018", "小于500万元"), ("2019", "小于1000万元")):
        reserve = load_rulebook(RULEBOOKS / f"money-reserve-{year}" / "2")
        label = next(spec.label.zh for fact, spec in reserve.facts.items() if fact.startswith("rrr_bal_"))
        assert f"（小微企业、个体工商户和小微企业主贷款限单户授信{limit}）" in label


def test_a_document_that_nothing_cites_is_a_finding(tmp_path: Path) -> None:
    folder = tmp_path / "targets-two-2009" / "2"
    shutil.copytree(RULEBOOKS / "targets-two-2009" / "2", folder)
    path = folder / "rulebook.yaml"
    idle = "documents:\n  idle: {title: {zh: 无人引用, en: Idle}}\n"
    path.write_text(path.read_text(encoding="utf-8").replace("documents:\n", idle, 1), encoding="utf-8")
    (finding,) = lint(folder)
    assert (finding.code, finding.key) == ("unused", "documents.idle")
