"""Machines with their tokens, for tests of the API."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from assessments.api.scopes import Scope, scopes_for
from assessments.api.tokens import draw_token
from assessments.models import ApiToken
from banks.models import User

BASE = "/api/v1"


def token_for(person: User, *scopes: str, days: int = 30) -> str:
    """A drawn token of somebody, with these scopes or all that open something."""
    row = ApiToken.objects.create(
        bank=person.bank,
        person=person,
        name="总账系统",
        scopes=list(scopes) or [scope.value for scope in scopes_for(person.roles)],
        until=timezone.localdate() + timedelta(days=days),
        granted_by=person,
    )
    return draw_token(actor=person, token_id=row.pk)[1]


@dataclass
class Machine:
    """A system that sends requests in somebody's name."""

    token: str
    language: str = "en"
    client: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; ``headers`` with underscores for hyphens."""
        said = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = "" if body is None else json.dumps(body, ensure_ascii=False)
        answer: HttpResponseBase = self.client.generic(
            method, BASE + path, data, content_type="application/json", headers=said
        )
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def upload(self, path: str, indicator: str, file: Any, **headers: str) -> Any:
        """One file."""
        said = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(BASE + path, {"indicator": indicator, "file": file}, headers=said)


def machine(person: User, *scopes: str, language: str = "en") -> Machine:
    """A system in somebody's name."""
    return Machine(token_for(person, *scopes), language)


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem of an answer, which has to be one of this kind."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert found["type"].endswith("/" + kind), found
    assert found["status"] == status
    return found


__all__ = ["BASE", "Machine", "Scope", "machine", "problem", "token_for"]
