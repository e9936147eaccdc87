"""Starts a script of this folder once the interpreter is new enough. Any Python, even version 2, can read this file."""

import os
import runpy
import sys

OLDEST = (3, 11)


def main():  # type: ignore[no-untyped-def]
    """``python3 scripts/start.py demo`` runs ``scripts/demo.py``."""
    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        sys.stderr.write(
            "\nScorecard needs Python 3.11 or later; %s is Python %s.\n" % (sys.executable, have)  # noqa: UP031
            + "Install a newer one (Debian 12 and later: apt-get install python3 python3-venv) and name it:\n"
            + "    make PYTHON=python3.11 demo\n\n"
        )
        sys.exit(1)
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show Chinese shows question marks
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    name = sys.argv.pop(1)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")  # noqa: PTH100, PTH118, PTH120
    sys.argv[0] = path
    runpy.run_path(path, run_name="__main__")


if __name__ == "__main__":
    main()
