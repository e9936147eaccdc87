"""The faults of a run: each strikes once; one that lasts is lifted again. What the machine cannot do is left out."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fault_processes import Product
from fault_servers import Disk, Network, Postgres, Redis

DAY = 86400


@dataclass
class Stage:
    """Everything that a fault can strike."""

    postgres: Postgres
    redis: Redis
    to_postgres: Network
    to_redis: Network
    disk: Disk
    product: Product
    database: str
    library: Path | None
    old: Path | None = None  # the code of the release before
    pace: float = 1.0  # of how long faults last

    def has(self, what: str) -> bool:
        """Whether this machine can show such faults."""
        found = {"": True, "disk": self.disk.mounted, "clock": self.library is not None, "old": self.old is not None}
        return found[what]


Action = Callable[[Stage], object]


@dataclass(frozen=True)
class Fault:
    """``lift`` ends one that lasts ``hold`` seconds. ``restarts``: a process of the product starts anew (seconds)."""

    name: str
    strike: Action
    lift: Action | None = None
    hold: float = 1.5
    needs: str = ""
    restarts: bool = False


def _kill(unit: str, *, child: bool = False) -> Action:
    def strike(stage: Stage) -> None:
        service = stage.product.services[unit]
        service.kill_child() if child else service.kill_main()

    return strike


def _power_cut(stage: Stage) -> None:
    for service in stage.product.services.values():
        service.kill_child()
        service.kill_main()
    stage.redis.stop()
    stage.postgres.stop(signal.SIGKILL)


def _power_back(stage: Stage) -> None:
    stage.postgres.start()
    stage.redis.start()


def _stop_postgres(mode: int) -> Action:
    return lambda stage: stage.postgres.stop(mode)


def _restart_postgres(mode: int) -> Action:
    def strike(stage: Stage) -> None:
        stage.postgres.stop(mode)
        stage.postgres.start()

    return strike


def _restart_redis(stage: Stage) -> None:
    stage.redis.stop()
    stage.redis.start()


def _redis_room(size: str) -> Action:
    return lambda stage: stage.redis.say("CONFIG", "SET", "maxmemory", size)


def _clock(seconds: int) -> Action:
    def strike(stage: Stage) -> None:
        stage.product.set_clock(seconds)

    return strike


def _network(which: str, **values: float) -> Action:
    def strike(stage: Stage) -> None:
        network: Network = getattr(stage, which)
        for name, value in values.items():
            setattr(network, name, value)

    return strike


def _wrong_clock(name: str, seconds: int) -> Fault:
    return Fault(name, _clock(seconds), _clock(0), 2.5, "clock")


FAULTS = (
    Fault("web: main process killed", _kill("web"), restarts=True),
    Fault("web: children killed", _kill("web", child=True), restarts=True),
    Fault("worker: main process killed", _kill("worker"), restarts=True),
    Fault("worker: children killed", _kill("worker", child=True)),
    Fault("beat killed", _kill("beat"), restarts=True),
    Fault("everything killed at once", _power_cut, _power_back, restarts=True),
    Fault("Redis killed, back empty", lambda stage: stage.redis.stop(), lambda stage: stage.redis.start()),
    Fault("Redis restarted", _restart_redis),
    Fault("Redis emptied (FLUSHALL)", lambda stage: stage.redis.say("FLUSHALL")),
    Fault("Redis' memory full", _redis_room("1"), _redis_room("0")),
    Fault("Redis does not answer", _network("to_redis", deaf=True), _network("to_redis", deaf=False), 4),
    Fault("PostgreSQL killed (-9)", _stop_postgres(signal.SIGKILL), lambda stage: stage.postgres.start(), 0.5),
    Fault("PostgreSQL crashed (immediate)", _restart_postgres(signal.SIGQUIT)),
    Fault("PostgreSQL restarted (fast)", _restart_postgres(signal.SIGINT)),
    Fault("PostgreSQL away", _stop_postgres(signal.SIGINT), lambda stage: stage.postgres.start(), 3),
    Fault("sessions of PostgreSQL ended", lambda stage: stage.postgres.cut(stage.database)),
    Fault("PostgreSQL does not answer", _network("to_postgres", deaf=True), _network("to_postgres", deaf=False), 4),
    Fault("connections to PostgreSQL broken off", lambda stage: stage.to_postgres.break_off()),
    Fault("connections to Redis broken off", lambda stage: stage.to_redis.break_off()),
    Fault("network to PostgreSQL slow", _network("to_postgres", delay=0.02), _network("to_postgres", delay=0.0), 2),
    Fault("network to Redis slow", _network("to_redis", delay=0.2), _network("to_redis", delay=0.0), 3),
    Fault("disk full", lambda stage: stage.disk.fill(), lambda stage: stage.disk.make_room(), needs="disk"),
    Fault("disk read-only", lambda stage: stage.disk.read_only(True), lambda stage: stage.disk.read_only(False),
          needs="disk"),
    _wrong_clock("clock two hours ahead", 7200),
    _wrong_clock("clock two hours behind", -7200),
    _wrong_clock("clock forty days ahead", 40 * DAY),
    _wrong_clock("clock forty days behind", -40 * DAY),
    Fault("release before beside the new one", lambda stage: None, needs="old"),
)  # fmt: skip


def lift_after(stage: Stage, fault: Fault) -> None:
    """Let it last, and end it."""
    if fault.lift is not None:
        time.sleep(fault.hold * stage.pace)
        fault.lift(stage)
