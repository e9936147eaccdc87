#!/usr/bin/env python3
"""File a whole assessment from a CSV by the API (docs/api.md). Python's standard library alone.

    python api-client.py ADDRESS ASSESSMENT FILE.csv --preparer TOKEN [--reviewer TOKEN] [--signatory TOKEN]

The CSV (UTF-8) has the columns ``field`` and ``value``. A field is the address of a value in the draft:

    facts/sme_bal_end               1200000
    answers/A1/narrative            What we have done …
    answers/A1/self_points          4.5
    answers/G6/not_applicable       true
    report                          The year in short …
    explanations/jump               Why a warning is none
    evidence/A1                     rules.pdf          (a file beside the CSV)

With the preparer's token alone it fills in the draft and says what is still missing. With the reviewer's and the
signatory's it passes the filing on, and signs: it shows the digest of what is signed and asks the signatory for the
password. Tokens are better kept in the environment: SCORECARD_PREPARER, SCORECARD_REVIEWER, SCORECARD_SIGNATORY.
"""

import argparse
import csv
import getpass
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path


class Refused(Exception):
    """The server's problem, field by field."""

    def __init__(self, problem):
        self.problem = problem
        lines = [f"{error['field']}: {error['message']}" for error in problem.get("errors", [])]
        super().__init__(
            "\n".join([f"{problem['status']} {problem['title']}", *lines] if lines else [problem["detail"]])
        )


class Machine:
    """One person's token at one server."""

    def __init__(self, address, token, language="zh-CN"):
        if not address.startswith(("https://", "http://")):
            raise SystemExit("The address begins with https:// (http:// for a trial on this computer).")
        self.address, self.token, self.language = address.rstrip("/"), token, language

    def ask(self, method, path, body=None, *, content_type="application/json", key=""):
        """One request; sent again when the server is busy, and under one key so that it is done once."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        if data is not None:
            headers["Content-Type"] = content_type
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        for attempt in range(6):
            request = urllib.request.Request(f"{self.address}/api/v1{path}", data, headers, method=method)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    text = answer.read()
                    return json.loads(text) if text else {}
            except urllib.error.HTTPError as error:
                problem = json.loads(error.read() or b"{}")
                if error.code in (429, 503) and attempt < 5:
                    time.sleep(min(60, int(error.headers.get("Retry-After") or 5)))
                    continue
                raise Refused(problem) from None
        raise AssertionError("unreachable")

    def upload(self, path, indicator, file):
        """One evidence file."""
        mark, content = uuid.uuid4().hex, Path(file).read_bytes()
        name = Path(file).name.replace('"', "'")
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="indicator"\r\n\r\n{indicator}\r\n'.encode(),
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode(),
            content,
            f"\r\n--{mark}--\r\n".encode(),
        ]
        kind = f"multipart/form-data; boundary={mark}"
        return self.ask("POST", path, b"".join(parts), content_type=kind)


def read_file(path):
    """The changes of a CSV, and its evidence as (indicator, path)."""
    change, evidence = {"facts": {}, "answers": {}, "explanations": {}}, []
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            group, _slash, rest = (row["field"] or "").strip().partition("/")
            value = row["value"] or ""
            if group == "facts" and rest:
                change["facts"][rest] = value or None
            elif group == "answers" and rest.count("/") == 1:
                name, part = rest.split("/")
                given = value.strip().lower() in ("true", "1", "是") if part == "not_applicable" else value
                change["answers"].setdefault(name, {})[part] = given
            elif group == "explanations" and rest:
                change["explanations"][rest] = value
            elif group == "report":
                change["report"] = value
            elif group == "evidence" and rest:
                evidence.append((rest, Path(path).parent / value))
            else:
                raise SystemExit(f"{path}, line {number}: there is no field “{row['field']}”.")
    return change, evidence


def fill(machine, assessment, change, evidence, say=print):
    """Fill in the draft; files that are there already are not sent again."""
    here = f"/assessments/{assessment}"
    draft = machine.ask("GET", f"{here}/draft")
    saved = machine.ask("PATCH", f"{here}/draft", {"revision": draft["revision"], **change})
    say(f"{len(saved['written'])} values saved, revision {saved['revision']}")
    there = {(row["indicator"], row["sha256"]) for row in machine.ask("GET", f"{here}/evidence")["items"]}
    for indicator, file in evidence:
        if (indicator, hashlib.sha256(file.read_bytes()).hexdigest()) not in there:
            machine.upload(f"{here}/evidence", indicator, file)
            say(f"{file.name} uploaded for {indicator}")
    found = machine.ask("GET", f"{here}/checks")
    for gap in found["gaps"]:
        say(f"still open: {gap['field']} {gap['label']} {gap['text']}")
    return found["complete"]


def pass_on(machine, assessment, step):
    """Take a step that is no signature."""
    return machine.ask("POST", f"/assessments/{assessment}/steps/{step}", {})


def sign(machine, assessment, password, say=print):
    """Sign what stands there now: the digest goes back with the password."""
    look = machine.ask("GET", f"/assessments/{assessment}/steps/submit")
    if look["reasons"]:
        raise SystemExit("\n".join(look["reasons"]))
    say(f"{look['title']}: {len(look['content'])} items, SHA-256 {look['digest']}")
    body = {"digest": look["digest"], "password": password()}
    return machine.ask("POST", f"/assessments/{assessment}/steps/submit", body)


def wait_for_result(machine, assessment, seconds=60):
    """The score, once the server has computed it."""
    for _ in range(seconds):
        result = machine.ask("GET", f"/assessments/{assessment}/result")
        if result["state"] == "scored":
            break
        time.sleep(1)
    return result


def main(arguments=None, password=lambda: getpass.getpass("Password of the signatory: ")):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("assessment", type=int)
    parser.add_argument("file")
    for who in ("preparer", "reviewer", "signatory"):
        parser.add_argument(f"--{who}", default=os.environ.get(f"SCORECARD_{who.upper()}", ""), metavar="TOKEN")
    parser.add_argument("--language", default="zh-CN", help="of messages: zh-CN or en")
    given = parser.parse_args(arguments)
    machines = {
        who: Machine(given.address, getattr(given, who), given.language)
        for who in ("preparer", "reviewer", "signatory")
        if getattr(given, who)
    }
    try:
        if not fill(machines["preparer"], given.assessment, *read_file(given.file)):
            return 1
        if "reviewer" in machines:
            pass_on(machines["preparer"], given.assessment, "pass_to_reviewer")
            pass_on(machines["reviewer"], given.assessment, "pass_to_signatory")
        if "signatory" in machines:
            done = sign(machines["signatory"], given.assessment, password)
            print(f"version {done['version']} submitted, SHA-256 {done['digest']}")
            result = wait_for_result(machines["signatory"], given.assessment)
            print(f"result: {result['state']} {result['total'] or ''}")
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
