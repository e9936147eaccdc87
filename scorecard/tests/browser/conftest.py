"""The application as ``make demo`` serves it, and visitors who drive it in Debian's Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
RESULTS = ROOT / "test-results" / "browser"
PASSWORD = "demo-scorecard-2017"  # printed by `make demo`; no other installation has it
PATIENCE = 15_000
READY_SECONDS = 300  # how long a start may take is no matter of these tests


# One language for each run: Chinese on the embedded database, English on a server's. `SCORECARD_LANGUAGES=zh,en` names
# others; `.ci/run` does where the run on the embedded database had no browser.
LANGUAGES = tuple(
    os.environ.get("SCORECARD_LANGUAGES", "en" if os.environ.get("DATABASE_URL") else "zh").split(","),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another run drives in its language."""
    here = Path(__file__).parent
    other = [
        item
        for item in items
        if here in item.path.parents
        and getattr(item, "callspec", None) is not None
        and item.callspec.params.get("language", LANGUAGES[0]) not in LANGUAGES  # type: ignore[attr-defined]
    ]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


def find_chromium() -> str | None:
    """Debian's Chromium, or the one that ``CHROMIUM`` names."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; a run that promised it (``SCORECARD_REQUIRE``) fails without it."""
    path = find_chromium()
    if path is None:
        word = "There is no Chromium. Install it with: apt-get install chromium fonts-noto-cjk"
        if "chromium" in os.environ.get("SCORECARD_REQUIRE", ""):
            pytest.fail(word)
        pytest.skip(word)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


# --- The application -------------------------------------------------------------------------------------------------
@dataclass
class Place:
    """Where one application keeps its data: a folder, and a database of its own when the run is on PostgreSQL."""

    folder: Path
    env: dict[str, str]


def _database(name: str, template: str = "") -> str:
    """Make a database on the server that ``DATABASE_URL`` names, and return its address."""
    import psycopg
    from psycopg import sql

    given = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(given._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        like = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + like)
    return given._replace(path=f"/{name}").geturl()


def _drop(url: str) -> None:
    import psycopg
    from psycopg import sql

    given = urlsplit(url)
    with psycopg.connect(given._replace(path="/postgres").geturl(), autocommit=True) as server:
        name = sql.Identifier(given.path.lstrip("/"))
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _env(folder: Path, database: str | None) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    env["SCORECARD_DATA_DIR"] = str(folder)
    if database:
        env["DATABASE_URL"] = database
    return env


@pytest.fixture(scope="session")
def prepared(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """What ``make demo`` sets up, once, where there is a browser; each application starts from a copy.

    ``SCORECARD_PREPARED`` names a folder that has it already, for somebody who works on these tests.
    """
    if (ready := os.environ.get("SCORECARD_PREPARED")) and not os.environ.get("DATABASE_URL"):
        folder = tmp_path_factory.mktemp("demo") / "base"
        shutil.copytree(ready, folder)
        yield Place(folder, _env(folder, None))
        return
    folder = tmp_path_factory.mktemp("demo") / "base"
    on_server = bool(os.environ.get("DATABASE_URL"))
    database = _database(f"scorecard_demo_{os.getpid()}") if on_server else None
    place = Place(folder, _env(folder, database))
    command = [sys.executable, "scripts/demo.py", "--prepare"]
    done = subprocess.run(command, cwd=ROOT, env=place.env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield place
    if database:
        _drop(database)


def _emptied(broker: str, number: int) -> str:
    """The address of one of the databases of a Redis, with nothing in it; fails where the server has not so many."""
    import redis

    url = urlsplit(broker)._replace(path=f"/{number}").geturl()
    redis.Redis.from_url(url).flushdb()
    return url


def _applications(prepared: Place, first: int) -> Iterator[Any]:
    """A function that starts an application from a fresh copy and returns its address. Those that it started end
    with it, and must go cleanly. ``first`` is the first number of a Redis database that they may use.
    """
    running: list[tuple[subprocess.Popen[bytes], Path]] = []
    databases: list[str] = []

    def serve(name: str, **more: str) -> str:
        folder = prepared.folder.with_name(name)
        shutil.copytree(prepared.folder, folder)
        database = None
        if source := prepared.env.get("DATABASE_URL"):
            base = urlsplit(source).path.lstrip("/")
            database = _database(f"{base}_{name}", base)
            databases.append(database)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = folder / "log.txt"
        env = _env(folder, database) | {"PORT": str(port)} | more
        if (broker := env.get("CELERY_BROKER_URL", "")).startswith("redis"):
            # Two applications on one Redis would take each other's messages.
            env["CELERY_BROKER_URL"] = _emptied(broker, first + len(running))
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "scripts/demo.py"], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
            )
        running.append((process, log))
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C ends it" not in log.read_text(encoding="utf-8"):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        return f"http://127.0.0.1:{port}"

    yield serve
    for process, log in running:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text(encoding="utf-8")[-3000:]
    for database in databases:
        _drop(database)


@pytest.fixture(scope="module")
def served(prepared: Place) -> Iterator[Any]:
    """Applications of one file of tests, each from a fresh copy."""
    yield from _applications(prepared, 10)


