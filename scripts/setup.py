"""Sets a fresh clone up: virtual environment, pinned dependencies, compiled translations. Standard library only.

``python3 scripts/setup.py`` prepares what the application needs to run, ``--dev`` adds what the tests need. Every part
leaves a stamp of what it was made from, so that a repeated run finds nothing to do.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NEWEST = (3, 13)
RUNTIME, DEVELOPMENT, INSTALLER = "requirements.txt", "requirements-dev.txt", "requirements-uv.txt"


def stop(*sentences: str) -> None:
    """End with sentences that say what is wrong and what mends it."""
    print("\n" + "\n".join(sentences) + "\n", file=sys.stderr)
    raise SystemExit(1)


def tell(text: str) -> None:
    """One line of progress, at once."""
    print(text, flush=True)


def digest(*paths: Path) -> str:
    """SHA-256 over names and contents of files, in the order of their names; a folder counts with all its files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.suffix == ".pyc" or not file.exists():
                continue
            found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


class Stamps:
    """What was made from what, kept beside the thing made; gone with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.known = {}

    def fresh(self, name: str, mark: str) -> bool:
        """Whether ``name`` was made from exactly this."""
        return self.known.get(name) == mark

    def set(self, name: str, mark: str) -> None:
        """Remember that ``name`` is made; written at once, so that an interrupted run goes on from here."""
        self.known[name] = mark
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.known, indent=1), encoding="utf-8")


def check_python() -> None:
    """The interpreter must be one that the pinned dependencies were resolved for, and able to make environments."""
    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] > NEWEST:
        stop(
            f"Scorecard's dependencies are pinned for Python 3.11 to 3.13; {sys.executable} is Python {have}.",
            "Name an interpreter of one of these versions:",
            "    make PYTHON=python3.13 demo",
        )
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        stop(
            f"{sys.executable} cannot make a virtual environment: its venv module is not complete.",
            "On Debian and Ubuntu, install it with",
            "    apt-get install python3-venv",
            "(as root, or with sudo), and run the same command again.",
        )


def run(*command: object, env: dict[str, str] | None = None, quiet: bool = False) -> None:
    """Run one command in the project's folder; its failure ends the set-up with the command's own output above."""
    words = [str(word) for word in command]
    try:
        out = subprocess.DEVNULL if quiet else None
        code = subprocess.run(words, cwd=ROOT, env=env, stdout=out, check=False).returncode
    except KeyboardInterrupt:
        stop("Interrupted. Run the same command again; it goes on where it stopped.")
    if code:
        stop(f"This command failed (code {code}); what it says is above:", "    " + " ".join(words))


def make_venv() -> Stamps:
    """The virtual environment ``.venv``, made again when it was made by another interpreter or for another folder.

    A ``.venv`` that is a link is the environment of another checkout: it is used as it is, and never emptied.
    """
    stamps = Stamps(VENV / "stamps.json")
    mark = f"{sys.version_info[0]}.{sys.version_info[1]} {VENV.resolve()}"
    if stamps.fresh("venv", mark) and PYTHON.exists():
        return stamps
    if VENV.is_symlink():
        stop(
            f"{VENV} is a link to {VENV.resolve()}, which was not made by this interpreter, or not there.",
            "Remove the link, so that this folder gets an environment of its own, or run make setup where it leads.",
        )
    tell(f"Making the virtual environment {VENV} …")
    run(sys.executable, "-m", "venv", "--clear", VENV)
    stamps = Stamps(VENV / "stamps.json")
    stamps.set("venv", mark)
    return stamps


def install(stamps: Stamps, *names: str) -> None:
    """Install hash-pinned requirement files, by uv when it can be had and by plain pip when it cannot."""
    wanted = [name for name in names if not stamps.fresh(name, digest(ROOT / name))]
    if not wanted:
        return
    target = wanted[-1]  # the development set contains the runtime set
    tell(f"Installing the pinned dependencies of {target} …")
    env = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_PROGRESS": "1"}
    env.pop("VIRTUAL_ENV", None)
    # pip trusts whom this machine trusts; uv too, once it is told. A network that inspects TLS needs it.
    env.setdefault("UV_SYSTEM_CERTS", "1")
    uv = VENV / "bin" / "uv"
    by_uv = [uv, "pip", "install", "--python", PYTHON, "--quiet", "--require-hashes", "-r", ROOT / target]
    get_uv = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / INSTALLER]
    if not (_try(get_uv, env) and _try(by_uv, env)):
        tell("The fast installer did not succeed; plain pip does the same, more slowly.")
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / target, env=env)
    for name in wanted:
        stamps.set(name, digest(ROOT / name))


def _try(command: list[object], env: dict[str, str]) -> bool:
    return subprocess.run([str(word) for word in command], cwd=ROOT, env=env, check=False).returncode == 0


def compile_messages(stamps: Stamps) -> None:
    """Write the ``.mo`` files of the translations; they are not in the repository."""
    sources = [p for p in ROOT.rglob("*.po") if VENV not in p.parents]
    mark = digest(ROOT / "scripts" / "messages.py", *sources)
    if stamps.fresh("messages", mark) and all(p.with_suffix(".mo").exists() for p in sources):
        return
    run(PYTHON, ROOT / "scripts" / "messages.py", "compile")
    stamps.set("messages", mark)


def prepare(*, dev: bool) -> Stamps:
    """Everything up to a project that can run (and, with ``dev``, be tested)."""
    check_python()
    stamps = make_venv()
    install(stamps, *([RUNTIME, DEVELOPMENT] if dev else [RUNTIME]))
    compile_messages(stamps)
    return stamps


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Set the project up.")
    parser.add_argument("--dev", action="store_true", help="also install what tests and checks need")
    prepare(dev=parser.parse_args().dev)
