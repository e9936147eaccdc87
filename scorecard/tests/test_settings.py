"""The documented table of variables, the safe defaults, and Django's own deployment check."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from scorecard.access.checks import proxies_are_named

ROOT = Path(__file__).resolve().parents[2]


def _read_by_settings() -> set[str]:
    found = set()
    for path in (ROOT / "scorecard" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                name = node.args[0]
                of_env = isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
                if of_env and isinstance(name, ast.Constant):
                    found.add(str(name.value))
    return found


def test_the_table_lists_what_the_settings_read() -> None:
    table = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE))
    assert documented - {"DJANGO_SETTINGS_MODULE"} == _read_by_settings()


def test_nothing_runs_eagerly_and_the_defaults_are_safe() -> None:
    from scorecard.settings import base

    assert base.CELERY_TASK_ALWAYS_EAGER is False
    assert base.DEBUG is False
    assert base.DEMO is False
    assert "*" not in base.ALLOWED_HOSTS
    policy = base.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for name, sources in policy.items():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & {str(each) for each in sources}, name
        assert not any("//" in str(each) for each in sources), f"{name} allows another host"


def _production(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("SECRET_KEY", "ALLOWED_HOSTS", "DEBUG")}
    clean |= {"DJANGO_SETTINGS_MODULE": "scorecard.settings.production", **env}
    return subprocess.run(
        [sys.executable, *code.split(" ", 1)], cwd=ROOT, env=clean, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without_its_secrets(tmp_path: Path, missing: str) -> None:
    env = {"SECRET_KEY": "drawn-at-random" * 4, "ALLOWED_HOSTS": "a.example", "SCORECARD_DATA_DIR": str(tmp_path)}
    del env[missing]
    done = _production("manage.py check", **env)
    assert done.returncode != 0
    assert missing in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("SECRET_KEY", "a"), ("SECRET_KEY", "x" * 60), ("SECRET_KEY", "abc123" * 8), ("DEMO", "true")]
)
def test_production_does_not_start_with_a_weak_key_or_the_demonstrations_passwords(
    tmp_path: Path, name: str, value: str
) -> None:
    env = {"SECRET_KEY": "drawn-at-random" * 4, "ALLOWED_HOSTS": "a.example", "SCORECARD_DATA_DIR": str(tmp_path)}
    assert _production("manage.py check", **env).returncode == 0
    done = _production("manage.py check", **env | {name: value})
    assert done.returncode != 0 and name in done.stderr


def test_the_deployment_check_asks_for_the_number_of_proxies(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXIES = 0
    assert [error.id for error in proxies_are_named(None)] == ["scorecard.E001"]
    settings.TRUSTED_PROXIES = 1
    assert not proxies_are_named(None)


def test_the_deployment_check_finds_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/deploy_check.py"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_the_drawn_secret_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "SECRET_KEY"}
    env |= {"DJANGO_SETTINGS_MODULE": "scorecard.settings.dev", "SCORECARD_DATA_DIR": str(tmp_path / "data")}
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    keys = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=True
        ).stdout
        for _ in range(2)
    }
    assert len(keys) == 1, "drawn once, kept"
    file = tmp_path / "data" / "secret-key"
    assert len(file.read_text(encoding="utf-8")) >= 50
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_no_secret_in_the_repository() -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("This is not a clone, or there is no git, so there is no list of files to look through.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    pattern = re.compile(
        r"BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{30,}|xox[bp]-[0-9]{8,}"
    )
    for name in listed.split("\0"):
        path = ROOT / name
        if (
            path.suffix in (".py", ".md", ".txt", ".yaml", ".yml", ".json", ".toml", ".html", ".js", "")
            and path.is_file()
        ):
            assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), name
    assert not (set(listed.split("\0")) & {".env", "secret-key"})


def test_a_connection_to_a_server_that_is_cut_off_is_given_up_within_seconds(tmp_path: Path) -> None:
    """Who is cut off says nothing; TCP would go on for a quarter of an hour. The address may say otherwise."""
    code = "from scorecard.settings import base; print(sorted(base.DATABASES['default']['OPTIONS'].items()))"
    words = [sys.executable, "-c", code]
    for query, seconds in (("", 5), ("?connect_timeout=3", 3)):
        env = os.environ | {"DATABASE_URL": f"postgres://x@127.0.0.1/x{query}", "SCORECARD_DATA_DIR": str(tmp_path)}
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=True, encoding="utf-8")
        options = dict(ast.literal_eval(done.stdout.splitlines()[-1]))
        assert options["tcp_user_timeout"] == 10_000 and options["connect_timeout"] == seconds
        assert options["keepalives_idle"] + options["keepalives_interval"] * options["keepalives_count"] <= 11


def test_cookies_of_production_are_of_one_host_alone(tmp_path: Path) -> None:
    env = {"SECRET_KEY": "drawn-at-random" * 4, "ALLOWED_HOSTS": "a.example", "SCORECARD_DATA_DIR": str(tmp_path)}
    code = "from django.conf import settings as s; print(*(getattr(s, n) for n in dir(s) if n.endswith('COOKIE_NAME')))"
    done = _production(f"-c {code}", **env)
    names = done.stdout.split()
    assert len(names) == 6 and all(name.startswith("__Host-") for name in names), done.stdout + done.stderr


def test_cookies_and_uploads() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.MEDIA_URL in ("", "/"), "evidence has no public address"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ("", 0, "10.0.0.1"),
        ("1.2.3.4", 0, "10.0.0.1"),  # nobody of ours wrote it
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),  # the caller made up the first entry
        ("6.6.6.6, 1.2.3.4, 10.0.0.2", 2, "1.2.3.4"),
        ("1.2.3.4", 2, "10.0.0.1"),  # it did not come through both proxies
    ],
)
def test_the_address_of_a_caller_behind_proxies(forwarded: str, proxies: int, address: str) -> None:
    from scorecard.audit.middleware import caller_address

    assert caller_address("10.0.0.1", forwarded, proxies) == address
