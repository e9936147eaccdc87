"""The money schemes on the screen: what stands there is what the engine gives, and whose figures are whose."""

import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import workflow
from assessments.filings.fact_fields import fact_field_of
from assessments.models import RulebookVersion
from assessments.money.selectors import estimate, get_scheme, on_file, schemes
from assessments.rounds.forms import RoundForm
from assessments.rulebooks.cache import engine_rulebook, forget
from assessments.rulebooks.services import installed_rulebooks, publish_rulebook
from assessments.tests.filings.world import publish
from assessments.tests.reviews.world import build as build_supervision
from banks.models import Bank, Category, FactSource, User
from banks.services.facts import record_facts
from banks.tests.factories import make_bank, make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine import Nothing
from scorecard.engine.cases.worked import Vector, read_vectors
from scorecard.engine.values.rational import Fraction
from scorecard.engine.values.units import quantity

pytestmark = pytest.mark.django_db

NAMES = [code for code, _version in installed_rulebooks() if code.startswith("money-")]
HTMX = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def _fresh() -> None:
    forget()


def published(code: str) -> RulebookVersion:
    return publish_rulebook(actor=None, code=code, version="2")


def client(user: User, language: str = "zh-hans") -> Client:
    found = Client()
    found.force_login(user)
    found.cookies["django_language"] = language
    return found


def of_bank(bank: Bank, role: str = Role.BANK_PREPARER) -> User:
    return make_person(role, bank=bank)


def filed(bank: Bank, period: str, **values: str) -> None:
    given = {fact: ("value", value) for fact, value in values.items()}
    record_facts(actor=None, bank=bank, period=period, values=given, source=FactSource.DEMO)


def typed(row: RulebookVersion, vector: Vector) -> dict[str, str]:
    """A worked case as it is typed into the form."""
    facts = {
        f"f-{fact}": fact_field_of(spec, vector.case.facts.get(fact, Nothing.UNANSWERED)).value
        for fact, spec in engine_rulebook(row).facts.items()
    }
    return facts | {f"p-{name}": str(value) for name, value in vector.case.bank.items()}


def values_on(page: str) -> list[str]:
    """The amounts in the panel, in its order."""
    found = re.findall(r'class="money-value tnum nowrap">(.*?)</span></div>', page)
    return [unescape(re.sub("<[^>]+>", "", text)) for text in found]


# --- The figures are the engine's ------------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", NAMES)
def test_the_page_shows_the_amounts_of_every_worked_case_to_the_last_digit(code: str, language: str) -> None:
    row = published(code)
    book, lang = engine_rulebook(row), "zh" if language.startswith("zh") else "en"
    browser, url = client(make_person(Role.CASE_OFFICER), language), reverse("money-scheme", args=[row.pk])
    vectors = read_vectors(book, Path(settings.RULEBOOK_DIR) / code / "2")
    asked = {name for name, spec in book.properties.items() if spec.options}
    shown = 0
    for vector in vectors:
        if asked - vector.case.bank.keys():
            continue  # a worked case that leaves the bank's kind open has no choice to send
        page = browser.post(url, typed(row, vector), headers=HTMX).content.decode()
        wanted = vector.expect.get("estimates", {})
        for (name, spec), text in zip(book.estimates.items(), values_on(page), strict=True):
            expected = wanted.get(name)
            amount = expected["value"] if isinstance(expected, dict) else expected
            if amount is not None:
                assert text == quantity(Fraction(Decimal(str(amount))), spec.unit, lang), (vector.id, name)
                shown += 1
        if "grade" in vector.expect and "—" not in values_on(page):
            assert book.grade(str(vector.expect["grade"])).name.get(lang) in page
    assert shown


