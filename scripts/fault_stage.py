"""Sets the stage of the fault runs: servers, processes, and a small world that is prepared once and copied."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fault_kinds import Stage
from fault_processes import ROOT, Product, clock_library
from fault_servers import HOST, MEGABYTE, Disk, Network, Postgres, Redis
from fault_year import Case

DATABASE, TEMPLATE = "faults", "faults_world"
BANKS = 8  # years that one copy of the world lasts for


class World:
    """The servers, the product on them, and the prepared world."""

    def __init__(self, folder: Path, *, source: str, quick: bool, old: str) -> None:
        folder.chmod(0o755)  # PostgreSQL's user comes through
        self.folder = folder
        self.postgres, self.redis = Postgres(folder / "postgres"), Redis(folder)
        self.disk = Disk(folder / "data", 32 * MEGABYTE)
        self.networks: list[Network] = []
        self.products: list[Product] = []
        self.env: dict[str, str] = {}
        self._setup(source, quick, old)
        self.years = 0

    def _setup(self, source: str, quick: bool, old: str) -> None:
        self.postgres.create()
        self.redis.start()
        self._prepare(source)
        self.networks = [Network(self.postgres.port), Network(self.redis.port)]
        times = {"JOB_STALE_SECONDS": "2", "JOB_SWEEP_SECONDS": "0.5"} if quick else {}
        self.env = self._environment(DATABASE, self.networks[0].port) | times
        self.env["CELERY_BROKER_URL"] = f"redis://{HOST}:{self.networks[1].port}/0"
        library, rest = clock_library(self.folder), 0.3 if quick else 2.0
        self.postgres.restore(TEMPLATE, DATABASE)
        product = Product(self.env, self.folder, library, rest=rest)
        self.products = [product]
        before = None
        if old:
            from upgrade_drill import take_out

            before = self.folder / "old"
            before.mkdir()
            take_out(old, before)
        pace = 0.4 if quick else 1.0
        networks = self.networks[0], self.networks[1]
        self.stage = Stage(self.postgres, self.redis, *networks, self.disk, product, DATABASE, library, before, pace)

    def _environment(self, database: str, port: int) -> dict[str, str]:
        known = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "AUDIT_", "EMAIL_"))
        }
        known.pop("PYTHONDONTWRITEBYTECODE", None)
        return known | {
            "DJANGO_SETTINGS_MODULE": "scorecard.settings.dev",
            "DATABASE_URL": f"postgres://postgres@{HOST}:{port}/{database}",
            "SCORECARD_DATA_DIR": str(self.disk.folder),
            "LOG_LEVEL": "WARNING",
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def _prepare(self, source: str) -> None:
        """The template: the schema migrated (or copied from ``source``), the world in it, the data folder beside."""
        env = self._environment(TEMPLATE, self.postgres.port)
        if source:
            self.postgres.copy_from(source, TEMPLATE)
        else:
            self.postgres.sql(f'CREATE DATABASE "{TEMPLATE}"')
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=env, check=True
            )
        done = subprocess.run(
            [sys.executable, "scripts/fault_world.py", str(BANKS)],
            cwd=ROOT,
            env=env,
            check=True,
            stdout=subprocess.PIPE,
        )
        self.made: dict[str, Any] = json.loads(done.stdout)
        shutil.copytree(self.disk.folder, self.folder / "prepared")

    def take_settings(self) -> None:
        """Let Django in this process read the run's database, past the slow network."""
        os.environ |= self._environment(DATABASE, self.postgres.port)
        from fault_world import ready

        ready()

    def next_case(self) -> Case:
        """The next bank of the world; after the last one the world is made anew."""
        if self.years and self.years % BANKS == 0:
            self.renew()
        bank = self.made["banks"][self.years % BANKS]
        self.years += 1
        ports = [self.stage.product.port]
        return Case(bank["bank"], bank["case"], bank["code"], self.made["period"], self.made["password"], ports)

    @contextmanager
    def beside(self, case: Case) -> Iterator[None]:
        """Web and worker of the release before, on the same database and broker; people meet now one, now the other."""
        old = self.stage.old
        assert old is not None  # noqa: S101 - such a fault is drawn only where there is one
        product = Product(self.env, self.folder, self.stage.library, rest=1.0, root=old, name="-old")
        self.products.append(product)
        try:
            product.wait_ready()
            case.ports.append(product.port)
            yield
        finally:
            del case.ports[1:]
            product.end()
            self.products.remove(product)

    def renew(self) -> None:
        """Database and data folder as they were prepared, an empty broker."""
        from fault_checks import forget_connection

        forget_connection()
        self.postgres.restore(TEMPLATE, DATABASE)
        self.redis.say("FLUSHALL")
        for path in self.disk.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.folder / "prepared", self.disk.folder, dirs_exist_ok=True)
        for product in self.products:
            product.wait_ready()

    def end(self) -> None:
        """End every process and server."""
        for network in self.networks:
            network.ended, network.deaf = True, False
        for product in self.products:
            product.end()
        self.redis.stop()
        self.postgres.stop(signal.SIGQUIT)
        time.sleep(0.2)
        self.disk.end()
