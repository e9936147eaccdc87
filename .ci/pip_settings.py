"""Writes the settings by which pip works for this user and this environment into a file for another user.

Standard library only. Nothing is written where pip needs no setting.
"""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path

NOT_SETTINGS = {"PIP_CONFIG_FILE", "PIP_USER", "PIP_PREFIX", "PIP_TARGET", "PIP_REQUIRE_VIRTUALENV"}


def gather(environment: dict[str, str]) -> configparser.RawConfigParser:
    """The user's files, then the variables, which count more, as for pip itself."""
    found = configparser.RawConfigParser()
    files = [Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"]
    found.read([*files, environment.get("PIP_CONFIG_FILE", os.devnull)], encoding="utf-8")
    values = {
        key[4:].lower().replace("_", "-"): value
        for key, value in environment.items()
        if key.startswith("PIP_") and key not in NOT_SETTINGS
    }
    if proxy := environment.get("https_proxy") or environment.get("HTTPS_PROXY"):
        values.setdefault("proxy", proxy)
    if values and not found.has_section("global"):
        found.add_section("global")
    for key, value in values.items():
        found.set("global", key, value)
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1])
    settings = gather(dict(os.environ))
    if settings.sections():
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8") as file:
            settings.write(file)