def test_an_estimate_stands_with_its_clause_its_year_and_how_it_comes_about() -> None:
    row = published("money-compensation-2016")
    sent = {"f-comp_bal": "10,000", "f-comp_npl": "500", "f-comp_net_loss": "100"}
    browser, url = client(make_person(Role.AUDITOR)), reverse("money-scheme", args=[row.pk])
    page = browser.post(url, sent, headers=HTMX).content.decode()
    assert values_on(page) == ["6 万元", "20 万元", "26 万元", "9.1 万元", "16.9 万元"]
    method = "《上海市2016-2018年科技型中小企业和小型微型企业信贷风险补偿办法》市区分担（35：65）"
    assert (
        f"依据{method}，适用于" in page
    )  # the sentence names the instrument, the line below it also where it was read
    assert f"依据：{method}（原文仅见部分）；出处：《2017年上海市普惠金融发展报告》第六章第三节（二）" in page
    assert "适用于2016—2018年" in page and 'class="tree"' in page
    assert (
        "可测算补偿" in page and "basis-reconstructed" in page and "basis-sourced" in page and "basis-proposed" in page
    )
    assert "不是任何主管部门的决定" in page
    assert "<html" not in page


@pytest.mark.parametrize(
    ("claims", "standing"), [("50", "正常合作"), ("50.01", "暂停合作"), ("80", "暂停合作"), ("80.01", "终止合作")]
)
def test_the_standing_turns_at_the_edges_of_its_bands(claims: str, standing: str) -> None:
    row = published("money-guarantee-2017")
    sent = {"f-fund_loans": "1000", "f-fund_claims": claims}
    told = estimate(get_scheme(make_person(Role.AUDITOR), row.pk), {k[2:]: v for k, v in sent.items()}, {})
    assert told.standing == standing
    page = client(make_person(Role.AUDITOR)).post(reverse("money-scheme", args=[row.pk]), sent, headers=HTMX)
    assert f"<span>{standing}</span>" in page.content.decode()


@pytest.mark.parametrize("code", NAMES)
def test_blank_fields_say_no_standing_and_no_amount_of_it(code: str) -> None:
    """A blank is no zero: nobody is told "ended" or "no subsidy" because nothing has been typed."""
    row = published(code)
    scheme = get_scheme(make_person(Role.AUDITOR), row.pk)
    told = estimate(scheme, {}, {})
    assert told.standing == "" and told.missing
    assert all(amount.value == "" and amount.text for amount in told.amounts)
    page = client(make_person(Role.AUDITOR)).get(reverse("money-scheme", args=[row.pk])).content.decode()
    names = [grade.name.zh for grade in scheme.rulebook.grades]
    assert not any(f"<span>{name}</span>" in page for name in names)


def test_part_of_the_figures_gives_what_they_give_and_no_zero_of_what_depends_on_the_standing() -> None:
    row = published("money-reward-2016")
    scheme = get_scheme(make_person(Role.AUDITOR), row.pk)
    told = estimate(scheme, {"reward_bal_500": "120", "reward_bal_500_prev": "100"}, {})
    assert told.standing == "" and [amount.value for amount in told.amounts] == [""]
    told = estimate(scheme, {"reward_bal_500": "120", "reward_bal_500_prev": "100", "evaluation_grade": "other"}, {})
    assert told.standing != "" and [amount.value for amount in told.amounts] == ["0 万元"]


