"""Kills the database in the middle of a year's steps and goes on with its standby. Needs PostgreSQL and redis-server.

    .venv/bin/python scripts/failover_drill.py [submit decide issue_notice …]      the steps; without any, four of them

Web, worker and beat run on two PostgreSQL servers, of which the second follows the first and commits wait for it; the
product is given both (``DATABASE_URL`` with two hosts). While a person takes the step, the first is killed; the drill
sees it as a cluster's manager would, promotes the second, and a new standby follows that one. After each: nothing that
was acknowledged is lost or doubled, work settles without a hand, ``verify_audit`` and ``verify_data`` find nothing.
Prints the times; ends with 1 where something does not hold.
"""

import argparse
import contextlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from fault_checks import check_data
from fault_kinds import Fault, Stage
from fault_processes import Product
from fault_runs import play
from fault_servers import HOST, Network, Postgres
from fault_stage import DATABASE, TEMPLATE, World
from fault_year import NAMES, YEAR

STEPS = ("submit", "confirm", "decide", "issue_notice")
SEES = 1.0  # seconds until a manager believes that a server is dead


class Pair(World):
    """The world of the fault runs on a primary and its standby, which the product is both given."""

    def _setup(self, source: str, quick: bool, old: str) -> None:
        self.standby: Postgres | None = None
        self.postgres.create()
        self.redis.start()
        self._prepare(source)
        self.postgres.restore(TEMPLATE, DATABASE)
        self.follow()
        self.networks = [Network(self.postgres.port), Network(self.redis.port)]
        self.env = self._environment(DATABASE, 0) | {"CELERY_BROKER_URL": f"redis://{HOST}:{self.redis.port}/0"}
        self.products = [Product(self.env, self.folder, None, rest=2.0)]
        networks = self.networks[0], self.networks[1]
        self.stage = Stage(self.postgres, self.redis, *networks, self.disk, self.products[0], DATABASE, None)

    def _environment(self, database: str, port: int) -> dict[str, str]:
        made = super()._environment(database, port)
        if self.standby is not None:
            ports = f"{self.first.port},{self.second.port}"
            query = f"host={HOST},{HOST}&port={ports}&target_session_attrs=read-write&connect_timeout=3"
            made["DATABASE_URL"] = f"postgres://postgres@/{database}?{query}"
        return made

    def follow(self) -> None:
        """A standby follows the server that is written to. Both keep their ports: the second takes the dead one's."""
        dead, number = self.standby, len(list(self.folder.glob("postgres*")))
        self.standby = Postgres(self.folder / f"postgres{number}")
        if dead is None:
            self.first, self.second = self.postgres, self.standby
        else:
            self.standby.port = dead.port
        self.standby.follow(self.postgres)

    def fail_over(self, _stage: Stage) -> None:
        """The server that is written to dies with all its processes; its standby takes its place."""
        assert self.standby is not None  # noqa: S101 - one follows from the start
        began, dead, alive = time.monotonic(), self.postgres, self.standby
        dead.stop(signal.SIGQUIT)
        time.sleep(SEES)
        alive.promote()
        self.promoted = time.monotonic() - began
        self.postgres, self.standby = alive, dead

    def end(self) -> None:
        """End every process and server."""
        if self.standby is not None:
            with contextlib.suppress(Exception):
                self.standby.stop(signal.SIGQUIT)
        super().end()


def drill(pair: Pair, steps: list[str]) -> list[str]:
    """A year, with a failover in each of the steps that are named; what does not hold, in sentences."""
    case, wrong = pair.next_case(), []
    print("| Step | Promoted after s | Everything as before after s | Tries of the person | What failed |")
    print("|---|--:|--:|--:|---|", flush=True)
    last = max(NAMES.index(name) for name in steps)
    for place, step in enumerate(YEAR[: last + 1]):
        if step.name not in steps:
            play(step, case, pair.stage)
            continue
        try:
            run = play(step, case, pair.stage, Fault("failover", pair.fail_over), at=0.1 * (place % 5))
            check_data(case, place)
        except Exception as error:
            wrong.append(f"{step.name}: {type(error).__name__}: {error}")
            break
        said = ", ".join(f"{word}: {count}" for word, count in sorted(run.said.items())) or "nothing"
        whole = pair.promoted + run.recovered
        print(f"| {step.name} | {pair.promoted:.1f} | {whole:.1f} | {run.tries} | {said} |", flush=True)
        pair.follow()
    return wrong


def main() -> int:
    """The drill, with its times as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="step", help=f"of {', '.join(NAMES)}")
    asked = parser.parse_args().steps or list(STEPS)
    if unknown := set(asked) - set(NAMES):
        parser.error(f"There is no step {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    for number in (signal.SIGTERM, signal.SIGINT):  # either ends the servers too
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scorecard-failover-", ignore_cleanup_errors=True) as name:
        pair = Pair(Path(name), source=os.environ.get("FAILOVER_SOURCE", ""), quick=False, old="")
        try:
            pair.take_settings()
            pair.stage.product.wait_ready()
            wrong = drill(pair, asked)
        finally:
            pair.end()
    print(f"{len(asked)} failovers, {time.monotonic() - began:.0f} s in all.")
    for words in wrong:
        print(words, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
