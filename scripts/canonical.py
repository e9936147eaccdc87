"""Stores canonical results of the engine and of the demonstration, and compares a later run with them byte for byte.

    .venv/bin/python scripts/canonical.py engine --check          all worked cases, 20,000 drawn filings a rulebook
    .venv/bin/python scripts/canonical.py demonstration --check   the demonstration's rounds and the pages' status codes
    .venv/bin/python scripts/canonical.py show A.json B.json      what differs between two stored runs

``--save FILE`` stores a run; ``--details`` keeps beside it every filing with its result, for ``show`` to say which
value of which filing differs (choose with ``--rulebooks`` and ``--blocks``: everything is gigabytes). To see the values
of a difference, run the same choice with details in a checkout of the older code and in this one, and show both.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import canonical_compare as compare  # noqa: E402
import canonical_runs as runs  # noqa: E402

STORED = ROOT / "scorecard" / "tests" / "canonical"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    engine = commands.add_parser("engine", help="worked cases, drawn filings, content, schema, lint")
    engine.add_argument("--filings", type=int, default=runs.FILINGS, help="drawn filings per rulebook (%(default)s)")
    engine.add_argument("--rulebooks", nargs="*", help="code/version of the rulebooks to run; all without it")
    engine.add_argument("--blocks", type=int, nargs="*", help=f"blocks of {runs.BLOCK} filings to run; all without it")
    engine.add_argument("--jobs", type=int, default=2, help="processes (%(default)s)")
    engine.add_argument("--details", action="store_true", help="keep every filing and result beside the saved file")
    demonstration = commands.add_parser("demonstration", help="rounds, statistics and status codes")
    for command, name in ((engine, "engine.json"), (demonstration, "demonstration.json")):
        command.add_argument("--save", type=Path, help="store the run in this file")
        command.add_argument(
            "--check", type=Path, nargs="?", const=STORED / name, help="compare the run with this file"
        )
    show = commands.add_parser("show", help="what differs between two stored runs")
    show.add_argument("files", type=Path, nargs=2)
    return parser.parse_args()


def main() -> int:
    """1 when something differs."""
    asked = arguments()
    if asked.command == "show":
        return compare.show(*asked.files)
    started = time.monotonic()
    if asked.command == "engine":
        details = asked.save.with_suffix(".details") if asked.details and asked.save else None
        found = runs.engine_run(
            filings=asked.filings,
            chosen=asked.rulebooks,
            blocks=asked.blocks,
            jobs=asked.jobs,
            details=details,
        )
    else:
        import canonical_demonstration

        found = canonical_demonstration.run()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    if asked.save:
        compare.write(asked.save, found)
    if asked.check:
        return compare.report(compare.read(asked.check), found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
