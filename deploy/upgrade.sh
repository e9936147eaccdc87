#!/usr/bin/env bash
# upgrade.sh RELEASE: puts /opt/scorecard/releases/RELEASE (unpacked, .venv made) in the place of the running release.
# The old code serves on the new schema until each process is started again (scripts/upgrade_drill.py holds that it can).
set -euo pipefail
release=/opt/scorecard/releases/${1:?usage: upgrade.sh RELEASE}
[ -x "$release/.venv/bin/python" ] || { echo "$release has no .venv: run 'make setup' there." >&2; exit 1; }
cd "$release"
read_env() { # as systemd reads it: a line is a variable, and nothing in it is a command
  while IFS= read -r line; do case $line in '' | '#'*) ;; *) export "${line?}" ;; esac; done < "$1"
}
read_env /etc/scorecard/scorecard.env
as_owner() { (read_env /etc/scorecard/owner.env; runuser -u scorecard --preserve-environment -- .venv/bin/python manage.py "$@"); }
as_app() { runuser -u scorecard --preserve-environment -- .venv/bin/python manage.py "$@"; }

as_app check --deploy --fail-level ERROR
as_owner backup /var/lib/scorecard/backups
as_owner migrate
as_owner database_roles
as_app collectstatic --noinput -v 0 # hashed names: the files of the old release stay beside them
readlink -f /opt/scorecard/current > /opt/scorecard/previous
ln -sfn "$release" /opt/scorecard/current.new && mv -T /opt/scorecard/current.new /opt/scorecard/current

ready() { # ready PORT: until the instance may be given requests
  for _ in $(seq 60); do
    curl -fsS -o /dev/null -H "Host: ${ALLOWED_HOSTS%%,*}" -H 'X-Forwarded-Proto: https' "http://127.0.0.1:$1/readyz" && return 0
    sleep 1
  done
  echo "The instance on port $1 does not become ready; the other one still serves. See journalctl -u scorecard-web@$1, then rollback.sh." >&2
  return 1
}
for port in 8001 8002; do systemctl restart "scorecard-web@$port"; ready "$port"; done
systemctl restart scorecard-beat scorecard-worker@default scorecard-worker@scoring # each lets its running job end
as_app verify_audit
echo "$1 serves."
