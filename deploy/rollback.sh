#!/usr/bin/env bash
# rollback.sh: puts the release before in place again. The schema stays the new one, on which the old code runs.
set -euo pipefail
previous=$(cat /opt/scorecard/previous)
[ -d "$previous" ] || { echo "There is no $previous." >&2; exit 1; }
hosts=$(sed -n 's/^ALLOWED_HOSTS=//p' /etc/scorecard/scorecard.env)
ln -sfn "$previous" /opt/scorecard/current.new && mv -T /opt/scorecard/current.new /opt/scorecard/current
for port in 8001 8002; do
  systemctl restart "scorecard-web@$port"
  for _ in $(seq 60); do
    curl -fsS -o /dev/null -H "Host: ${hosts%%,*}" -H 'X-Forwarded-Proto: https' "http://127.0.0.1:$port/readyz" && break
    sleep 1
  done
done
systemctl restart scorecard-beat scorecard-worker@default scorecard-worker@scoring
echo "$previous serves."
