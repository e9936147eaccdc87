"""A scripted year in which everything dies at every step (docs/reliability.md). Needs PostgreSQL and redis-server.

    .venv/bin/python scripts/fault_runs.py --runs 1000 --old REF      the nightly profile, with the product's own times
    .venv/bin/python scripts/fault_runs.py --runs 60 --quick          short times, mostly without restarts: the tests'
    .venv/bin/python scripts/fault_runs.py --seed 137                 one run again

Seed N is one fault at step N modulo 17 of a year; runs N, N+1, … are one year after the other. Prints a table by fault
and step, the longest recovery, and the seeds that failed; ends with 1 where one did.
"""

import argparse
import contextlib
import json
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fault_checks import check_data, forget_connection, settle
from fault_kinds import FAULTS, Fault, Stage, lift_after
from fault_stage import World
from fault_year import NAMES, YEAR, Case, Step, between

BEFORE = 0.6  # seconds within which the fault strikes, counted from when the person opens the page


@dataclass
class Run:
    """One seed: which fault, where and when, and what came of it."""

    seed: int
    step: str
    fault: str
    at: float
    recovered: float = 0.0
    tries: int = 0
    took: float = 0.0  # seconds until the person was through
    strays: int = 0
    said: dict[str, int] = field(default_factory=dict)
    wrong: str = ""


def drawn(seed: int, stage: Stage, quick: bool) -> tuple[Step, Fault, float]:
    """What a seed means on this machine. In the quick profile one run in eight may make a process start anew."""
    rng = random.Random(seed)  # noqa: S311  # nosec B311 - a draw, no secret
    able = [fault for fault in FAULTS if stage.has(fault.needs)]
    if quick and seed % 8:
        able = [fault for fault in able if not fault.restarts]
    return YEAR[seed % len(YEAR)], rng.choice(able), rng.uniform(0, BEFORE)


def play(step: Step, case: Case, stage: Stage, fault: Fault | None = None, at: float = 0.0) -> Run:
    """Take one step, with the fault in the middle of it; then let it settle. Raises where it does not come about."""
    between(step.name, case)
    forget_connection()
    person = case.person(step.who)
    person.seen.failures = {}
    done = Run(0, step.name, fault.name if fault else "", at)
    struck = time.monotonic()
    errors: list[BaseException] = []

    def strike() -> None:
        nonlocal struck
        try:
            time.sleep(at)
            if fault is not None:
                fault.strike(stage)
                struck = time.monotonic()
                lift_after(stage, fault)
                struck = time.monotonic() if fault.lift else struck
        except Exception as error:
            errors.append(error)

    villain, began = threading.Thread(target=strike, daemon=True), time.monotonic()
    villain.start()
    try:
        done.tries = person.until(step.take(case, lambda: None), step.name)
        done.took = time.monotonic() - began
    finally:
        villain.join(120)
    if errors:
        raise errors[0]
    if fault is not None or step.name == "submit":  # the next step needs the score
        settle(stage.product)
    done.recovered = time.monotonic() - struck if fault else 0.0
    done.said = dict(person.seen.failures)
    return done


class Runs:
    """Plays seeds one after the other, a year after the other."""

    def __init__(self, world: World, quick: bool) -> None:
        self.world, self.quick = world, quick
        self.case: Case | None = None
        self.done: list[Run] = []

    def one(self, seed: int) -> Run:
        """One seed. The first step of a year takes the next bank; a year that broke off is played up to the step."""
        step, fault, at = drawn(seed, self.world.stage, self.quick)
        place = YEAR.index(step)
        if self.case is None or place == 0:
            self.case = self.world.next_case()
            for earlier in YEAR[:place]:
                play(earlier, self.case, self.world.stage)
        run = Run(seed, step.name, fault.name, at)
        try:
            with self.world.beside(self.case) if fault.needs == "old" else contextlib.nullcontext():
                found = play(step, self.case, self.world.stage, fault, at)
            run.recovered, run.tries, run.said = found.recovered, found.tries, found.said
            run.strays = check_data(self.case, place)
        except Exception as error:
            run.wrong = f"{type(error).__name__}: {error}"
            self._clear(fault)
        self.done.append(run)
        return run

    def _clear(self, fault: Fault) -> None:
        """After a failure: nothing stays broken for the next run, which begins with a world of its own."""
        with contextlib.suppress(Exception):
            if fault.lift is not None:
                fault.lift(self.world.stage)
        with contextlib.suppress(Exception):
            self.world.stage.postgres.start()
            self.world.stage.redis.start()
            for service in self.world.stage.product.services.values():
                service.kill_main()
            self.world.years = 0
            self.world.renew()
        self.case = None