# --- What is typed ---------------------------------------------------------------------------------------------------
def test_wrong_fields_are_named_at_the_field_and_nothing_typed_is_lost() -> None:
    row = published("money-guarantee-2017")
    browser, url = client(make_person(Role.CASE_OFFICER)), reverse("money-scheme", args=[row.pk])
    sent = {"f-fund_loans": "1000", "f-fund_claims": "一些", "f-fund_new_loan": "-5"}
    answer = browser.post(url, sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="1000"' in page and 'value="一些"' in page and 'value="-5"' in page
    assert 'href="#id_f-fund_claims"' in page and "不能是“一些”" in page
    assert page.count('aria-invalid="true"') == 2
    assert browser.post(url, sent, headers=HTMX).status_code == 422


def test_a_check_of_the_scheme_says_what_is_wrong_and_where() -> None:
    row = published("money-guarantee-2017")
    sent = {"f-fund_loans": "1000", "f-fund_claims": "20", "f-fund_new_loan": "100", "f-fund_borne": "80.01"}
    page = client(make_person(Role.CASE_OFFICER)).post(reverse("money-scheme", args=[row.pk]), sent, headers=HTMX)
    assert "请调低分担额" in page.content.decode() and 'href="#id_f-fund_' in page.content.decode()


def test_a_choice_that_is_none_is_refused_and_a_cleared_one_is_unanswered() -> None:
    row = published("money-rural-2010")
    scheme = get_scheme(make_person(Role.AUDITOR), row.pk)
    assert set(estimate(scheme, {}, {"category": "nonsense"}).errors) == {"p-category"}
    full = {
        "f-rural_mean_bal": "20000",
        "f-rural_mean_bal_prev": "19000",
        "f-rural_ratios_met": ["", "true"],
        "f-rural_loans": "501",
        "f-rural_deposits": "1000",
        "p-category": ["", "village"],
    }
    browser, url = client(make_person(Role.CASE_OFFICER)), reverse("money-scheme", args=[row.pk])
    assert values_on(browser.post(url, full, headers=HTMX).content.decode()) == ["400 万元"]
    cleared = browser.post(url, full | {"f-rural_ratios_met": ""}, headers=HTMX).content.decode()
    assert values_on(cleared) == ["—"] and "尚待填写" in cleared


def test_nothing_typed_is_kept() -> None:
    row, bank = published("money-guarantee-2017"), make_bank()
    filed(bank, "2017", fund_loans="1000")
    browser, before = client(of_bank(bank)), (Event.objects.count(), bank.facts.count())
    sent = {"f-fund_loans": "5000", "f-fund_claims": "1"}
    assert browser.post(reverse("money-scheme", args=[row.pk]), sent, headers=HTMX).status_code == 200
    assert (Event.objects.count(), bank.facts.count()) == before
    assert 'value="1,000"' in browser.get(reverse("money-scheme", args=[row.pk])).content.decode()


# --- Whose figures ---------------------------------------------------------------------------------------------------
def test_a_bank_starts_from_its_own_figures_of_the_newest_year() -> None:
    row, bank, other = published("money-reserve-2018"), make_bank(), make_bank()
    filed(bank, "2016", rrr_bal_500="140", rrr_all_bal="9000", rrr_deposits="1")
    filed(bank, "2017", rrr_bal_500="150", rrr_all_bal="10000", rrr_all_bal_prev="9500")
    filed(other, "2018", rrr_bal_500="777", rrr_all_bal="888")
    person = of_bank(bank)
    found = on_file(person, get_scheme(person, row.pk), bank)
    # Last year's figure comes from last year where this year repeats it, and from this year where that is recorded;
    # what was recorded last year alone (deposits) is no figure of this year.
    assert found.facts == {
        "rrr_bal_500": Decimal(150),
        "rrr_bal_500_prev": Decimal(140),
        "rrr_all_bal": Decimal(10000),
        "rrr_all_bal_prev": Decimal(9500),
    }
    assert found.years["rrr_bal_500_prev"] == "2016" and found.years["rrr_all_bal_prev"] == "2017"
    page = client(person).get(reverse("money-scheme", args=[row.pk])).content.decode()
    assert 'value="150"' in page and "在册数据（2016年）：140 万元" in page and "777" not in page
    assert not Event.objects.filter(event="banks.facts.viewed").exists()


def test_the_choice_that_fits_the_bank_is_made_beforehand() -> None:
    row = published("money-rural-2010")
    village, city = make_bank(category="village"), make_bank(category=Category.CITY)
    officer = make_person(Role.CASE_OFFICER)
    scheme = get_scheme(officer, row.pk)
    assert on_file(officer, scheme, village).properties == {"category": "village"}
    assert on_file(officer, scheme, city).properties == {"category": "other"}


def test_another_bank_finds_nothing_and_the_administrator_no_figures() -> None:
    row, own, other = published("money-guarantee-2017"), make_bank(), make_bank()
    filed(own, "2017", fund_loans="1234")
    url = reverse("money-bank", args=[row.pk, own.pk])
    for role in (Role.BANK_PREPARER, Role.BANK_REVIEWER, Role.BANK_SIGNATORY):
        stranger = client(of_bank(other, role))
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"f-fund_loans": "1"}).status_code == 404
        assert stranger.get(reverse("money-scheme", args=[row.pk]), {"bank": own.pk}, follow=True).status_code == 404
    assert 'value="1,234"' in client(of_bank(own)).get(url).content.decode()
    administrator = client(make_person(Role.ADMINISTRATOR))
    assert administrator.get(url).status_code == 403
    page = administrator.get(reverse("money-scheme", args=[row.pk])).content.decode()
    assert "1234" not in page and own.name_zh not in page


