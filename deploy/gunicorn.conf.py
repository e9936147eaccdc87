"""The web server. Threads: more than WEB_SLOTS and WEB_QUEUE together (docs/settings.md)."""

import os
from pathlib import Path

worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = 16
bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
timeout = 60
graceful_timeout = 30  # seconds that a request in progress gets at SIGTERM
keepalive = 5
control_socket_disable = True
loglevel = "warning"
forwarded_allow_ips = ""  # X-Forwarded-For is read by the product itself, by TRUSTED_PROXIES


def on_starting(server):
    """Counts of processes that are gone belong to the start before this one; each instance has a folder of its own."""
    if folder := os.environ.get("METRICS_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in Path(folder).glob("*.db"):
            file.unlink(missing_ok=True)


def child_exit(server, worker):
    """Leave the counts of a process that has ended to those that go on."""
    if os.environ.get("METRICS_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid, os.environ["METRICS_DIR"])
