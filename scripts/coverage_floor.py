"""Holds the coverage that a run of the tests has measured against the floors. Standard library only.

    coverage_floor.py FOLDER        looks for coverage.json in the folder (``make test ARGS=--coverage`` writes it)

A floor is raised when the figure has risen for good, and lowered with a reason in the commit.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Part of the code → the least percentage of its lines with statements that the tests run.
FLOORS = {"scorecard/engine/": 98.0, "scorecard/": 93.0, "banks/": 96.5, "assessments/": 95.5}


def part_of(path: str) -> str:
    """The longest part that the file belongs to."""
    return max((part for part in FLOORS if path.startswith(part)), key=len)


def main(folder: str) -> int:
    """1 when a part lies below its floor or nothing was measured."""
    reports = sorted(Path(folder).rglob("coverage.json"))
    if not reports:
        print(f"No coverage.json in {folder}: the tests were not run with --coverage.")
        return 1
    run: dict[str, list[int]] = {part: [0, 0] for part in FLOORS}
    for path, found in json.loads(reports[0].read_text(encoding="utf-8"))["files"].items():
        summary = found["summary"]
        run[part_of(path)][0] += summary["covered_lines"]
        run[part_of(path)][1] += summary["covered_lines"] + summary["missing_lines"]
    low = 0
    for part, (covered, statements) in run.items():
        percent = 100 * covered / max(statements, 1)
        low += percent < FLOORS[part]
        print(f"{part:18} {percent:5.1f} % of {statements:6} lines (floor {FLOORS[part]:.1f} %)")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