def test_a_supervisor_who_opens_a_banks_figures_leaves_one_trace() -> None:
    row, bank = published("money-guarantee-2017"), make_bank()
    filed(bank, "2017", fund_loans="1234")
    officer = make_person(Role.CASE_OFFICER)
    browser = client(officer)
    blank = browser.get(reverse("money-scheme", args=[row.pk])).content.decode()
    assert bank.name_zh not in blank and "1234" not in blank  # a search field, however many banks there are
    assert not Event.objects.filter(actor=officer).exists()
    answer = browser.get(reverse("money-scheme", args=[row.pk]), {"bank": bank.code})
    url = reverse("money-bank", args=[row.pk, bank.pk])
    assert answer["Location"] == url
    assert 'value="1,234"' in browser.get(url).content.decode()
    event = Event.objects.get(event="banks.facts.viewed")
    assert (event.actor, event.bank_id) == (officer, bank.pk)
    assert "money-guarantee-2017/2" in str(event.data)
    browser.post(url, {"f-fund_loans": "1"}, headers=HTMX)  # what is typed is no reading of the bank's figures
    assert Event.objects.filter(event="banks.facts.viewed").count() == 1
    assert browser.get(reverse("money-scheme", args=[row.pk]), {"bank": ""})["Location"].endswith(f"/money/{row.pk}/")
    unknown = browser.get(reverse("money-scheme", args=[row.pk]), {"bank": "no such"})
    assert unknown.status_code == 422 and "“no such”" in unknown.content.decode()


# --- The list and the ways there -------------------------------------------------------------------------------------
def test_the_list_tells_year_authority_and_basis_and_leads_on() -> None:
    rows = [published(code) for code in ("money-reserve-2018", "money-reserve-2019")]
    publish()
    page = client(of_bank(make_bank())).get(reverse("money-list")).content.decode()
    for row in rows:
        assert row.title_zh in page and reverse("money-scheme", args=[row.pk]) in page
    assert "小型评价办法" not in page
    assert "银发〔2017〕222号" in page and "中国人民银行" in page and "推定" in page and "原文载明" in page
    assert reverse("rulebook-diff", args=[rows[0].pk, rows[1].pk]) in page
    english = client(make_person(Role.AUDITOR), "en").get(reverse("money-list")).content.decode()
    assert "People&#x27;s Bank of China" in english or "People's Bank of China" in english
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"(?s)<script.*?</script>|〔|〕|号", "", _content(english)))


