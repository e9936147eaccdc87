"""Takes the pictures of ``docs/screenshots`` from a demonstration of its own: main pages, 1440 and 390 pixels wide.

Needs Debian's Chromium and a Chinese font. The demonstration is prepared in a temporary folder and served for the time
that the pictures take. Pictures are written in a palette of 256 colours where an image library is at hand.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "screenshots"
PASSWORD = "demo-scorecard-2017"  # noqa: S105  (every demonstration has it)
WIDTHS = {1440: 900, 390: 844}

# Picture → who looks, and the way there from the home page: addresses, or (selector, words) to press.
Way = list[Any]
PICTURES: dict[str, tuple[str, Way]] = {
    "sign-in": ("", ["/login/"]),
    "bank-home": ("dc01-preparer", []),
    "filing": ("dc03-preparer", [(".home-grid ul.tasks a", 1)]),
    "what-if": ("dc03-preparer", [(".home-grid ul.tasks a", 1), ("main a[href*='/what-if/']", 0)]),
    "money": ("dc01-preparer", ["/money/", ("main a[href*='/money/']", 0)]),
    "result": ("dc02-signatory", [("main a[href$='/result/']", 0)]),
    "notice": ("dc02-signatory", [("main a[href*='/notices/']", 0)]),
    "supervisor-home": ("officer1", []),
    "review-queue": ("officer1", ["/review/"]),
    "review": ("officer1", ["/review/?scope=all&state=first", ("main table a[href*='/review/']", 0)]),
    "decision": ("decider", [("main a.btn-primary", 0)]),
    "round": ("decider", ["/rounds/", ("main table a[href*='/rounds/']", 0)]),
    "round-figures": ("decider", ["/rounds/", ("main table a[href*='/rounds/']", 0), ("a[href$='/figures/']", 0)]),
    "register": ("admin", ["/banks/"]),
    "rulebook": ("admin", ["/rulebooks/", ("main table a[href*='/rulebooks/']", 0)]),
    "rulebook-diff": ("officer1", ["/rulebooks/", ("main a[href*='/diff/']", 0)]),
    "trial": ("officer1", ["/trials/", ("main table a[href*='/trials/']", 0)]),
    "report": ("auditor", ["/report/"]),
    "audit": ("auditor", ["/audit/"]),
}


def walk(page: Page, url: str, way: Way) -> None:
    """Go the way, address by address and press by press."""
    for part in way:
        if isinstance(part, str):
            page.goto(url + part)
        else:
            selector, which = part
            page.goto(url + str(page.locator(selector).nth(which).get_attribute("href")))
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)  # a page that opens at a place glides there


def sign_in(page: Page, url: str, username: str) -> None:
    """As somebody of the demonstration."""
    page.goto(f"{url}/login/")
    if username:
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{url}/")


def take(browser: Browser, url: str) -> None:
    """Every picture at both widths, in Chinese; the first of the product in English and dark as well."""
    only = set(sys.argv[1:])
    for width, height in WIDTHS.items():
        for name, (username, way) in PICTURES.items():
            if only and name not in only:
                continue
            context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
            page = context.new_page()
            sign_in(page, url, username)
            walk(page, url, way)
            path = TARGET / f"{name}-{width}.png"
            page.screenshot(path=path, animations="disabled")
            shrink(path)
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")
            context.close()


def shrink(path: Path) -> None:
    """256 colours are enough for a screen; a tool that is not there is not missed."""
    if (tool := shutil.which("pngquant")) is not None:
        subprocess.run([tool, "--force", "--quality", "70-95", "--output", str(path), str(path)], check=False)


def main() -> int:
    """``make screenshots``."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        print("There is no Chromium. Install it with: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if ready := os.environ.get("SCORECARD_PREPARED"):
            shutil.copytree(ready, data)
        env = os.environ | {"SCORECARD_DATA_DIR": str(data), "PORT": str(port), "DEMO": "0"}
        log = Path(folder) / "log"
        with log.open("wb") as out:
            subprocess.run(
                [sys.executable, "scripts/demo.py", "--prepare"], cwd=ROOT, env=env | {"DEMO": "1"}, check=True
            )
            server = subprocess.Popen([sys.executable, "scripts/demo.py"], cwd=ROOT, env=env, stdout=out, stderr=out)
        try:
            while not re.search("Ctrl-C ends it", log.read_text(encoding="utf-8")):
                if server.poll() is not None:
                    print(log.read_text(encoding="utf-8"), file=sys.stderr)
                    return 1
                time.sleep(0.2)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                take(browser, f"http://127.0.0.1:{port}")
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())
