"""What is asked of clamd and what is made of its answers; the last test asks a real one."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from scorecard import scanner
from scorecard.access.decisions import Refused
from scorecard.jobs.unavailable import is_unavailable
from scorecard.tests.clamd import FOUND, MARK, FakeClamd, fake_clamd

HARD = "clamd" in os.environ.get("SCORECARD_REQUIRE", "").split(",")
# The file of the European Institute for Computer Antivirus Research: 68 bytes that every scanner is to find. In two
# pieces, so that no scanner finds it in this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture
def clamd(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClamd]:
    with fake_clamd(tmp_path) as found:
        settings.CLAMD = str(found.path)
        monkeypatch.setattr(scanner, "SECONDS", 1.0)
        yield found


def test_what_is_found_is_named_and_what_is_clean_is_nothing(clamd: FakeClamd) -> None:
    assert scanner.answers()
    assert scanner.malware_in(BytesIO(b"x" * 200_000)) == ""
    assert scanner.malware_in(BytesIO(b"x" * 200_000 + MARK)) == FOUND
    assert scanner.malware_in(BytesIO(b"")) == ""


@pytest.mark.parametrize("mood", ["silent", "odd", "cut"])
def test_a_scanner_that_gives_no_answer_is_away(clamd: FakeClamd, mood: str) -> None:
    clamd.mood = mood
    with pytest.raises(scanner.ScannerAway) as away:
        scanner.malware_in(BytesIO(b"x"))
    assert is_unavailable(away.value), "a job that meets it waits, and it counts as no start"


@pytest.mark.parametrize("place", ["/nowhere/clamd.sock", "127.0.0.1:9", "clamd", ":x"])
def test_a_scanner_that_is_not_there_is_away(settings: Any, place: str) -> None:
    settings.CLAMD = place
    assert not scanner.answers()
    with pytest.raises(scanner.ScannerAway):
        scanner.malware_in(BytesIO(b"x"))


def test_a_file_beyond_the_scanners_own_limit_is_told_apart(clamd: FakeClamd) -> None:
    clamd.mood = "small"
    with pytest.raises(scanner.TooLargeToScan):
        scanner.malware_in(BytesIO(b"x" * 5_000_000))


def test_a_file_that_is_read_at_once_is_refused_in_words(clamd: FakeClamd, settings: Any) -> None:
    scanner.refuse_malware(b"clean")
    for content, mood, said in ((MARK, "fine", FOUND), (b"x", "silent", "几分钟"), (b"x" * 3000, "small", "拆分")):
        clamd.mood = mood
        with pytest.raises(Refused) as refused:
            scanner.refuse_malware(content)
        assert said in str(refused.value.reasons[0])
    settings.CLAMD = ""
    scanner.refuse_malware(MARK)


@pytest.mark.skipif(not HARD and not shutil.which("clamd"), reason="there is no clamd (apt-get install clamav-daemon)")
def test_a_real_clamd_finds_the_test_file_that_every_scanner_knows(tmp_path: Path, settings: Any) -> None:
    program = shutil.which("clamd")
    assert program, "this run promised clamd"
    (tmp_path / "db").mkdir()
    (tmp_path / "db/own.ndb").write_text(f"Own.Eicar:0:*:{EICAR.hex()}\n", encoding="ascii")
    place = tmp_path / "clamd.ctl"
    conf = tmp_path / "clamd.conf"
    lines = [f"LocalSocket {place}", f"DatabaseDirectory {tmp_path / 'db'}", "Foreground yes", "StreamMaxLength 1M"]
    conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (tmp_path / "out.txt").open("wb") as out:
        process = subprocess.Popen([program, f"--config-file={conf}"], stdout=out, stderr=subprocess.STDOUT)
    try:
        settings.CLAMD = str(place)
        until = time.monotonic() + 60
        while not scanner.answers():
            assert process.poll() is None and time.monotonic() < until, (tmp_path / "out.txt").read_text("utf-8")
            time.sleep(0.1)
        assert scanner.malware_in(BytesIO(b"%PDF-1.7 nothing")) == ""
        assert scanner.malware_in(BytesIO(EICAR)).startswith("Own.Eicar")
        with pytest.raises(scanner.TooLargeToScan):
            scanner.malware_in(BytesIO(os.urandom(4_000_000)))
    finally:
        process.terminate()
        process.wait(20)
