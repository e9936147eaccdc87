"""What a newcomer meets first: clear sentences where the machine lacks something."""

import fcntl
import importlib
import json
import os
import re
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """``make demo``, which must end before it makes anything."""
    command = [sys.executable, "scripts/start.py", "demo"]
    here = os.environ | {"SCORECARD_DATA_DIR": str(folder), **env}
    return subprocess.run(command, cwd=ROOT, env=here, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = demo(tmp_path, PORT=str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"make demo PORT={port + 1}" in done.stderr


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    done = demo(tmp_path, PORT=port)
    assert done.returncode == 1
    assert "must be a number from 1 to 65535" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_second_demonstration_on_the_same_data(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("4711")
        held.flush()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        done = demo(tmp_path, PORT=str(port))
    assert done.returncode == 1
    assert "process 4711" in done.stderr


def _pretend(change: str) -> subprocess.CompletedProcess[str]:
    code = (
        f"import sys, importlib.util as u; sys.path.insert(0, 'scripts'); {change}; import setup; setup.check_python()"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


def test_a_python_without_the_venv_module() -> None:
    done = _pretend("real = u.find_spec; u.find_spec = lambda n, *a: None if n == 'ensurepip' else real(n, *a)")
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_a_python_that_is_too_new() -> None:
    done = _pretend("sys.version_info = (3, 19, 0, 'final', 0)")
    assert done.returncode == 1
    assert "Python 3.19.0" in done.stderr
    assert "make PYTHON=python3.13 demo" in done.stderr


def test_a_python_that_is_too_old() -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); sys.argv = ['scripts/start.py', 'demo'];"
        "runpy.run_path('scripts/start.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or later" in done.stderr
    assert "make PYTHON=python3.11 demo" in done.stderr


def test_every_old_python_can_read_the_first_file() -> None:
    """No syntax in it that Python 2 or an early 3 lacks: they must get the sentence, not a syntax error."""
    import ast

    tree = ast.parse((ROOT / "scripts" / "start.py").read_text(encoding="utf-8"), feature_version=(3, 4))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef, ast.Nonlocal)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert all(node.returns is None and not node.args.kwonlyargs for node in functions)


def test_a_terminal_that_cannot_show_chinese() -> None:
    """The names of the demonstration's people stand as question marks there; nothing ends with an error."""
    code = (
        "import sys; sys.path.insert(0, 'scripts'); import start; sys.argv = ['scripts/start.py', 'demo'];"
        "start.runpy.run_path = lambda *a, **k: print('Scorecard 普惠'); start.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        encoding="latin-1",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "Scorecard ??\n"), done.stderr


def test_a_stamp_makes_a_repeated_run_idle(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from setup import Stamps
    finally:
        sys.path.pop(0)
    stamps = Stamps(tmp_path / "stamps.json")
    assert not stamps.fresh("one", "mark")
    stamps.set("one", "mark")
    assert Stamps(tmp_path / "stamps.json").fresh("one", "mark")
    assert not Stamps(tmp_path / "stamps.json").fresh("one", "other")


def test_a_database_of_other_migrations_is_set_aside_with_the_checkpoints_of_its_trail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints of another trail would make every verification of the new one a break."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    script = importlib.import_module("demo")
    stamps = script.Stamps(tmp_path / "demo.json")
    stamps.set("migrations", json.dumps({"banks/migrations/0001_initial.py": "as it was"}))
    for name in ("scorecard.sqlite3", "scorecard.sqlite3-wal", "audit-checkpoints.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    script._set_aside_foreign_database(tmp_path, stamps, {"banks/migrations/0001_initial.py": "as it is"})
    left = {path.name for path in tmp_path.iterdir()}
    assert not left & {"scorecard.sqlite3", "scorecard.sqlite3-wal", "audit-checkpoints.txt"}
    kept = next(path for path in tmp_path.glob("scorecard-before-*.checkpoints.txt"))
    assert kept.read_text(encoding="utf-8") == "audit-checkpoints.txt" and not stamps.known


@pytest.mark.parametrize("whose", ["this", "another"])
def test_a_linked_environment_is_used_and_never_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """Several checkouts may share one; making it anew would take it from all of them."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import setup

    theirs, link = tmp_path / "theirs", tmp_path / "link"
    (theirs / "bin").mkdir(parents=True)
    (theirs / "bin" / "python").touch()
    link.symlink_to(theirs)
    made_by = f"{sys.version_info[0]}.{sys.version_info[1]} {theirs}" if whose == "this" else "3.9 elsewhere"
    setup.Stamps(theirs / "stamps.json").set("venv", made_by)
    monkeypatch.setattr(setup, "VENV", link)
    monkeypatch.setattr(setup, "PYTHON", link / "bin" / "python")
    if whose == "this":
        assert setup.make_venv().fresh("venv", made_by)
    else:
        with pytest.raises(SystemExit):
            setup.make_venv()
    assert (theirs / "bin" / "python").exists()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_plain_pip_can_install_a_lock(lock: str) -> None:
    """Where the fast installer cannot be had, pip reads the lock; with hashes it wants each extra that is asked for."""
    pinned = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            requirement = Requirement(line.removesuffix("\\").strip())
            pinned[canonicalize_name(requirement.name)] = requirement.extras
    direct = (ROOT / lock).with_suffix(".in").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in direct if line and not line.startswith(("#", "-r"))]
    for name, extras in pinned.items():
        try:
            requires = map(Requirement, distribution(name).requires or [])
        except PackageNotFoundError:  # for another system or another Python
            continue
        for one in requires:
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
                asked.append(one)
    lacking = [str(one) for one in asked if not one.extras <= pinned[canonicalize_name(one.name)]]
    assert not lacking


@pytest.mark.parametrize(
    ("run", "marked", "not_marked"), [("browser", "browser", None), ("worker", "worker", "browser")]
)
def test_a_run_of_the_suite_reads_the_folders_with_its_tests(
    monkeypatch: pytest.MonkeyPatch, run: str, marked: str, not_marked: str | None
) -> None:
    """A marked test that lies elsewhere would be left out by ``scripts/test.py`` without a word."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    words = importlib.import_module("test").RUNS[run]
    places = [ROOT / word for word in words if "/" in word]
    found = set()
    for path in (path for name in ("scorecard", "banks", "assessments") for path in (ROOT / name).rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(rf"\bpytest\.mark\.{marked}\b", text) and f"pytest.mark.{not_marked}" not in text:
            found.add(path)
    assert found
    assert [path for path in found if not any(path.is_relative_to(place) for place in places)] == []
