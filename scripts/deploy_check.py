"""Runs Django's deployment check under the production settings; any warning fails."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """0 when ``check --deploy`` finds nothing."""
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "scorecard.settings.production",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "scorecard.example",
            "TRUSTED_PROXIES": "1",
            "CLAMD": "/run/clamav/clamd.ctl",  # none is asked here; without one the check warns
            "SCORECARD_DATA_DIR": folder,
        }
        key = [str(ROOT / ".venv/bin/python"), "manage.py", "audit_key"]  # production is given one; it draws none
        subprocess.run(key, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        sealing = [*key[:2], "backup_key", str(Path(folder) / "private")]
        subprocess.run(sealing, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        command = [str(ROOT / ".venv/bin/python"), "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
