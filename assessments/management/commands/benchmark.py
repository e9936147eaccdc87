"""``manage.py benchmark database --banks N ...``: a round from the database and back against a bare COPY.

Beside ``benchmark scoring``, which needs no database and lives with the engine's commands.
"""

import platform
from typing import Any

from scorecard.commands.management.commands import benchmark


class Command(benchmark.Command):
    help = benchmark.Command.help

    def add_more(self, commands: Any) -> None:
        database = commands.add_parser("database", help="a round from the database and back against a bare COPY")
        database.add_argument("--banks", type=int, nargs="+", default=[10_000, 100_000])
        workbooks = commands.add_parser("workbooks", help="workbooks of filings: many read and checked, one out and in")
        workbooks.add_argument("--banks", type=int, nargs="+", default=[5_000])
        workbooks.add_argument("--rounds", type=int, default=9, help="measured rounds of one workbook")
        database.add_argument("--rounds", type=int, default=3, help="measured rounds; the median is shown")

    def workbooks(self, options: dict[str, Any]) -> None:
        from assessments.benchmark.workbooks import measure_one, measure_reading, sentence

        self.stdout.write("| workbooks | way | median ms | worst ms | processor ms |")
        self.stdout.write("|--:|---|--:|--:|--:|")
        said = []
        for count in options["banks"]:
            both = measure_reading(count)
            for way in both:
                self.stdout.write(_row(count, way))
            said.append(sentence(*both))
        for way in measure_one(options["rounds"]):
            self.stdout.write(_row(1, way))
        self.stdout.write("")
        self.stdout.write("\n".join(said))

    def database(self, options: dict[str, Any]) -> None:
        from django.db import connection

        from assessments.benchmark import described, measure, stages

        rounds = options["rounds"]
        self.stdout.write(f"shanghai-2017/3, {connection.vendor}, Python {platform.python_version()}, {rounds} rounds")
        self.stdout.write("")
        self.stdout.write(
            "| banks | bare out s | bare in s | job s | to bare | without pointing | two workers s | to bare |"
            " bare, processor s | job, processor s | to bare | peak MiB |"
        )
        self.stdout.write("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        lines = []
        for line in measure(options["banks"], rounds):
            lines.append(line)
            self.stdout.write(described(line))
        self.stdout.write("")
        for line in lines:
            self.stdout.write(f"{line.banks:,} banks, parts in ms: {stages(line)}")


def _row(count: int, way: Any) -> str:
    times = (way.wall, way.worst, way.processor)
    return f"| {count:,} | {way.name} | " + " | ".join(f"{seconds * 1000:,.1f}" for seconds in times) + " |"
