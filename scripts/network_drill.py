"""Cuts off hosts of an installation while people work. Needs root, iproute2, PostgreSQL and redis-server.

    .venv/bin/python scripts/network_drill.py [HOST …]      the hosts to cut off, one after the other; all without any

Eight hosts, each a network namespace with an address on one bridge: two web servers, three workers (the first with
beat), PostgreSQL with a standby that commits wait for, Redis. Requests of a person go to the web servers by turns. In
the middle of a step the link of one host goes down, for longer than anybody waits for an answer, while readers open
pages; the drill does what a cluster's manager does (it ends a database that is cut off and promotes its standby; where
the standby is cut off, commits wait for it no more). Then the host is back. After each the same must hold as after any
fault (docs/reliability.md). Prints the times; ends with 1 where something does not hold.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from fault_checks import check_data
from fault_kinds import Fault, Stage
from fault_person import Failed, Person
from fault_processes import ROOT, Service
from fault_runs import play
from fault_servers import Postgres, Redis, free_port, wait_for
from fault_stage import DATABASE, TEMPLATE, World
from fault_year import YEAR, Case

SEES = 1.0  # seconds until a manager believes that a host is away
AWAY = 12.0  # seconds for which a host is cut off
LONG_AWAY = (
    45.0  # the same of the database that is written to: longer than the product may take to go on with the other
)
SECONDS = 4  # for which the proxy of a person waits for an answer
READERS = 4
#: The host that is cut off in each of the steps, which all ask for something of it.
CUTS = {
    "web1": "save", "work1": "submit", "redis": "accept", "db2": "points", "web2": "pass_to_second",
    "db1": "decide", "work2": "issue_notice", "work3": "acknowledge",
}  # fmt: skip


def ip(*words: str) -> None:
    """One command of iproute2."""
    subprocess.run(["ip", *words], check=True)


class Hosts:
    """Network namespaces on a bridge. Nobody else's are touched: names and addresses hold a number of this process."""

    def __init__(self) -> None:
        self.number = os.getpid() % 200 + 20
        self.bridge = f"sc{self.number}"
        self.places: dict[str, int] = {}
        ip("link", "add", self.bridge, "type", "bridge")
        ip("address", "add", f"10.77.{self.number}.1/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")

    def add(self, name: str) -> None:
        """One more host."""
        self.places[name] = place = len(self.places) + 11
        space, outer = f"{self.bridge}-{name}", self._link(name)
        ip("netns", "add", space)
        ip("link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("link", "set", outer, "master", self.bridge, "up")
        for words in (
            ["address", "add", f"10.77.{self.number}.{place}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "lo", "up"],
        ):
            ip("-n", space, *words)

    def _link(self, name: str) -> str:
        return f"{self.bridge}v{self.places[name]}"

    def address(self, name: str) -> str:
        """The address of a host."""
        return f"10.77.{self.number}.{self.places[name]}"

    def enter(self, name: str) -> list[str]:
        """The words that begin a command on a host."""
        return ["ip", "netns", "exec", f"{self.bridge}-{name}"]

    def link(self, name: str, state: str) -> None:
        """``down`` cuts a host off: what it sends and what is sent to it is lost, and nobody is told."""
        ip("link", "set", self._link(name), state)

    def end(self) -> None:
        """Take everything away."""
        for name in self.places:
            subprocess.run(["ip", "netns", "delete", f"{self.bridge}-{name}"], check=False)
        subprocess.run(["ip", "link", "delete", self.bridge], check=False)


class Web:
    """The two web servers as the checks see them: ready where both are."""

    def __init__(self, places: list[tuple[str, int]]) -> None:
        self.places = places
        self.port = 0

    def ready(self) -> bool:
        """Whether both may be given requests."""
        import http.client

        for host, port in self.places:
            link = http.client.HTTPConnection(host, port, timeout=5)
            try:
                link.request("GET", "/readyz")
                if link.getresponse().status != 200:
                    return False
            except (OSError, http.client.HTTPException):
                return False
            finally:
                link.close()
        return True


class Installation(World):
    """The world of the fault runs, on hosts."""

    def _setup(self, source: str, quick: bool, old: str) -> None:
        self.hosts = Hosts()
        for name in ("web1", "web2", "work1", "work2", "work3", "db1", "db2", "redis"):
            self.hosts.add(name)
        self.on = {"db1": self._postgres("db1"), "db2": self._postgres("db2")}
        self.main, self.other = "db1", "db2"
        self.postgres = self.on["db1"]
        self.redis = Redis(self.folder, self.hosts.address("redis"), self.hosts.enter("redis"))
        self.postgres.create()
        self.redis.start()
        self._prepare(source)
        self.postgres.restore(TEMPLATE, DATABASE)
        self.on["db2"].follow(self.postgres)
        self.env = self._environment(DATABASE, 0)
        self.env["CELERY_BROKER_URL"] = f"redis://{self.redis.host}:{self.redis.port}/0"
        self.web = Web([(self.hosts.address(name), free_port()) for name in ("web1", "web2")])
        self.services = [self._web(name, place) for name, place in zip(("web1", "web2"), self.web.places, strict=True)]
        self.services += [self._celery(name, "worker") for name in ("work1", "work2", "work3")]
        self.services.append(self._celery("work1", "beat"))
        web: Any = self.web
        none: Any = None
        self.stage = Stage(self.postgres, self.redis, none, none, self.disk, web, DATABASE, None)

    def _postgres(self, name: str) -> Postgres:
        made = len(list(self.folder.glob("postgres*")))
        folder = self.folder / f"postgres{made}-{name}"
        return Postgres(folder, self.hosts.address(name), self.hosts.enter(name))

    def _environment(self, database: str, port: int) -> dict[str, str]:
        made = super()._environment(database, port)
        both = [self.on["db1"], self.on["db2"]]
        query = f"host={','.join(one.host for one in both)}&port={','.join(str(one.port) for one in both)}"
        if port:  # the template, before there is a standby
            made["DATABASE_URL"] = f"postgres://postgres@{both[0].host}:{port}/{database}"
        else:
            made["DATABASE_URL"] = (
                f"postgres://postgres@/{database}?{query}&target_session_attrs=read-write&connect_timeout=3"
            )
        return made | {"ALLOWED_HOSTS": ",".join(self.hosts.address(name) for name in ("web1", "web2"))}

    def _web(self, name: str, place: tuple[str, int]) -> Service:
        env = self.env | {"WEB_BIND": f"{place[0]}:{place[1]}", "METRICS_DIR": str(self.folder / f"metrics-{name}")}
        words = [".venv/bin/gunicorn", "--config", "deploy/gunicorn.conf.py", "scorecard.wsgi"]
        return Service(name, [*self.hosts.enter(name), *words], env, self.folder, ROOT, 2.0)

    def _celery(self, name: str, what: str) -> Service:
        words = [".venv/bin/celery", "--quiet", "-A", "scorecard.celery", what, "--loglevel", "warning"]
        if what == "worker":
            words += ["--queues", "default,scoring", "--concurrency", "1", "--without-gossip", "--without-mingle"]
        else:
            words += ["--schedule", str(self.folder / "schedule")]
        return Service(f"{name}-{what}", [*self.hosts.enter(name), *words], self.env, self.folder, ROOT, 2.0)

    def take_settings(self) -> None:
        """Let Django in this process read the database, wherever it is written to."""
        os.environ |= self._environment(DATABASE, 0)
        from fault_world import ready

        ready()

    def next_case(self) -> Case:
        """The first bank's year, by the two web servers."""
        bank = self.made["banks"][0]
        ports: Any = self.web.places
        return Case(bank["bank"], bank["case"], bank["code"], self.made["period"], self.made["password"], ports)

    # --- What is cut off, and what a manager does meanwhile -----------------------------------------------------------
    def cut(self, name: str, _stage: Stage) -> None:
        """The link goes down; a manager of the database acts once it believes it."""
        self.hosts.link(name, "down")
        time.sleep(SEES)
        if name == self.main:
            self.postgres.stop(signal.SIGKILL)  # by its host's own power, not over the network
            self.on[self.other].promote()
        elif name == self.other:
            self.postgres.sql("ALTER SYSTEM RESET synchronous_standby_names")
            self.postgres.sql("SELECT pg_reload_conf()")

    def mend(self, name: str, _stage: Stage) -> None:
        """The link is up again; a database that was cut off follows the other one, as an empty machine would."""
        self.hosts.link(name, "up")
        if name not in self.on:
            return
        if name == self.main:
            self.main, self.other = self.other, self.main
            self.postgres = self.on[self.main]
        port = self.on[name].port
        with contextlib.suppress(Exception):
            self.on[name].stop(signal.SIGKILL)
        self.on[name] = fresh = self._postgres(name)
        fresh.port = port
        reached = [*self.hosts.enter(name), str(fresh.bin / "pg_isready"), "-q", "-h", self.postgres.host]
        reached += ["-p", str(self.postgres.port)]
        wait_for(lambda: subprocess.run(reached, check=False).returncode == 0, 30, f"{name} reaches the other database")
        fresh.follow(self.postgres)

    def end(self) -> None:
        """End every process, server and host."""
        for service in self.services:
            service.end()
        self.redis.stop()
        for one in self.on.values():
            with contextlib.suppress(Exception):
                one.stop(signal.SIGQUIT)
        self.hosts.end()
        time.sleep(0.2)
        self.disk.end()


class Readers:
    """Supervisors who open pages all the time; how often a page came, and how often not."""

    def __init__(self, case: Case) -> None:
        self.wanted, self.came, self.failed = True, 0, 0
        self.threads = [threading.Thread(target=self._read, args=[case], daemon=True) for _each in range(READERS)]
        for each in self.threads:
            each.start()

    def _read(self, case: Case) -> None:
        person = Person("officer", case.password, case.ports)
        person.patience = SECONDS
        while self.wanted:
            for page in ("/", "/review/", "/banks/", "/rounds/"):
                try:
                    person.get(page)
                    self.came += 1
                except (Failed, StopIteration):
                    self.failed += 1
                time.sleep(0.2)

    def end(self) -> None:
        """Let them go."""
        self.wanted = False
        for each in self.threads:
            each.join(2 * SECONDS)


def drill(world: Installation, hosts: list[str]) -> list[str]:
    """A year in which each of these hosts is cut off once; what does not hold, in sentences."""
    case, wrong = world.next_case(), []
    at = {CUTS[name]: name for name in hosts}
    last = max(place for place, step in enumerate(YEAR) if step.name in at)
    print("| Host | Step | Person through, s | Settled after it was back, s | Tries | What failed | Readers' pages |")
    print("|---|---|--:|--:|--:|---|---|", flush=True)
    for place, step in enumerate(YEAR[: last + 1]):
        case.person(step.who).patience = SECONDS
        if step.name not in at:
            play(step, case, world.stage)
            continue
        name, readers = at[step.name], Readers(case)
        away = LONG_AWAY if name == world.main else AWAY
        fault = Fault(name, partial(world.cut, name), partial(world.mend, name), away)
        try:
            run = play(step, case, world.stage, fault, at=0.1)
            readers.end()
            check_data(case, place)
        except Exception as error:
            wrong.append(f"{name} in {step.name}: {type(error).__name__}: {error}")
            break
        finally:
            readers.wanted = False
        said = ", ".join(f"{word}: {count}" for word, count in sorted(run.said.items())) or "nothing"
        pages = f"{readers.came} came, {readers.failed} did not"
        row = f"| {name} | {step.name} | {run.took:.1f} | {run.recovered:.1f} | {run.tries} | {said} | {pages} |"
        print(row, flush=True)
    return wrong


def main() -> int:
    """The drill, with its times as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hosts", nargs="*", metavar="host", help=f"of {', '.join(CUTS)}")
    asked = parser.parse_args().hosts or list(CUTS)
    if unknown := set(asked) - set(CUTS):
        parser.error(f"There is no host {', '.join(sorted(unknown))}; there are {', '.join(CUTS)}.")
    for number in (signal.SIGTERM, signal.SIGINT):  # either ends hosts and servers too
        signal.signal(number, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scorecard-network-", ignore_cleanup_errors=True) as name:
        world = Installation(Path(name), source="", quick=False, old="")
        try:
            world.take_settings()
            wait_for(world.web.ready, 120, "both web servers are ready")
            wrong = drill(world, asked)
        finally:
            world.end()
    print(f"{len(asked)} hosts, {time.monotonic() - began:.0f} s in all.")
    for words in wrong:
        print(words, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
