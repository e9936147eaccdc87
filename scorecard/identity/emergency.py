"""Break glass: an account for emergencies that cannot be used in silence (``docs/identity.md``)."""

import json
import logging
import subprocess
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.access.sessions import browser_words, end_sessions
from scorecard.audit.context import origin
from scorecard.audit.services import record
from scorecard.jobs.services import Retry, enqueue

from . import recovery
from .models import EmergencyAccount, EmergencyUse, Factor, Kind
from .services import forget_factors

logger = logging.getLogger(__name__)
ALERT = "identity.emergency_alert"
ALERT_SECONDS = 60  # how long the alert's program may take


@transaction.atomic
def seal_account(*, person: Any) -> list[str]:
    """Make of a person an account for emergencies, or seal it anew: new recovery codes as the only second factor, no
    session. The caller has set the password. Returns the codes, which are kept nowhere.
    """
    gone = forget_factors(person)
    account, _new = EmergencyAccount.objects.update_or_create(person=person, defaults={"sealed_at": timezone.now()})
    factor = Factor.objects.create(person=person, kind=Kind.CODES, name=str(Kind.CODES.label))
    end_sessions(person)
    record("emergency.sealed", actor=None, target=person, data={"account": account.pk}, seals=[factor, *gone])
    return recovery.draw(person)


@receiver(user_logged_in)
def cry(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """Somebody has signed in with such an account: an event, a line in the log, the banner, the alert."""
    account = EmergencyAccount.objects.filter(person_id=user.pk).first()
    if account is None:
        return
    agent = request.META.get("HTTP_USER_AGENT", "") if request is not None else ""
    with transaction.atomic():
        use = EmergencyUse.objects.create(account=account, ip=origin.get().ip, browser=browser_words(agent))
        record("emergency.used", actor=user, target=user, data={"use": use.pk, "browser": use.browser})
        if settings.EMERGENCY_ALERT:
            enqueue(ALERT, key=str(use.pk), actor=None, params={"use": use.pk})
    logger.critical("The account for emergencies %s was used from %s.", user.get_username(), use.ip or "?")


def open_uses(actor: Any) -> QuerySet[EmergencyUse]:
    """The uses that nobody has looked into yet, for administrators alone."""
    if not actor.holds(Role.ADMINISTRATOR):
        return EmergencyUse.objects.none()
    return EmergencyUse.objects.filter(closed_at=None).select_related("account__person")


@transaction.atomic
def close_use(*, actor: Any, use_id: int, words: str) -> EmergencyUse:
    """An administrator has looked into a use, and says what it was; not with the account itself."""
    use = open_uses(actor).select_for_update(of=("self",)).filter(pk=use_id).first()
    if use is None:
        raise Refused([_("Somebody has looked into this already; reload the page.")])
    reasons = []
    if EmergencyAccount.objects.filter(person_id=actor.pk).exists():
        reasons.append(_("An administrator with an account of their own looks into it."))
    if not words.strip():
        reasons.append(_("Say who used the account and why; it is kept."))
    if len(words) > 500:
        reasons.append(_("Use at most %(limit)d characters.") % {"limit": 500})
    if reasons:
        raise Refused(reasons)
    use.closed_by, use.closed_at, use.words = actor, timezone.now(), words.strip()
    use.save(update_fields=["closed_by", "closed_at", "words"])
    data = {"use": use.pk, "words": use.words}
    record("emergency.closed", actor=actor, target=use.account.person, data=data)
    return use


def alert(use_id: int) -> None:
    """Start the office's own program with the use as JSON on its standard input. Raises ``Retry`` where it fails."""
    use = EmergencyUse.objects.select_related("account__person").get(pk=use_id)
    said = {
        "event": "emergency.used",
        "username": use.account.person.get_username(),
        "at": use.at.isoformat(),
        "address": use.ip,
        "browser": use.browser,
    }
    try:
        subprocess.run(  # noqa: S603  # nosec B603  # the program that the office itself has named
            [settings.EMERGENCY_ALERT],
            input=json.dumps(said, ensure_ascii=False),
            encoding="utf-8",
            timeout=ALERT_SECONDS,
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.exception("The alert of the emergency %s could not be given.", use_id)
        raise Retry(str(error)) from error