def table(runs: list[Run]) -> str:
    """By fault: runs, failures, the longest recovery, what people saw; then fault by step."""
    lines = [
        "| Fault | Runs | Failed | Longest recovery, s | Files without a row | Pages that failed |",
        "|---|--:|--:|--:|--:|---|",
    ]
    for fault in FAULTS:
        rows = [run for run in runs if run.fault == fault.name]
        if not rows:
            continue
        said: dict[str, int] = {}
        for run in rows:
            for word, count in run.said.items():
                said[word] = said.get(word, 0) + count
        words = ", ".join(f"{word}: {count}" for word, count in sorted(said.items())) or "none"
        worst = max((run.recovered for run in rows if not run.wrong), default=0.0)
        failed, strays = sum(bool(run.wrong) for run in rows), sum(run.strays for run in rows)
        lines.append(f"| {fault.name} | {len(rows)} | {failed} | {worst:.1f} | {strays} | {words} |")
    lines += ["", f"| Fault | {' | '.join(NAMES)} |", f"|---|{'--:|' * len(NAMES)}"]
    for fault in FAULTS:
        counts = [sum(run.fault == fault.name and run.step == name for run in runs) for name in NAMES]
        if sum(counts):
            lines.append(f"| {fault.name} | {' | '.join(str(count or '') for count in counts)} |")
    return "\n".join(lines)


def main() -> int:
    """The runs, and their table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="one run alone")
    parser.add_argument("--quick", action="store_true", help="a job counts as lost after 2 s; few restarts")
    parser.add_argument("--seconds", type=float, default=0, help="begin no run after so many seconds")
    parser.add_argument("--old", default="", help="the release before, a tag or a commit, to run beside this one")
    parser.add_argument("--source", default="", help="the address of a migrated database, in place of migrating one")
    parser.add_argument("--log", type=Path, help="append each run to this file, as a line of JSON")
    parser.add_argument("--table", type=Path, nargs="+", help="play nothing: the table of such files")
    options = parser.parse_args()
    if options.table:
        lines = [line for file in options.table for line in file.read_text(encoding="utf-8").splitlines()]
        print(table([Run(**json.loads(line)) for line in lines]))
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):  # either ends the servers too
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scorecard-faults-", ignore_cleanup_errors=True) as name:
        world = World(Path(name), source=options.source, quick=options.quick, old=options.old)
        try:
            world.take_settings()
            world.stage.product.wait_ready()
            print(f"Prepared in {time.monotonic() - began:.0f} s.", flush=True)
            runs = _play(Runs(world, options.quick), options)
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):  # a second one would leave servers behind
                signal.signal(number, signal.SIG_IGN)
            world.end()
    print(table(runs))
    failed = [run for run in runs if run.wrong]
    lasted = time.monotonic() - began
    worst = max((run.recovered for run in runs if not run.wrong), default=0.0)
    print(f"\n{len(runs)} runs in {lasted:.0f} s, {len(failed)} failed; longest recovery {worst:.1f} s.")
    for run in failed:
        print(f"  seed {run.seed}: {run.step}, {run.fault}: {run.wrong}")
    return 1 if failed or not runs else 0


def _play(runs: Runs, options: argparse.Namespace) -> list[Run]:
    seeds = [options.seed] if options.seed is not None else range(options.first, options.first + options.runs)
    began = time.monotonic()
    for seed in seeds:
        if options.seconds and time.monotonic() - began > options.seconds:
            break
        started = time.monotonic()
        run = runs.one(seed)
        if options.log:
            with options.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(run), ensure_ascii=False) + "\n")
        took = time.monotonic() - started
        came = run.wrong or f"{run.recovered:.1f} s"
        print(f"{seed}: {run.step}, {run.fault} at {run.at:.2f}: {came} ({took:.1f} s)", flush=True)
    return runs.done


if __name__ == "__main__":
    sys.exit(main())
