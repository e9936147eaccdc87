"""Single sign-on against a provider that really answers (``oidc-provider-mock``, a Flask server of its own)."""

import json
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from banks.models import User
from banks.tests.factories import make_person
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.identity import oidc

from .test_factors import add_app

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows three people."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock as mock
    people = [mock.User(sub=name, claims={"preferred_username": name}) for name in ("officer9", "gone9", "stranger9")]
    with mock.run_server_in_thread(require_nonce=True, user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def officer(provider: str, settings: Any) -> User:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = provider, "scorecard", "s" * 20
    return make_person(Role.CASE_OFFICER, username="officer9")


def go(client: Client, sub: str, **query: str) -> str:
    """Leave for the provider, sign in there as ``sub``; the address with which the browser is sent back."""
    left = client.get(reverse("login-provider"), query)
    assert left.status_code == 302 and left["Location"].startswith(project.OIDC_ISSUER)
    asked = parse_qs(urlsplit(left["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["response_type"] == ["code"]
    answer = requests.post(left["Location"], data={"sub": sub}, allow_redirects=False, timeout=10)
    back = urlsplit(answer.headers["Location"])
    assert back.path == reverse("login-provider-return")
    return f"{back.path}?{back.query}"


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_is_off_without_an_issuer() -> None:
    for name in ("login-provider", "login-provider-return"):
        assert Client().get(reverse(name)).status_code == 404
    assert Client().get(reverse("login")).context["provider"] == ""


def test_whom_the_provider_vouches_for_is_signed_in(officer: User) -> None:
    client = Client()
    assert b"localhost" in client.get(reverse("login")).content
    answer = client.get(go(client, "officer9", next="/profile/"))
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert signed_in(client)
    assert json.loads(Event.objects.get(event="signin.ok").data) == {"factors": ["provider"]}


def test_the_second_factor_is_asked_all_the_same(officer: User) -> None:
    app = add_app(officer)
    client = Client()
    assert client.get(go(client, "officer9"))["Location"] == reverse("login")
    assert not signed_in(client)
    client.post(reverse("login"), {"code": app.now()})
    assert signed_in(client)
    assert json.loads(Event.objects.get(event="signin.ok").data) == {"factors": ["provider", "totp"]}


def test_nobody_is_entered_by_it(officer: User) -> None:
    User.objects.filter(pk=make_person(Role.CASE_OFFICER, username="gone9").pk).update(is_active=False)
    for sub in ("stranger9", "gone9"):
        client = Client()
        assert client.get(go(client, sub))["Location"] == reverse("login")
        assert not signed_in(client)
    assert Event.objects.filter(event="signin.failed").count() == 2
    assert not User.objects.filter(username="stranger9").exists()


def test_another_answer_than_the_one_that_was_asked_for(officer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    victim, attacker = Client(), Client()
    theirs = go(attacker, "officer9")
    assert not signed_in(victim) and victim.get(theirs)["Location"] == reverse("login")
    assert not signed_in(victim), "nobody of this session had left"
    go(victim, "officer9")
    victim.get(theirs)
    assert not signed_in(victim), "the state of another session"
    own = go(victim, "officer9")
    session = victim.session
    session["provider"] = session["provider"] | {"nonce": "another"}
    session.save()
    victim.get(own)
    assert not signed_in(victim), "a token of another question"
    own = go(victim, "officer9")
    victim.get(own)
    assert signed_in(victim)
    assert attacker.get(own)["Location"] == reverse("login") and not signed_in(attacker), "a code was used twice"
    late = Client()
    own = go(late, "officer9")
    now = oidc.time.time()
    monkeypatch.setattr("scorecard.identity.oidc.time.time", lambda: now + oidc.GOOD_FOR + 1)
    late.get(own)
    assert not signed_in(late), "ten minutes were over"


def test_a_token_for_somebody_else_and_a_provider_that_is_away(officer: User, settings: Any) -> None:
    client = Client()
    own = go(client, "officer9")
    settings.OIDC_CLIENT_ID = "another site"
    client.get(own)
    assert not signed_in(client)
    settings.OIDC_ISSUER = "http://localhost:9"
    assert client.get(reverse("login-provider"))["Location"] == reverse("login")
    settings.OIDC_ISSUER = "http://provider.example"
    assert client.get(reverse("login-provider"))["Location"] == reverse("login"), "no https"


def test_where_the_provider_leads_elsewhere_nobody_follows(officer: User, settings: Any) -> None:
    asked: list[str] = []

    class Leading(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/.well-known/"):
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
            said = {"issuer": project.OIDC_ISSUER, "authorization_endpoint": f"{project.OIDC_ISSUER}/in"}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Leading) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OIDC_ISSUER = f"http://localhost:{server.server_port}"
        answer = Client().get(reverse("login-provider"))
        server.shutdown()
    assert answer["Location"] == reverse("login"), "as where the provider is away"
    assert asked == ["/.well-known/openid-configuration"]
