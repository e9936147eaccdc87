"""A signed-in browser for the tests of the supervisor's pages."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from banks.models import User


def signed_in(user: User, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def text(client: Client, name: str, *args: Any, status: int = 200, **more: Any) -> str:
    response = client.get(reverse(name, args=args), **more)
    assert response.status_code == status, response.content.decode()[:2000]
    return " ".join(response.content.decode().split())


def post(client: Client, name: str, args: list[Any], data: dict[str, Any], status: int = 302, **more: Any) -> str:
    response = client.post(reverse(name, args=args), data, **more)
    assert response.status_code == status, response.content.decode()[:3000]
    return " ".join(response.content.decode().split())


def seal(client: Client, name: str, *args: Any) -> str:
    """The seal of what the page of a final step shows, as its form carries it."""
    page = client.get(reverse(name, args=args)).content.decode()
    found = re.search(r'name="seen" value="([^"]{40,})"', page)
    assert found is not None, page[:2000]
    return found.group(1)
