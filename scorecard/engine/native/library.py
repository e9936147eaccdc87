"""From C text to a loaded library: compiled once by the machine's own compiler, kept on disk, loaded by its content.

The compiled path is an extra. Where there is no C compiler, or it fails, or `configure("off")` was called, the arrays
of `scorecard.engine.arrays` do the same work to the same digit; nothing else changes.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import threading
from functools import lru_cache
from pathlib import Path

logger = logging.getLogger(__name__)

FLAGS = (
    "-std=c11",
    "-O3",
    "-march=native",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fPIC",
    "-shared",
)
SECONDS = 120
_lock = threading.Lock()
_loaded: dict[str, ctypes.CDLL | None] = {}


class Settings:
    """How programs are compiled. `mode` is "auto" (where there is a compiler) or "off"."""

    mode = "auto"
    folder: Path | None = None


def configure(mode: str, folder: Path | None = None) -> None:
    """Choose whether programs are compiled and where libraries are kept.

    Raises ValueError for another mode than "auto" and "off".
    """
    if mode not in ("auto", "off"):
        raise ValueError(f"unknown mode {mode!r}: choose auto or off")
    Settings.mode, Settings.folder = mode, folder


@lru_cache(maxsize=1)
def compiler() -> str:
    """Return the path of the C compiler, empty where there is none."""
    for name in ("cc", "gcc", "clang"):
        found = shutil.which(name)
        if found:
            return found
    return ""


@lru_cache(maxsize=1)
def _machine() -> str:
    """What a library depends on beside its text: the compiler and the processor's instructions."""
    version = subprocess.run(  # noqa: S603
        [compiler(), "--version"], capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=True
    )
    info = Path("/proc/cpuinfo")
    flags = (
        sorted(
            {line for line in info.read_text(encoding="utf-8").splitlines() if line.startswith(("flags", "Features"))}
        )
        if (info.exists())
        else []
    )
    return "\n".join([version.stdout, platform.machine(), *flags, *FLAGS])


def _folder() -> Path:
    """Return the folder of libraries, private to this user. Raises OSError where it is somebody else's."""
    folder = Settings.folder or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scorecard"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OSError(f"{folder} can be written by others; libraries are loaded only from a folder of this user's own")
    return folder


def available() -> bool:
    return Settings.mode == "auto" and bool(compiler())


def load(source: str, build: bool = True) -> ctypes.CDLL | None:
    """Return the library of a C text, compiled where it is not kept yet and `build` is set. None where there is none.

    Never raises for want of a compiler or a folder: what went wrong is logged once, and the arrays take over.
    """
    if not available():
        return None
    key = hashlib.sha256(source.encode()).hexdigest()
    with _lock:
        if key in _loaded:
            return _loaded[key]
        try:
            name = hashlib.sha256(f"{key}\n{_machine()}".encode()).hexdigest()
            path = _folder() / f"{name}.so"
            if not path.exists():
                if not build:
                    return None
                _compile(source, path)
            _loaded[key] = ctypes.CDLL(str(path))
        except (OSError, RuntimeError, subprocess.SubprocessError) as error:
            logger.warning("Scoring is not compiled, arrays are used: %s", error)
            _loaded[key] = None
        return _loaded[key]


def _compile(source: str, path: Path) -> None:
    """Compile into a file of its own and put it in place in one step, so that nobody loads half of it."""
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        text, made = Path(work) / "program.c", Path(work) / "program.so"
        text.write_text(source, encoding="utf-8")
        command = [compiler(), *FLAGS, "-o", str(made), str(text), "-lm"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS)  # noqa: S603
        if done.returncode:
            raise OSError(f"{compiler()} failed: {done.stderr.strip()[:2000]}")
        made.replace(path)
