"""The pages of the frame: signing in and out, own settings, error pages, jobs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.jobs import registry
from scorecard.jobs.models import Job, JobState
from scorecard.ui import job_pages

from .conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gallery")]


def events() -> list[str]:
    return list(Event.objects.order_by("seq").values_list("event", flat=True))


# --- Signing in and out -------------------------------------------------------------------------------------------


def test_sign_in_names_the_product_in_both_languages(client: Client) -> None:
    text = client.get("/login/").content.decode()
    assert "普惠金融监管评价系统" in text
    assert "Inclusive Finance Scorecard" in text


def test_sign_in_leads_on_and_is_recorded(client: Client, officer: User) -> None:
    answer = client.post("/login/?next=/profile/", {"username": "OFFICER", "password": PASSWORD, "next": "/profile/"})
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert events() == ["signin.ok"]


def test_sign_in_never_leads_to_another_site(client: Client, officer: User) -> None:
    data = {"username": "officer", "password": PASSWORD, "next": "https://example.com/"}
    assert client.post("/login/", data)["Location"] == "/"


def test_wrong_password_says_so_without_saying_which(client: Client, officer: User) -> None:
    known = client.post("/login/", {"username": "officer", "password": "wrong"}).content.decode()
    unknown = client.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()
    for text in (known, unknown):
        assert "用户名或密码不正确，请核对后重试。" in text
    assert events() == ["signin.failed", "signin.failed"]


def test_too_many_failures_say_when_to_try_again(client: Client, officer: User, settings: Any) -> None:
    for _ in range(settings.LOGIN_MAX_FAILURES - 1):
        assert client.post("/login/", {"username": "officer", "password": "wrong"}).status_code == 200
    answer = client.post("/login/", {"username": "officer", "password": "wrong"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= settings.LOGIN_LOCK_MINUTES * 60 + 1
    assert "失败次数过多。请于 20" in answer.content.decode()
    assert events()[-1] == "signin.locked"
    # The right password does not open it before its time.
    assert client.post("/login/", {"username": "officer", "password": PASSWORD}).status_code == 429


def test_sign_in_page_sends_on_who_is_signed_in(reader: Client) -> None:
    assert reader.get("/login/").status_code == 302


def test_demo_logins_only_in_the_demonstration(client: Client, settings: Any) -> None:
    settings.DEMO_LOGINS = [{"role": "主监管员", "username": "demo-officer", "password": "demo"}]
    settings.DEMO = False
    assert "demo-officer" not in client.get("/login/").content.decode()
    settings.DEMO = True
    assert "demo-officer" in client.get("/login/").content.decode()


def test_sign_out_is_a_post_and_recorded(reader: Client) -> None:
    assert reader.get("/logout/").status_code == 405
    assert reader.post("/logout/").status_code == 302
    assert events() == ["signout"]
    assert reader.get("/profile/").status_code == 302


# --- One's own settings -------------------------------------------------------------------------------------------


def test_profile_shows_the_frame_in_chinese(reader: Client) -> None:
    text = reader.get("/profile/").content.decode()
    assert 'lang="zh-Hans"' in text
    assert "王主监" in text
    assert "主监管员" in text
    assert "跳到正文" in text


def test_chinese_whatever_the_browser_prefers(client: Client) -> None:
    assert "登录" in client.get("/login/", headers={"Accept-Language": "en"}).content.decode()


def test_language_is_kept_in_cookie_and_with_the_person(reader: Client, officer: User) -> None:
    answer = reader.post("/settings/language/", {"language": "en", "next": "/profile/"})
    assert answer["Location"] == "/profile/"
    officer.refresh_from_db()
    assert officer.language == "en"
    assert "My account" in reader.get("/profile/").content.decode()
    assert events() == ["language.changed"]


def test_language_of_the_person_comes_back_at_sign_in(client: Client, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(language="en")
    client.post("/login/", {"username": "officer", "password": PASSWORD})
    assert "My account" in client.get("/profile/").content.decode()


def test_unknown_language_changes_nothing(reader: Client, officer: User) -> None:
    answer = reader.post("/settings/language/", {"language": "xx", "next": "//example.com/"})
    assert answer["Location"] == "/"
    officer.refresh_from_db()
    assert officer.language == ""


def test_theme_is_in_the_page_before_any_script(reader: Client) -> None:
    reader.post("/settings/theme/", {"theme": "dark", "next": "/profile/"})
    text = reader.get("/profile/").content.decode()
    assert 'data-bs-theme="dark"' in text
    reader.post("/settings/theme/", {"theme": "purple"})
    assert 'data-bs-theme="dark"' in reader.get("/profile/").content.decode()


def test_password_change(reader: Client, officer: User) -> None:
    other = Client()
    other.force_login(officer)
    new = "a better password 43"
    answer = reader.post("/profile/password/", {"current": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert officer.check_password(new)
    assert events() == ["password.changed"]
    assert reader.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"current": "wrong", "new": "a better password 43", "again": "a better password 43"}, "当前密码不正确"),
        ({"current": PASSWORD, "new": "short", "again": "short"}, "密码过短，至少须有 15 个字符。"),
        (
            {"current": PASSWORD, "new": "a better password 43", "again": "a better password 44"},
            "两次输入的新密码不一致",
        ),
        ({"current": PASSWORD, "new": "", "again": ""}, "请输入新密码"),
    ],
)
def test_password_change_refused(reader: Client, officer: User, data: dict[str, str], message: str) -> None:
    text = reader.post("/profile/password/", data).content.decode()
    assert message in text
    assert "error-summary" in text
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)
    assert events() == (["signature.failed"] if data["current"] != PASSWORD else [])


# --- Error pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "chinese", "english"),
    [
        ("/failing/400/", 400, "无法识别该请求", "The request could not be understood"),
        ("/failing/403/", 403, "您无权打开该页面", "This page is closed to you"),
        ("/failing/418/", 403, "表单已失效", "The form has expired"),
        ("/failing/404/", 404, "页面不存在", "There is nothing here"),
        ("/no/such/page/", 404, "页面不存在", "There is nothing here"),
        ("/failing/409/", 409, "现在不能执行该步骤", "This step cannot be taken now"),
        ("/refused/", 409, "第 3 项已被他人修改", "This has been changed since"),
        ("/logout/", 405, "此地址不能直接打开", "This address cannot be opened directly"),
        ("/failing/413/", 413, "一次最多可提交 20 MB", "at most 20 MB"),
        ("/failing/429/", 429, "尝试次数过多", "Too many attempts"),
        ("/failing/500/", 500, "系统出现故障", "Something went wrong on our side"),
    ],
)
def test_error_pages_in_both_languages_with_their_number(
    reader: Client, path: str, status: int, chinese: str, english: str
) -> None:
    answer = reader.get(path)
    assert answer.status_code == status
    text = answer.content.decode()
    assert chinese in text
    assert answer["X-Request-ID"] in text
    reader.cookies["django_language"] = "en"
    assert english in reader.get(path).content.decode()


def test_error_page_for_htmx_is_a_notice_in_place(reader: Client) -> None:
    answer = reader.get("/failing/409/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()
    assert "自评已由李复核退回。" in answer.content.decode()


def test_a_body_too_large_answers_413(reader: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
    answer = reader.post(
        "/settings/theme/", {"theme": "x" * (1024 * 1024 + 10)}, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413


def test_csrf_failure_has_its_own_page(officer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    answer = client.post("/settings/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "表单已失效" in answer.content.decode()


def test_a_crash_answers_500_without_its_cause(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.raise_request_exception = False
    monkeypatch.setattr("scorecard.ui.views.describe", lambda job: 1 / 0)
    monkeypatch.setattr("scorecard.ui.views.get_job", lambda actor, pk: None)
    answer = reader.get("/jobs/1/")
    assert answer.status_code == 500
    assert "division" not in answer.content.decode()
    assert "系统出现故障" in answer.content.decode()


# --- Jobs ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of work that only the test knows."""
    made = registry.Kind("test.kind", lambda job, progress: {}, "default", "全部计分")
    monkeypatch.setitem(registry._kinds, "test.kind", made)
    monkeypatch.setitem(job_pages._pages, "test.kind", job_pages.JobPage("bank-detail", "bank"))
    return "test.kind"


