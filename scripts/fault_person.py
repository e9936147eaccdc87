"""A person at a browser without script: opens pages, fills in forms, and tries the page again where it failed."""

import http.client
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

from fault_servers import HOST

PATIENCE = 120  # seconds for which somebody tries again: what the product is given to recover
SECONDS = 20  # that a browser waits for one answer here
PAUSE = 0.25  # between two tries


class Failed(Exception):
    """The page did not come, or says that the service is not there: to be tried again."""


@dataclass
class Form:
    """A form with what a browser would send of it."""

    action: str
    post: bool
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)

    def type_in(self, name: str, value: str) -> None:
        """Type one value over whatever stands there."""
        self.fields = [pair for pair in self.fields if pair[0] != name] + [(name, value)]

    def names(self) -> set[str]:
        """The names of its fields."""
        return {name for name, _value in self.fields}


class Forms(HTMLParser):
    """Reads the forms of a page, and whether each has a button that sends it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(of.get("action", ""), of.get("method", "").lower() == "post")
            self.found.append(self._form)
        if self._form is None or "disabled" in of:
            return
        name, kind = of.get("name", ""), of.get("type", "text").lower()
        if tag == "button" and of.get("type", "submit") == "submit":
            self._form.buttons.append((name, of.get("value", "")))
        elif tag == "textarea":
            self._area = name
            self._form.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._form.options.setdefault(self._select, []).append(of.get("value", ""))
            if "selected" in of:
                self._form.fields.append((self._select, of.get("value", "")))
        elif tag == "input" and name and kind not in ("submit", "button", "file", "image"):
            if kind not in ("radio", "checkbox") or "checked" in of:
                self._form.fields.append((name, of.get("value", "on" if kind == "checkbox" else "")))

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            name, before = self._form.fields[-1]
            self._form.fields[-1] = (name, before + (data if before else data.removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


@dataclass
class Answer:
    """What came back."""

    status: int
    page: str
    path: str

    def forms(self) -> list[Form]:
        """The forms of the page that are sent."""
        return [form for form in Forms(self.page).found if form.post and form.buttons]


@dataclass
class Seen:
    """What a person has met in one run: how often a page failed, by what was said."""

    failures: dict[str, int] = field(default_factory=dict)

    def note(self, what: str) -> None:
        """One more."""
        self.failures[what] = self.failures.get(what, 0) + 1


class Person:
    """One browser of one person. ``ports`` are the web servers, of which each request takes the next; one on another
    host stands with its address.
    """

    def __init__(self, name: str, password: str, ports: Sequence[int | tuple[str, int]]) -> None:
        self.name, self.password, self.ports = name, password, ports
        self.cookies: dict[str, str] = {}
        self.seen = Seen()
        self.patience = SECONDS
        self._turn = 0

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        """One request; ``Failed`` where no answer comes, or one that says to come again."""
        self._turn += 1
        there = self.ports[self._turn % len(self.ports)]
        host, port = there if isinstance(there, tuple) else (HOST, there)
        link = http.client.HTTPConnection(host, port, timeout=self.patience)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": kind} if kind else {}
        try:
            link.request(method, path, body or None, headers)
            response = link.getresponse()
            page = response.read().decode("utf-8", errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self.seen.note("no answer")
            raise Failed(f"{method} {path}: {type(error).__name__}") from error
        finally:
            link.close()
        for line in response.headers.get_all("Set-Cookie", []):
            name, _equals, rest = line.partition("=")
            self.cookies[name.strip()] = rest.partition(";")[0]
        if response.status >= 500:
            self.seen.note(str(response.status))
            raise Failed(f"{method} {path}: {response.status}")
        if response.status in (301, 302, 303):
            return self._follow(urlsplit(response.headers["Location"]).path)
        return Answer(response.status, page, path)

    def _follow(self, path: str) -> Answer:
        if path.startswith("/login/"):
            self.sign_in()
            return Answer(302, "", path)
        return Answer(302, "", path)

    def get(self, path: str) -> Answer:
        """Open a page, signing in where that is asked for."""
        answer = self.ask("GET", path)
        for _redirect in range(4):
            if answer.status != 302:
                return answer
            answer = self.ask("GET", path if answer.path.startswith("/login/") else answer.path)
        return answer

    def sign_in(self) -> None:
        """Sign in with name and password."""
        form = next(form for form in self.ask("GET", "/login/").forms() if "username" in form.names())
        form.type_in("username", self.name)
        form.type_in("password", self.password)
        answer = self.ask("POST", "/login/", urlencode(form.fields).encode(), "application/x-www-form-urlencoded")
        if answer.status != 302 or answer.path.startswith("/login/"):
            raise Failed(f"signing in: {answer.status}")

    def send(self, form: Form, at: str, *, file: tuple[str, str, bytes] | None = None, button: str = "") -> Answer:
        """Send a form of the page ``at``; ``file``: field, name and content."""
        fields = form.fields + [pair for pair in form.buttons if button and pair[0] == button][:1]
        path = form.action or at
        if file is None:
            return self.ask("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="{file[1]}"\r\n'
        body = "".join(parts).encode() + f"{head}Content-Type: application/pdf\r\n\r\n".encode() + file[2]
        return self.ask("POST", path, body + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")

    def until(self, attempt: Callable[[], bool], what: str) -> int:
        """Try until it has come about, as somebody does who sees an error page; how many times that took."""
        started, tries, last = time.monotonic(), 0, ""
        while time.monotonic() - started < PATIENCE:
            tries += 1
            try:
                if attempt():
                    return tries
                last = "the page says that it cannot be done"
            except Failed as error:
                last = str(error)
            time.sleep(PAUSE)
        raise TimeoutError(f"{self.name} could not {what} within {PATIENCE} s: {last}")
