"""What stands on the form beside a figure, an answer and an indicator; what the system counts; remarks; small print."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from assessments.filings.counts import late_days
from assessments.filings.form_layout import may_be_not_applicable, own_facts
from assessments.filings.refusals import NARRATIVE_LENGTH
from assessments.filings.selectors import get_draft
from assessments.models import Comment, Round, ScoreKind
from assessments.rulebooks.cache import forget
from assessments.scoring.runs import score_version
from assessments.tests.filings.test_pages import at
from assessments.tests.filings.test_scoring import fill, submit
from assessments.tests.filings.world import World, build, person
from assessments.tests.reviews.world import rulebook as shanghai
from assessments.workflow import perform
from scorecard.commands.catalog import installed
from scorecard.engine import load_rulebook
from scorecard.engine.rulebook.labels import rule_lines
from scorecard.tests.small_print import DEVELOPERS, plain_words

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def world(settings: Any, tmp_path: Path) -> World:
    settings.MEDIA_ROOT = tmp_path
    forget()
    return build()


def page(world: World, name: str, language: str = "zh-hans", user: Any = None) -> str:
    url = reverse("filing-section", args=[world.assessment.pk, name])
    return at(user or world.preparer, language).get(url).content.decode()


# --- Definitions and rules -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "folder", installed(django_settings.RULEBOOK_DIR), ids=lambda each: f"{each.code}/{each.version}"
)
def test_every_figure_and_answer_of_a_bank_is_defined_in_both_languages(folder: Any) -> None:
    rulebook = load_rulebook(folder.path)
    for id, spec in own_facts(rulebook).items():
        assert (spec.help.zh and spec.help.en) or spec.carries_from in rulebook.facts, id


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_rule_of_each_indicator_stands_on_its_page_in_words(world: World, language: str) -> None:
    draft = get_draft(world.assessment)
    for section in ("A", "B", "H"):
        text = (
            page(world, section, "zh-hans" if language == "zh" else "en").replace("&#x27;", "'").replace("&quot;", '"')
        )
        for indicator in draft.rulebook.indicators_of(section):
            for line in rule_lines(draft.rulebook, indicator.rule, language):
                assert line.strip() in text, (section, line)
    curve = (
        "30% → 0 分, 80% → 4 分；两点之间按比例计分（如 55% 得 2 分）"
        if language == "zh"
        else "30% → 0 points, 80% → 4 points"
    )
    assert curve in page(world, "B", "zh-hans" if language == "zh" else "en")


def test_a_figure_stands_with_separators_and_what_it_was_taken_to_be(world: World) -> None:
    world.facts(bal="12000", bal_prev="1.2")
    text = page(world, "figures")
    assert 'value="12,000"' in text and "= 1.2 亿元" in text and "= 12,000 元" in text
    assert "上年同口径的“小微企业贷款余额”" in text
    assert "= 120 million CNY" in page(world, "figures", "en")


# --- Magnitude -------------------------------------------------------------------------------------------------------


def test_a_figure_of_unlikely_size_is_asked_about_at_once_and_before_passing_on(world: World) -> None:
    world.facts(bal_prev="12000")
    client = at(world.preparer)
    sent = {"revision": str(world.again().revision), "f-bal": "1.3"}
    answer = client.post(reverse("filing-autosave", args=[world.assessment.pk]), sent).json()
    told = answer["figures"]["f-bal"]
    assert "请核对单位" in told["question"] and told["understood"] == "= 13,000 元" and told["text"] == "1.3"
    assert "请核对单位" in page(world, "figures")
    gaps = [gap for gap in get_draft(world.again()).gaps if gap.kind == "warning"]
    assert [gap.key.id for gap in gaps] == ["_check:magnitude:bal"]
    # Figure and figure of last year ask about each other: mending one takes the question from the other.
    sent = {"revision": str(world.again().revision), "f-bal_prev": "1.2"}
    answer = client.post(reverse("filing-autosave", args=[world.assessment.pk]), sent).json()
    assert answer["figures"]["f-bal"]["question"] == ""


def test_a_share_typed_as_a_fraction_is_asked_about(world: World) -> None:
    world.facts(rate="0.0045")
    assert "按百分数读取。如果是指 45%" in page(world, "figures")


# --- D4, H1, H5 ------------------------------------------------------------------------------------------------------


def test_the_form_takes_what_the_help_of_the_tolerance_says(world: World) -> None:
    spec = shanghai().facts["tolerance_pp"]
    assert "填“不适用”" in spec.help.zh and may_be_not_applicable(shanghai(), "tolerance_pp")
    assert not may_be_not_applicable(shanghai(), "mean_days") and not may_be_not_applicable(shanghai(), "sme_bal_end")


def test_what_the_system_counts_is_counted_and_named_before_the_signature(world: World) -> None:
    """A filing that was returned once: the total on the page of the signature is the total of the result."""
    fill(world)
    first = submit(world)
    officer = person("officer-9", None, "case_officer")
    world.assessment.refresh_from_db()
    world.assessment.officer = officer
    world.assessment.save(update_fields=["officer"])
    score_version(version_id=first.pk, kind=ScoreKind.SYSTEM)
    perform(
        "refuse",
        actor=officer,
        assessment_id=world.assessment.pk,
        reason="请补充说明贷款余额的口径。",
    )
    world.facts(bal="12500")
    draft = get_draft(world.again())
    assert draft.counted["returns"]["value"] == "1"
    for step, actor in (("pass_to_reviewer", world.preparer), ("pass_to_signatory", world.reviewer)):
        perform(step, actor=actor, assessment_id=world.assessment.pk)
    text = at(world.signatory).get(reverse("filing-sign", args=[world.assessment.pk])).content.decode()
    assert re.search(r'id="counted">.*退回次数.*1 次', text, re.S)
    shown = get_draft(world.again()).result
    perform("submit", actor=world.signatory, assessment_id=world.assessment.pk)
    version = world.again().version
    assert version is not None
    run = score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    assert run.total == f"{shown.total:f}" and run.pending == f"{shown.pending:f}"


def test_a_late_filing_is_scored_as_late_before_it_is_signed(world: World) -> None:
    Round.objects.filter(pk=world.assessment.round_id).update(
        filing_deadline=timezone.now() - timedelta(days=2, hours=1)
    )
    assert late_days(world.again(), timezone.now()) == 3


# --- Length ----------------------------------------------------------------------------------------------------------


def test_no_page_lets_the_browser_cut_a_text(world: World) -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        for tag in re.findall(r"<textarea[^>]*>", path.read_text(encoding="utf-8")):
            assert "maxlength" not in tag, (path, tag)
    step = at(world.preparer).get(reverse("filing-step", args=[world.assessment.pk, "pass_to_reviewer"]))
    assert "maxlength" not in step.content.decode()
    assert f'data-limit="{NARRATIVE_LENGTH}"' in page(world, "A")


def test_a_text_over_the_limit_is_refused_with_its_length_and_stays_on_the_form(world: World) -> None:
    url = reverse("filing-section", args=[world.assessment.pk, "A"])
    long = "长" * (NARRATIVE_LENGTH + 7)
    answer = at(world.preparer).post(url, {"revision": "0", "n-A1": long})
    assert answer.status_code == 422
    assert "10007" in answer.content.decode() and long in answer.content.decode()


def test_the_summary_of_what_was_not_saved_names_each_field_once(world: World) -> None:
    url = reverse("filing-section", args=[world.assessment.pk, "figures"])
    answer = at(world.preparer).post(url, {"revision": "0", "f-bal": "很多"}).content.decode()
    (summary,) = re.findall(r'<div class="error-summary".*?</ul>', answer, re.S)
    assert 'href="#id_f-bal">“' in summary and "</a>：" not in summary


# --- Checks and remarks ----------------------------------------------------------------------------------------------


def test_the_page_of_checks_is_not_done_while_something_is_missing(world: World) -> None:
    text = page(world, "A")
    link = reverse("filing-check", args=[world.assessment.pk])
    (entry,) = re.findall(rf'<a href="{link}"[^>]*>(.*?)</a>', text, re.S)
    missing = len(get_draft(world.assessment).gaps)
    assert missing and "filing-nav-done" not in entry and f">{missing}</span>" in entry
    home = at(world.preparer).get(reverse("home")).content.decode()
    row = re.search(rf'<li><a href="{link}">.*?</li>', home, re.S)
    assert row is not None and "chip-good" not in row.group(0) and str(missing) in row.group(0)


def remarked(world: World) -> Comment:
    officer = person("officer-9", None, "case_officer")
    return Comment.objects.create(
        assessment=world.assessment, indicator="A1", for_bank=True, text="请说明制度的适用范围。", author=officer
    )


def test_a_remark_is_announced_answered_in_place_and_asked_about_before_passing_on(world: World) -> None:
    fill(world)
    remark = remarked(world)
    pk = world.assessment.pk
    client = at(world.preparer)
    place = reverse("filing-section", args=[pk, "A"]) + f"#remark-{remark.pk}"
    home = client.get(reverse("home")).content.decode()
    assert "1 条意见待回复" in home and place in home
    assert f'id="remark-{remark.pk}"' in page(world, "A")
    step = reverse("filing-step", args=[pk, "pass_to_reviewer"])
    asked = client.get(step).content.decode()
    assert place in asked and "尚未回复" in asked and "1 条意见暂不回复" in asked
    assert client.post(step).status_code == 422
    assert world.again().filing_state == "preparing"
    client.post(reverse("filing-reply", args=[pk, remark.pk]), {"text": "适用全部小微贷款。"})
    assert place not in client.get(reverse("home")).content.decode()
    assert client.post(step).status_code == 302


def test_a_remark_may_be_left_open_knowingly(world: World) -> None:
    fill(world)
    remarked(world)
    client, pk = at(world.preparer), world.assessment.pk
    answer = client.post(reverse("filing-step", args=[pk, "pass_to_reviewer"]), {"left_open": "on"})
    assert answer.status_code == 302 and world.again().filing_state == "checking"


# --- Small print -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_developers_words_stand_in_small_print_alone(world: World, language: str) -> None:
    fill(world)
    version = submit(world)
    score_version(version_id=version.pk, kind=ScoreKind.SYSTEM)
    pk = world.assessment.pk
    client = at(world.preparer, language)
    names = [("home", []), ("filing-detail", [pk]), ("filing-check", [pk]), ("assessment-result", [pk])]
    names += [("assessment-history", [pk]), *(("filing-section", [pk, name]) for name in ("figures", "A", "B", "H"))]
    for name, args in names:
        words = plain_words(client.get(reverse(name, args=args)).content.decode())
        assert not DEVELOPERS.search(words), (name, DEVELOPERS.search(words))


def test_no_document_of_a_rulebook_is_a_file_of_this_project() -> None:
    for folder in installed(django_settings.RULEBOOK_DIR):
        for document in load_rulebook(folder.path).documents.values():
            assert "docs/" not in document.cite.zh + document.cite.en, (folder.code, document.id)


def test_articles_of_the_report_are_named_as_people_name_them() -> None:
    cites = {i.source.cite.zh for i in shanghai().indicators.values() if i.source}
    assert any("第五章第四节" in cite for cite in cites)
    assert not any(re.search(r"》\d+-\d+", cite) for cite in cites)