def make_job(kind: str, **values: Any) -> Job:
    return Job.objects.create(kind=kind, key=str(Job.objects.count()), **values)


def test_job_page_shows_state_and_asks_again(reader: Client, officer: User, kind: str) -> None:
    job = make_job(kind, created_by=officer, total=62, done=31, state=JobState.RUNNING)
    text = reader.get(f"/jobs/{job.pk}/").content.decode()
    assert "进行中" in text
    assert "31 / 62" in text
    assert 'hx-trigger="every 1s"' in text
    assert 'value="50"' in text


def test_job_progress_stops_and_sends_on_when_done(reader: Client, officer: User, kind: str) -> None:
    job = make_job(kind, created_by=officer, state=JobState.DONE, result={"bank": 7})
    answer = reader.get(f"/jobs/{job.pk}/progress/?then=go")
    assert answer["HX-Redirect"] == "/banks/7/"
    assert "hx-trigger" not in answer.content.decode()
    assert reader.get(f"/jobs/{job.pk}/progress/?then=reload")["HX-Refresh"] == "true"
    stay = reader.get(f"/jobs/{job.pk}/progress/?then=stay")
    assert "HX-Redirect" not in stay
    assert 'href="/banks/7/"' in stay.content.decode()


def test_job_never_leads_to_another_site(reader: Client, officer: User, kind: str) -> None:
    for url in ("https://example.com/", "//example.com/", "javascript:alert(1)"):
        job = make_job(kind, created_by=officer, state=JobState.DONE, result={"url": url})
        answer = reader.get(f"/jobs/{job.pk}/progress/?then=go")
        assert "HX-Redirect" not in answer
        assert url not in answer.content.decode()