@pytest.fixture(scope="session")
def together(prepared: Place) -> Iterator[Any]:
    """The address of the one application in which all tests of a language go on that are in nobody's way: a start
    costs more than most of them.
    """
    applications = _applications(prepared, 7)
    start = next(applications)
    started: dict[str, str] = {}

    def address(language: str = LANGUAGES[0]) -> str:
        if language not in started:
            started[language] = start(f"together-{language}")
        return started[language]

    yield address
    next(applications, None)


class Passkey:
    """Chromium's virtual authenticator in one window, with the passkeys that the same person has made in another."""

    def __init__(self, page: Page, before: "Passkey | None") -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self.ident = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
        for credential in before.credentials() if before is not None else []:
            self.session.send("WebAuthn.addCredential", {"authenticatorId": self.ident, "credential": credential})

    def credentials(self) -> list[Any]:
        """What it holds, with how often each has signed."""
        found: list[Any] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.ident})["credentials"]
        return found


# --- The visitors ----------------------------------------------------------------------------------------------------
@dataclass
class Visitor:
    """One person in a window of their own. Every complaint of the browser on the way is kept and must stay none."""

    context: BrowserContext
    page: Page
    url: str
    name: str
    pictures: Path
    complaints: list[str] = field(default_factory=list)
    taken: int = 0
    passkey: "Passkey | None" = None

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of" not in text:
            self.complaints.append(f"console: {text}")

    def _asked(self, request: Request) -> None:
        at = urlsplit(request.url)
        if at.scheme in ("chrome", "chrome-extension"):
            return  # the browser's own viewer of a PDF that is shown beside the text
        if at.scheme not in ("data", "blob", "about") and not request.url.startswith(self.url):
            self.complaints.append(f"asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} from {response.url}")

    def sign_in(self, username: str, language: str) -> None:
        """Sign in, after choosing the language on the sign-in page where it is not the one that stands there."""
        self.page.goto(f"{self.url}/login/")
        if language == "en":
            self.page.get_by_role("button", name="English").first.click()
        lang = "en" if language == "en" else "zh-Hans"
        expect(self.page.locator("html")).to_have_attribute("lang", lang)
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        if self.passkey is not None:
            self._second_factor()
        self.page.wait_for_url(f"{self.url}/")

    def _second_factor(self) -> None:
        """Give the passkey of this person; who has none yet is led to making one, and to nothing else."""
        asked = self.page.locator("form:has([name=code]) button[type=submit]")
        asked.or_(self.page.locator("a[href$='/add/passkey/']")).first.wait_for()
        if asked.count():
            asked.click()
            return
        self.page.goto(f"{self.url}/profile/")
        self.sound("second-factor")
        self.page.locator("a[href$='/add/passkey/']").click()
        self.page.locator("main form [name=password]").fill(PASSWORD)
        self.sound("add-passkey")
        self.page.locator("main form button[type=submit]").click()
        self.page.locator(".factor-codes li").nth(9).wait_for()
        self.sound("recovery-codes")
        self.page.goto(f"{self.url}/")

    def go_on(self) -> None:
        """Press the one button that says what to do next."""
        self.page.locator(".panel-next a.btn-primary").first.click()

    def picture(self, what: str) -> None:
        """Keep a picture of this moment."""
        self.taken += 1
        self.page.screenshot(path=self.pictures / f"{self.name}-{self.taken:02}-{what}.png", full_page=True)

    def sound(self, what: str) -> None:
        """No serious finding of axe on this page, and a picture of it."""
        self.picture(what)
        answer = Axe().run(self.page).response
        assert len(answer["passes"]) > 10, "axe did not look at the page"
        serious = [
            f"{finding['id']}: {finding['help']} at {[node['target'] for node in finding['nodes'][:3]]}"
            for finding in answer["violations"]
            if finding["impact"] in ("serious", "critical")
        ]
        assert not serious, f"{what} at {self.page.url}:\n" + "\n".join(serious)
        self._fits(what)

    def _fits(self, what: str) -> None:
        """The page is no wider than the window, at this width and on a telephone; tables scroll inside themselves."""
        before = self.page.viewport_size
        assert before is not None
        for size in (before, ViewportSize(width=390, height=before["height"])):
            self.page.set_viewport_size(size)
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{what} at {self.page.url} is {wide} px wide in {size['width']}"
        self.page.set_viewport_size(before)


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Opens windows; keeps a trace of each in ``test-results``; in the end no browser may have complained."""
    visitors: list[Visitor] = []
    folder = RESULTS / request.node.name.replace("[", "-").replace("]", "")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def open_window(url: str, name: str, **options: Any) -> Visitor:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"} | options)
        context.set_default_timeout(PATIENCE)
        context.tracing.start(snapshots=True)  # `picture` takes those that count; a film costs a quarter more
        visitor = Visitor(context, context.new_page(), url, name, folder)
        visitors.append(visitor)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.tracing.stop(path=folder / f"{visitor.name}-trace.zip")
        visitor.context.close()
    complaints = [f"{visitor.name}: {text}" for visitor in visitors for text in visitor.complaints]
    assert not complaints, "\n".join(complaints)
