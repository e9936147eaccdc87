"""`make demo` as somebody at a terminal sees it: started, opened, its worker asked, ended with Ctrl-C.

Run in the project's folder with the environment under test; the demonstration gets exactly that. Standard library only.
"""

from __future__ import annotations

import os
import pty
import select
import socket
import subprocess
import sys
import time
import urllib.request

ENVIRONMENT = {key: os.environ[key] for key in ("PATH", "HOME")}  # Python itself adds LC_CTYPE to its own
START_SECONDS = 300
END_SECONDS = 30


def free_port() -> int:
    """8000, the one that README names, or another where a programme of this machine has it."""
    for port in (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No port is free.")


def read_until(terminal: int, words: str, seconds: float) -> bool:
    """Show what the terminal shows until ``words`` appear; False when time or the programme ends before."""
    shown = b""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if terminal not in select.select([terminal], [], [], left)[0]:
            break
        try:
            more = os.read(terminal, 65536)
        except OSError:  # Linux says so when the last process that had the terminal is gone
            break
        sys.stdout.buffer.write(more)
        sys.stdout.flush()
        shown += more
        if words and words.encode() in shown:
            return True
    return False


def check_pages(port: int) -> None:
    """The address leads to a sign-in page in Chinese, with a form and a style sheet that is served."""
    with urllib.request.urlopen(f"http://localhost:{port}/", timeout=10) as answer:
        page = answer.read().decode()
        assert answer.status == 200 and "/login/" in answer.url, answer.url
    assert 'name="username"' in page and "普惠金融监管评价" in page, page[:2000]
    sheet = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    with urllib.request.urlopen(f"http://localhost:{port}{sheet}", timeout=10) as answer:
        assert answer.status == 200, sheet
    print(f"The sign-in page answers: {len(page)} characters; so does {sheet}.", flush=True)


def check_worker() -> None:
    """A worker answers through the broker."""
    ask = [".venv/bin/celery", "-A", "scorecard.celery", "inspect", "ping", "--timeout", "3"]
    for _ in range(5):
        done = subprocess.run(ask, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=60, check=False)
        if done.returncode == 0 and "pong" in done.stdout:
            print(f"A worker answers: {done.stdout.strip()}", flush=True)
            return
    raise AssertionError(f"No worker answers:\n{done.stdout}\n{done.stderr}")


def main() -> int:
    """0 when the demonstration started, answered and left nothing behind."""
    port = free_port()
    command = ["make", "demo"] if port == 8000 else ["make", "demo", f"PORT={port}"]
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, ENVIRONMENT)
    assert read_until(terminal, "Ctrl-C ends it", START_SECONDS), "The demonstration did not start."
    try:
        check_pages(port)
        check_worker()
    finally:
        os.write(terminal, b"\x03")
        read_until(terminal, "", END_SECONDS)
        os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code in (0, 2, -2), f"make ended with code {code}."  # make itself ends by the signal
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, f"Something still listens on port {port}."
    print("\nCtrl-C ended it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
