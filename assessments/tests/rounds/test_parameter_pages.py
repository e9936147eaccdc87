"""Values of the year on the screen: the supervisor sets them with a source, everybody sees what counts and why."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Assessment, Round, RoundParameter, RoundState
from assessments.rounds.parameters.selectors import parameters_of
from assessments.rounds.parameters.services import set_round_parameter
from assessments.rounds.services import open_round
from assessments.rulebooks.cache import engine_rulebook, forget
from assessments.rulebooks.parameters import users_of_parameters
from assessments.rulebooks.services import publish_rulebook
from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import administrator, planned

pytestmark = pytest.mark.django_db
NAME = "high_share_line"


@pytest.fixture
def round_() -> Round:
    forget()
    return planned(code="yearly", rulebook=publish_rulebook(actor=None, code="national-2020", version="3"))


def client(user: User, language: str = "zh-hans") -> Client:
    found = Client()
    found.force_login(user)
    found.cookies["django_language"] = language
    return found


def send(browser: Client, round_: Round, **sent: Any) -> Any:
    return browser.post(reverse("round-parameter-set", args=[round_.pk, NAME]), sent)


def page(browser: Client, round_: Round) -> str:
    return browser.get(reverse("round-parameters", args=[round_.pk])).content.decode()


def test_who_plans_rounds_sets_a_value_with_its_source_and_the_history_is_kept(round_: Round) -> None:
    admin = administrator()
    browser = client(admin)
    before = page(browser, round_)
    assert "办法默认值" in before and "30%" in before and "basis-proposed" in before
    assert "自下一次计分起采用" in before and "此前的计分结果保留当时的取值" in before
    answer = send(browser, round_, **{f"f-{NAME}": "35.5", "source": "沪银监办通〔2017〕9号", "seen": "0"})
    assert answer.status_code == 302
    assert parameters_of(round_) == {NAME: Decimal("0.355")}
    text = page(browser, round_)
    assert "本次评价已设定" in text and "35.50%" in text and "沪银监办通〔2017〕9号" in text and str(admin) in text
    assert "30%" in text  # the default stays in sight beside it
    assert send(browser, round_, withdraw="1", source="局务会2018年3月2日", seen="1").status_code == 302
    assert parameters_of(round_) == {}
    text = page(browser, round_)
    # The newest revision counts, and stands first: the page is seen at revision 2, the default is in force again.
    assert 'name="seen" value="2"' in text and "本次评价已设定" not in text
    assert text.index("局务会2018年3月2日") < text.index("沪银监办通〔2017〕9号")
    assert "已撤销" in text and "局务会2018年3月2日" in text and "沪银监办通〔2017〕9号" in text
    assert Event.objects.filter(event="assessments.round.parameter").count() == 2


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({f"f-{NAME}": "", "source": ""}, ["请填写参数值", "请填写来源"]),
        ({f"f-{NAME}": "很多", "source": "第12号通知"}, ["不能是“很多”"]),
        ({f"f-{NAME}": "35", "source": " "}, ["请填写来源"]),
        ({f"f-{NAME}": "35", "source": "长" * 201}, ["最多 200 个字"]),
        ({"withdraw": "1", "source": "第12号通知"}, ["无可撤销"]),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_and_stays(
    round_: Round, sent: dict[str, str], found: list[str]
) -> None:
    answer = send(client(administrator()), round_, seen="0", **sent)
    text = answer.content.decode()
    assert answer.status_code == 422 and not RoundParameter.objects.exists()
    for sentence in found:
        assert text.count(sentence) == 2, sentence  # in the summary, and at the field
    assert sent.get(f"f-{NAME}", "") in text and sent["source"].strip() in text


def test_somebody_faster_is_shown_and_nothing_typed_is_lost(round_: Round) -> None:
    browser = client(administrator())
    set_round_parameter(actor=None, round_id=round_.pk, parameter=NAME, value=Decimal("0.4"), source="第13号通知")
    answer = send(browser, round_, **{f"f-{NAME}": "35", "source": "第12号通知", "seen": "0"})
    text = answer.content.decode()
    assert answer.status_code == 409 and "已重新设定" in text
    assert "40%" in text and "第13号通知" in text and 'value="35"' in text and "第12号通知" in text
    assert 'name="seen" value="1"' in text  # sent once more, it takes the place of what is there now
    sent = {f"f-{NAME}": "35", "source": "第12号通知", "seen": "1"}
    assert send(browser, round_, **sent).status_code == 302
    assert parameters_of(round_) == {NAME: Decimal("0.35")}


@pytest.mark.parametrize("seen", ["", "zzz", "-1", "9" * 12])
def test_what_does_not_say_which_page_it_came_from_sets_nothing(round_: Round, seen: str) -> None:
    set_round_parameter(actor=None, round_id=round_.pk, parameter=NAME, value=Decimal("0.4"), source="第13号通知")
    answer = send(client(administrator()), round_, **{f"f-{NAME}": "35", "source": "第12号通知", "seen": seen})
    text = answer.content.decode()
    assert answer.status_code == 422 and "请重新打开页面" in text and 'value="35"' in text and "第12号通知" in text
    assert parameters_of(round_) == {NAME: Decimal("0.4")}


def test_a_closed_round_shows_and_takes_nothing(round_: Round) -> None:
    Round.objects.filter(pk=round_.pk).update(state=RoundState.CLOSED)
    browser = client(administrator())
    assert reverse("round-parameter-set", args=[round_.pk, NAME]) not in page(browser, round_)
    answer = send(browser, round_, **{f"f-{NAME}": "35", "source": "第12号通知", "seen": "0"})
    assert (
        answer.status_code == 409 and "已结束并归档" in answer.content.decode() and not RoundParameter.objects.exists()
    )


def test_others_read_and_do_not_set(round_: Round) -> None:
    url = reverse("round-parameter-set", args=[round_.pk, NAME])
    for role in (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER, Role.AUDITOR):
        browser = client(make_person(role))
        assert "30%" in page(browser, round_) and url not in page(browser, round_)
        assert send(browser, round_, source="x").status_code == 403
    bank_person = client(make_person(Role.BANK_PREPARER, bank=make_bank()))
    assert bank_person.get(reverse("round-parameters", args=[round_.pk])).status_code == 403
    assert not RoundParameter.objects.exists()


def test_a_rulebook_without_such_values_says_so_and_offers_no_tab(round_: Round) -> None:
    plain = planned(code="plain", year=2016)
    browser = client(administrator())
    assert "没有由监管部门设定的年度参数" in page(browser, plain)
    about = browser.get(reverse("round-about", args=[plain.pk])).content.decode()
    assert "没有由监管部门设定的年度参数" in about and reverse("round-parameters", args=[plain.pk]) not in about
    answer = browser.post(reverse("round-parameter-set", args=[plain.pk, "nothing"]), {"source": "x"})
    assert answer.status_code == 404
    about = browser.get(reverse("round-about", args=[round_.pk])).content.decode()
    assert reverse("round-parameters", args=[round_.pk]) in about and "30%" in about


def test_a_bank_sees_what_counts_where_a_rule_uses_it_and_on_the_rulebook(round_: Round) -> None:
    bank, other = make_bank(), make_bank()
    open_round(actor=None, round_id=round_.pk)
    other_round = planned(code="other", year=2019, rulebook=round_.rulebook)
    given = {"actor": None, "parameter": NAME, "source": "第12号通知"}
    set_round_parameter(round_id=round_.pk, value=Decimal("0.255"), **given)
    set_round_parameter(round_id=other_round.pk, value=Decimal("0.777"), **given)
    browser = client(make_person(Role.BANK_PREPARER, bank=bank))
    assessment = Assessment.objects.get(round=round_, bank=bank)
    book = engine_rulebook(round_.rulebook)
    users = users_of_parameters(book)[NAME]
    assert users
    section = book.indicators[users[0]].section
    while book.sections[section].parent:
        section = book.sections[section].parent
    text = browser.get(reverse("filing-section", args=[assessment.pk, section])).content.decode()
    assert "25.50%" in text and "由监管部门设定：第12号通知" in text
    assert "普惠型小微企业贷款占比较高的界线" in text  # also where the form says how points come about
    assert text.count("由监管部门设定：第12号通知") == len(
        [each for each in users if any(each == i.id for i in book.indicators_of(section))]
    )
    rules = browser.get(reverse("rulebook-detail", args=[round_.rulebook_id])).content.decode()
    part = rules[rules.index('id="parameters"') : rules.index('id="facts"')]
    assert "25.50%" in part and "第12号通知" in part
    assert "77.70%" not in part  # of a round that is only planned a bank learns nothing
    assert other.name_zh not in rules
    officer = client(make_person(Role.CASE_OFFICER)).get(reverse("rulebook-detail", args=[round_.rulebook_id]))
    assert "77.70%" in officer.content.decode()
    english = client(make_person(Role.CASE_OFFICER), "en").get(reverse("round-parameters", args=[round_.pk]))
    assert "set for this round" in english.content.decode()
