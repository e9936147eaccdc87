"""Metrics in Prometheus' text format: requests as each process counts them, and the state of the service when asked.

Labels are names of views, methods, classes of answers, queues and probes; never a bank, a person or an address. With
several web processes each writes its counts into a file below ``METRICS_DIR``, and whichever is asked adds them up.
"""

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings

if settings.METRICS_DIR:  # read by the library when it is imported
    os.makedirs(settings.METRICS_DIR, mode=0o700, exist_ok=True)  # noqa: PTH103
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", settings.METRICS_DIR)

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from scorecard.audit.checkpoints import last_checkpoint
from scorecard.audit.models import Event
from scorecard.jobs.registry import queues

from .probes import BAD, examine, is_degraded, oldest_waiting

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REQUESTS = Counter("scorecard_requests", "Requests by view, method and class of answer", ["view", "method", "answer"])
SECONDS = Histogram(
    "scorecard_request_seconds", "Seconds from the first middleware to the answer", ["view"],
    buckets=(0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0),
)  # fmt: skip


def count_request(view: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(view, method, f"{status // 100}xx").inc()
    SECONDS.labels(view).observe(seconds)


class StateCollector:
    """The state of the whole service, out of the database, when somebody asks."""

    def describe(self) -> list[Any]:
        """Nothing before it is asked for."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Probes, queues, the trail."""
        found = examine()
        yield GaugeMetricFamily("scorecard_degraded", "1 while some probe is bad", value=float(is_degraded(found)))
        states = GaugeMetricFamily("scorecard_probe_bad", "1 while this probe is bad", labels=["probe"])
        values = GaugeMetricFamily(
            "scorecard_probe", "The number of a probe, in the unit of its name", labels=["probe"]
        )
        for name, (_title, one) in found.items():
            states.add_metric([name], float(one.state == BAD))
            if one.number is not None:
                values.add_metric([name], one.number)
        yield states
        yield values
        waiting = GaugeMetricFamily("scorecard_jobs_waiting", "Jobs that wait", labels=["queue"])
        oldest = GaugeMetricFamily("scorecard_jobs_oldest_seconds", "Age of the oldest of them", labels=["queue"])
        for queue in queues():
            count, age = oldest_waiting(queue)
            waiting.add_metric([queue], count)
            oldest.add_metric([queue], age)
        yield waiting
        yield oldest
        newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        known = last_checkpoint()
        yield GaugeMetricFamily("scorecard_events", "Events of the audit trail", value=newest)
        yield GaugeMetricFamily(
            "scorecard_checkpoint_events", "Events under the newest checkpoint", value=known.size if known else 0
        )


def exposition() -> bytes:
    """Everything, as text."""
    registry = CollectorRegistry()
    if settings.METRICS_DIR:
        MultiProcessCollector(registry)
        counted = generate_latest(registry)
    else:
        counted = generate_latest(REGISTRY)
    state = CollectorRegistry()
    state.register(StateCollector())
    return counted + generate_latest(state)