def _content(page: str) -> str:
    """The page's own content, without frame and without numbers of documents, which stay as they are."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"[\u4e00-\u9fff]+〔\d{4}〕", "", main)


def test_an_empty_list_says_who_publishes_and_the_administrator_gets_the_way() -> None:
    assert "由管理员" in client(make_person(Role.AUDITOR)).get(reverse("money-list")).content.decode()
    page = client(make_person(Role.ADMINISTRATOR)).get(reverse("money-list")).content.decode()
    assert f"{reverse('rulebook-publish')}?rulebook=money-rural-2010/2" in page


def test_a_rulebook_without_estimates_is_no_scheme_and_a_scheme_is_offered_to_no_round() -> None:
    plain, scheme = publish(), published("money-rural-2010")
    assert client(make_person(Role.AUDITOR)).get(reverse("money-scheme", args=[plain.pk])).status_code == 404
    choices: Any = RoundForm(user=make_person(Role.ADMINISTRATOR)).fields["rulebook"]
    assert list(choices.queryset) == [plain] and scheme not in choices.queryset


def test_the_list_and_the_page_cost_the_same_however_many_schemes_there_are() -> None:
    row, officer = published("money-guarantee-2017"), make_person(Role.CASE_OFFICER)
    browser, urls = client(officer), [reverse("money-list"), reverse("money-scheme", args=[row.pk])]

    def queries() -> list[int]:
        counts = []
        for url in urls:
            forget()  # a process that has read no rulebook yet
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(url).status_code == 200
            counts.append(len(seen))
        return counts

    before = queries()
    for code in NAMES:
        published(code)
    make_bank()
    assert queries() == before
    assert before[0] <= 6 and before[1] <= 8, before
    assert len(schemes(officer)) == len(NAMES)


def test_the_ways_to_the_schemes() -> None:
    row, bank = published("money-rural-2010"), make_bank()
    listed, with_bank = reverse("money-list"), f"{reverse('money-list')}?bank={bank.pk}"
    for person in (of_bank(bank), make_person(Role.CASE_OFFICER)):
        assert f'href="{listed}"' in _content_of(client(person), reverse("home"))
    page = _content_of(client(make_person(Role.CASE_OFFICER)), reverse("bank-detail", args=[bank.pk]))
    assert with_bank in page
    assert with_bank not in _content_of(client(make_person(Role.ADMINISTRATOR)), reverse("bank-detail", args=[bank.pk]))
    page = _content_of(client(make_person(Role.AUDITOR)), reverse("rulebook-detail", args=[row.pk]))
    assert reverse("money-scheme", args=[row.pk]) in page and "补贴上限" in page
    # From a bank's page the list leads on to that bank, and to nobody else's for another bank.
    page = _content_of(client(make_person(Role.CASE_OFFICER)), with_bank)
    assert reverse("money-bank", args=[row.pk, bank.pk]) in page and bank.name_zh in page
    assert client(of_bank(make_bank())).get(with_bank).status_code == 404


def _content_of(browser: Client, url: str) -> str:
    page = browser.get(url).content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_the_measures_of_a_decision_lead_to_the_schemes_of_that_bank() -> None:
    world = build_supervision()
    case = world.for_decision("AAA")
    page = _content_of(client(world.decider), reverse("decision-detail", args=[case.pk]))
    assert f"{reverse('money-list')}?bank={case.bank_id}" in page


def test_the_decided_grade_of_the_round_is_filled_in_and_a_bank_knows_it_from_its_notice() -> None:
    version = published("money-reward-2016")
    world = build_supervision()
    case = world.decided("B001", grade="pass")
    url = reverse("money-bank", args=[version.pk, case.bank_id])
    chosen = re.compile(r'<option value="other"[^>]*selected|value="other"[^>]*checked')
    assert chosen.search(client(world.officer).get(url).content.decode())
    scheme, preparer = get_scheme(world.officer, version.pk), world.people[case.bank_id]["preparer"]
    assert on_file(preparer, scheme, case.bank).facts == {}
    workflow.perform("issue_notice", actor=world.decider, assessment_id=case.pk)
    filled = on_file(preparer, scheme, case.bank)
    assert (filled.facts, filled.years) == ({"evaluation_grade": "other"}, {"evaluation_grade": "2017"})


def test_a_scheme_is_said_to_be_no_assessment_and_nobody_reviews_it() -> None:
    version = published("money-reserve-2018")
    officer = client(make_person(Role.CASE_OFFICER))
    page = officer.get(reverse("money-scheme", args=[version.pk])).content.decode()
    assert "也不是对银行的评价" in page
    assert "核评人员可以另行评分" not in officer.get(reverse("rulebook-detail", args=[version.pk])).content.decode()
