"""``manage.py benchmark scoring --banks N ...``: `evaluate_many` against NumPy by hand and a plain loop, in one run.
What measures the business's own work adds to it (``assessments``)."""

from __future__ import annotations

import os
import platform
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scorecard.commands.catalog import find
from scorecard.engine import load_rulebook
from scorecard.engine.cases.worked import read_vectors


class Command(BaseCommand):
    help = "Measure the scoring of many banks. All ways are asserted to give equal results before they are timed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True)
        scoring = commands.add_parser("scoring", help="evaluate_many against NumPy by hand and a plain loop over rows")
        scoring.add_argument("--banks", type=int, nargs="+", default=[100, 4500, 100_000])
        scoring.add_argument("--rounds", type=int, default=9, help="measured rounds; the median is shown")
        self.add_more(commands)

    def add_more(self, commands: Any) -> None:
        """Further things to measure, each with its ``action``."""

    def handle(self, *args: Any, **options: Any) -> None:
        if min(options["banks"]) < 1:
            raise CommandError("The number of banks must be at least 1.")
        getattr(self, options["action"])(options)

    def scoring(self, options: dict[str, Any]) -> None:
        from scorecard.commands.measure import measure, measure_one, peak_mib

        folder = find(Path(settings.RULEBOOK_DIR), "shanghai-2017/3")
        rulebook = load_rulebook(folder)
        python, cores = platform.python_version(), os.cpu_count()
        self.stdout.write(f"shanghai-2017/3, Python {python}, {platform.machine()}, {cores} cores")
        self.stdout.write("")
        self.stdout.write("| banks | way | processor ms | to NumPy | wall ms | to NumPy | note |")
        self.stdout.write("|--:|---|--:|--:|--:|--:|---|")
        for line in measure(rulebook, options["banks"], options["rounds"]):
            cpu, wall = f"{line.seconds * 1000:,.2f}", f"{line.wall * 1000:,.2f}"
            self.stdout.write(
                f"| {line.banks:,} | {line.name} | {cpu} | {line.ratio:.3f} | {wall} | {line.wall_ratio:.3f} | "
                f"{line.note} |"
            )
        case = read_vectors(rulebook, folder)[0].case
        tree, total = measure_one(rulebook, case)
        self.stdout.write("")
        self.stdout.write(f"One bank: {tree.cpu * 1000:.2f} ms with its whole tree, {total.cpu * 1000:.2f} ms without.")
        for banks in options["banks"]:
            self.stdout.write(f"Peak memory with {banks:,} banks: {peak_mib(folder, banks):,.0f} MiB.")
