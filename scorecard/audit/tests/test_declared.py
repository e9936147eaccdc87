"""The first requests of a process come together: none may see half of what the apps declare."""

import threading
from typing import Any

import pytest

from scorecard.audit import declared as once


def test_who_asks_while_it_is_loaded_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature failed as the first of a web process: another thread had begun to load."""
    begun, go_on, known = threading.Event(), threading.Event(), list[str]()

    def load(_name: str) -> None:
        begun.set()
        assert go_on.wait(5)
        known.append("all")

    monkeypatch.setattr(once, "autodiscover_modules", load)
    declared, seen = once.Declared("things"), list[Any]()

    def ask() -> None:
        declared.load()
        seen.append(list(known))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    assert begun.wait(5)
    for thread in threads[1:]:
        thread.start()
    assert not seen
    go_on.set()
    for thread in threads:
        thread.join(5)
    assert seen == [["all"]] * 3


def test_a_module_may_ask_while_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    declared, times = once.Declared("things"), list[str]()

    def load(name: str) -> None:
        times.append(name)
        declared.load()

    monkeypatch.setattr(once, "autodiscover_modules", load)
    declared.load()
    declared.load()
    assert times == ["things"]
