"""What is open with a person, told by the apps that know of work: banks and people know none.

An app registers a function when Django starts; it returns what is open with a person in these roles, in sentences.
"""

import hashlib
from collections.abc import Callable, Collection
from typing import Any

from banks.models import User

Teller = Callable[[User, Collection[str]], list[Any]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Ask this function, too, before somebody is made inactive or loses a role."""
    if teller not in _tellers:
        _tellers.append(teller)


def open_work(person: User, roles: Collection[str]) -> list[str]:
    """What is open with the person in these roles."""
    return [str(words) for teller in _tellers for words in teller(person, roles)]


def token(sentences: Collection[str]) -> str:
    """A short digest of what was shown, by which somebody agrees to that and nothing else; blank for nothing."""
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16] if sentences else ""
