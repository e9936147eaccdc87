"""Sessions by person: Django's database store with one column more, and what a person may see and end of their own.

``settings.SESSION_ENGINE`` names this module. What a session keeps of its sign-in (when, from which address, with which
browser) stands in its own data; the column is there to find a person's sessions.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from scorecard.audit.services import record

from .models import Session, SessionStore

# What a session's data keep of it: seconds since the epoch, the address, what the browser says of itself.
STARTED, SEEN, PLACE, BROWSER = "started", "seen", "place", "browser"


def begin(request: HttpRequest) -> None:
    """Keep with a new session when, where and with what it began; forget the sessions of everybody that are over."""
    now = int(time.time())
    request.session[STARTED] = request.session[SEEN] = now
    request.session[PLACE] = request.META.get("REMOTE_ADDR", "") or ""
    request.session[BROWSER] = browser_words(request.META.get("HTTP_USER_AGENT", ""))
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def is_over(session: Any, now: int) -> bool:
    """Whether nobody has used it for ``SESSION_IDLE_SECONDS``, or it began more than ``SESSION_COOKIE_AGE`` ago."""
    idle, age = now - session.get(SEEN, now), now - session.get(STARTED, now)
    return bool(idle > settings.SESSION_IDLE_SECONDS or age > settings.SESSION_COOKIE_AGE)


@dataclass(frozen=True)
class OwnSession:
    """One of somebody's sessions as its owner sees it. ``ident`` names it and opens nothing."""

    ident: str
    key: str
    place: str
    browser: str
    started: datetime | None
    used: datetime | None
    current: bool


def own_sessions(actor: Any, current: str | None) -> list[OwnSession]:
    """The actor's sessions that are not over, the one with the key ``current`` first, then the last used."""
    found = []
    for row in Session.objects.filter(person_id=actor.pk, expire_date__gt=timezone.now()):
        data = row.get_decoded()
        if is_over(data, int(time.time())):
            continue
        found.append(
            OwnSession(
                salted_hmac("own session", row.session_key).hexdigest()[:24],
                row.session_key,
                data.get(PLACE, ""),
                data.get(BROWSER, ""),
                _moment(data.get(STARTED)),
                _moment(data.get(SEEN)),
                row.session_key == current,
            )
        )
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: (one.current, one.used or oldest), reverse=True)


@transaction.atomic
def end_own_sessions(*, actor: Any, current: str | None, ident: str = "") -> int:
    """End one of the actor's other sessions, or without ``ident`` all of them. One event; 404 for one that there is
    not. Returns how many there were.
    """
    chosen = [one for one in own_sessions(actor, current) if not one.current and ident in ("", one.ident)]
    if ident and not chosen:
        raise Http404
    Session.objects.filter(session_key__in=[one.key for one in chosen]).delete()
    places = sorted({f"{one.place} {one.browser}".strip() for one in chosen})
    record("session.ended", actor=actor, target=actor, bank_id=actor.bank_id, data={"sessions": places})
    return len(chosen)


def end_sessions(person: Any, keep: str | None = None) -> int:
    """End every session of somebody, but for the one with the key ``keep``. The caller records why."""
    rows = Session.objects.filter(person_id=person.pk).exclude(session_key=keep or "")
    return int(rows.delete()[1].get(Session._meta.label, 0))


def _moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


# Names that browsers and systems give themselves; the first that fits counts, since later ones stand in many.
_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"),
    ("360SE|360EE|QihooBrowser", "360"),
    ("QQBrowser", "QQ Browser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("OPR", "Opera"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_words(agent: str) -> str:
    """Browser and system as people call them, out of what the browser says of itself; "" where that is unknown."""
    names = [next((name for sign, name in table if re.search(sign, agent)), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in names if name)


__all__ = [
    "SEEN",
    "STARTED",
    "OwnSession",
    "SessionStore",
    "begin",
    "end_own_sessions",
    "end_sessions",
    "is_over",
    "own_sessions",
]
