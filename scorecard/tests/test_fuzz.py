"""What the fuzzer feeds the readers with at first: each reader takes it, or refuses in words."""

import importlib
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["expression", "rulebook", "register", "workbook"])
def test_each_reader_takes_what_its_corpus_begins_with(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    fuzz = importlib.import_module("fuzz")
    assert set(fuzz.READERS) == {"expression", "rulebook", "register", "workbook"}
    read, inputs = fuzz.READERS[name](), list(islice(fuzz.seeds(name), 8))
    assert len(inputs) >= 2
    for data in (*inputs, b"", b"\0", inputs[0][: len(inputs[0]) // 2]):
        read(data)
