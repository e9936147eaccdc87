"""What the application is made of: the licence of each package, the bill of materials, known weaknesses.

    .venv/bin/python scripts/packages.py licences      each package of requirements.txt has a licence that may be used
    .venv/bin/python scripts/packages.py sbom FILE     all of them with their hashes, as CycloneDX
    .venv/bin/python scripts/packages.py weaknesses    what the public lists of weaknesses say of them

The last two run a tool in an environment of its own, which uv makes out of the package index. A list of weaknesses that
cannot be reached is said and is no failure.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.txt"
UV = Path(sys.executable).with_name("uv")
SBOM, AUDIT = "cyclonedx-bom==7.5.0", "pip-audit==2.10.1"

#: Licences under which a package may be installed beside code under Apache-2.0 and handed on with it. The LGPL and the
#: MPL bind the package itself, which is taken as it is.
ALLOWED = (
    *("MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Apache-2.0", "Apache Software", "PSF-2.0"),
    *("Python Software Foundation", "CNRI-Python", "Zlib", "CC0-1.0", "Unlicense", "HPND", "MIT-CMU", "OFL-1.1"),
    *("SIL Open Font License 1.1 (OFL-1.1)", "MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)", "LGPL-3.0-only"),
    *(
        "GNU Lesser General Public License v3 (LGPLv3)",
        "Apache 2.0",
        "Apache License 2.0",
        "BSD 3-Clause",
        "MIT License",
    ),
)


def pinned(lock: Path = LOCK) -> dict[str, str]:
    """The packages of a lock with their versions."""
    return dict(
        re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    )


def licences_of(found: Distribution) -> list[str]:
    """What a package says of its licence: the expression, else the classifiers, else the free text's first line."""
    about: Any = found.metadata
    if said := about.get("License-Expression"):
        return [one.strip("() ") for one in re.split(r"\bAND\b|\bOR\b|\bWITH\b", said)]
    names = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License :: ")]
    names = [name for name in names if name != "OSI Approved"]
    return names or [line.strip() for line in (about.get("License") or "").splitlines()[:1] if line.strip()]


def strangers(packages: dict[str, str]) -> list[str]:
    """The packages whose licence is missing or not among those that may be used, each in a sentence."""
    wrong = []
    for name in packages:
        try:
            said = licences_of(distribution(name))
        except PackageNotFoundError:
            continue  # of another platform
        bad = [one for one in said if one.removesuffix(" License") not in ALLOWED and one not in ALLOWED]
        if bad or not said:
            wrong.append(f"{name}: {', '.join(bad) or 'says nothing of its licence'}")
    return wrong


def _tool(package: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(UV), "tool", "run", "--from", package, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


def sbom(target: Path) -> int:
    """Write the bill of materials; 1 where the tool could not be had or failed."""
    done = _tool(SBOM, "cyclonedx-py", "requirements", str(LOCK), "--of", "JSON", "-o", str(target.resolve()))
    if done.returncode:
        print(f"The bill of materials could not be made: {done.stderr.strip().splitlines()[-1:]}")
        return 1
    found = {each["name"] for each in json.loads(target.read_text(encoding="utf-8"))["components"]}
    if lacking := sorted(set(pinned()) - found):
        print(f"The bill of materials lacks {', '.join(lacking)}.")
        return 1
    print(f"{len(found)} packages with their hashes in {target}.")
    return 0


def weaknesses() -> int:
    """Look every package up; 1 where one has a known weakness."""
    done = _tool(
        AUDIT, "pip-audit", "-r", str(LOCK), "--no-deps", "--disable-pip", "--require-hashes", "--format", "json"
    )
    try:
        rows = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"The lists of weaknesses could not be asked: {done.stderr.strip().splitlines()[-1:]}")
        return 0
    known = [f"{row['name']} {row['version']}: {weak['id']}" for row in rows for weak in row.get("vulns", ())]
    asked = [row for row in rows if "skip_reason" not in row]
    print(
        "\n".join([*known, f"{len(asked)} of {len(rows)} packages were looked up, {len(known)} weaknesses are known."])
    )
    if len(asked) < len(rows):
        print("What was not looked up is not known to the lists, or they cannot be reached from here.")
    return 1 if known else 0


def main() -> int:
    """0 where nothing is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("licences")
    commands.add_parser("sbom").add_argument("file", type=Path)
    commands.add_parser("weaknesses")
    asked = parser.parse_args()
    if asked.command == "sbom":
        return sbom(asked.file)
    if asked.command == "weaknesses":
        return weaknesses()
    wrong = strangers(pinned())
    print("\n".join(wrong) or f"{len(pinned())} packages, each with a licence that may be used.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