def test_failed_job_tells_what_failed_and_hides_the_trace(reader: Client, officer: User, kind: str) -> None:
    result = {"failures": [{"text": "第 7 行：代码重复"}]}
    job = make_job(kind, created_by=officer, state=JobState.FAILED, error="KeyError: 'x'", result=result)
    text = reader.get(f"/jobs/{job.pk}/").content.decode()
    assert "KeyError" not in text
    assert "第 7 行：代码重复" in text
    assert f"请将编号 {job.pk} 告知管理员" in text


def test_whose_jobs_one_may_see(
    client: Client, make_user: Callable[..., User], make_bank: Callable[..., Bank], kind: str
) -> None:
    own, other = make_bank("A"), make_bank("B")
    preparer = make_user("p", Role.BANK_PREPARER, bank=own)
    colleague = make_user("c", Role.BANK_REVIEWER, bank=own)
    stranger = make_user("s", Role.BANK_PREPARER, bank=other)
    auditor = make_user("a", Role.AUDITOR)
    job = make_job(kind, created_by=preparer, bank_id=own.pk)
    supervisors_job = make_job(kind, created_by=auditor)
    expected = {
        (preparer, job): 200, (colleague, job): 200, (stranger, job): 404, (auditor, job): 200,
        (preparer, supervisors_job): 404, (stranger, supervisors_job): 404, (auditor, supervisors_job): 200,
    }  # fmt: skip
    for (person, what), status in expected.items():
        client.force_login(person)
        for path in (f"/jobs/{what.pk}/", f"/jobs/{what.pk}/progress/"):
            assert client.get(path).status_code == status, (person, what, path)
    assert Event.objects.filter(event="access.hidden").count() == 6


def test_signed_out_reader_is_sent_to_sign_in(client: Client, kind: str) -> None:
    job = make_job(kind)
    assert client.get(f"/jobs/{job.pk}/")["Location"].startswith("/login/?next=")
    answer = client.get(f"/jobs/{job.pk}/progress/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == "/login/?next=/"


@pytest.mark.parametrize("header", ["HX-Current-URL", "Referer"])
def test_who_signs_in_again_comes_back_to_the_page_on_screen(client: Client, header: str) -> None:
    """An address that a form alone knows is no page; neither is one of another site."""
    ajax = {"HX-Request": "true"} if header == "HX-Current-URL" else {}
    for page, back in (
        ("http://testserver/review/7/?indicator=C1", "/login/?next=/review/7/%3Findicator%3DC1"),
        ("https://elsewhere.example/review/7/", "/login/?next=/" if ajax else "/login/?next=/review/7/points/C1/"),
    ):
        answer = client.post("/review/7/points/C1/", headers={header: page, **ajax})
        assert answer["HX-Redirect" if ajax else "Location"] == back


# --- Every component on one page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_gallery_renders_every_component(reader: Client, language: str) -> None:
    reader.cookies["django_language"] = language
    text = reader.get("/gallery/?errors=1").content.decode()
    assert text.count('<figure class="chart">') == 10
    assert text.count("<h1>") == 1
    for mark in (
        "error-summary",
        "field-unit",
        'class="tree"',
        "timeline",
        "progress-job",
        "basis-proposed",
        "empty-title",
    ):
        assert mark in text, mark


def test_confirm_page_asks_reason_and_password(reader: Client) -> None:
    text = reader.post("/confirm/", {"reason": "", "password": "wrong"}).content.decode()
    assert "请填写理由" in text
    assert "密码不正确，未执行任何操作" in text
    assert "提交后不得修改" in text
    text = reader.post("/confirm/", {"reason": "已核对", "password": PASSWORD}).content.decode()
    assert "error-summary" not in text
