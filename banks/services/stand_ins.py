"""Stand-ins for those who have cases and are away: named by the person or by the head (a decision maker), one
event each.

Case officers, second reviewers and decision makers have cases of their own; a stand-in acts in those of these roles
that both hold. What waits for a role of a bank is done by whoever holds that role.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.models import StandIn, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record

LONGEST_DAYS = 366
WITH_CASES = (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER)


@transaction.atomic
def name_stand_in(
    *, actor: User, absent_id: int, person_id: int | None, since: date, until: date, reason: str
) -> StandIn:
    """Let somebody act in the cases of another one from a day until a day, both counting.

    Raises ``Refused`` with every reason.
    """
    people = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=[absent_id, person_id or 0])}
    absent, person = people.get(absent_id), people.get(person_id or 0)
    reasons = [*_who(actor, absent), *_when(absent, since, until)]
    if person is None or not person.is_active or person.bank_id is not None or not person.holds(*WITH_CASES):
        reasons.append(_("Choose somebody active who holds the role."))
    elif absent is not None and absent.is_active and not any(person.holds(one) for one in _held(absent)):
        reasons.append(_("%(name)s holds none of the roles of who is away.") % {"name": person})
    elif person == absent:
        reasons.append(_("Nobody stands in for themselves."))
    elif _of_period(person, since, until).exists():
        reasons.append(_("%(name)s is away in that time; choose somebody who is there.") % {"name": person})
    if not reason.strip():
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if len(reason.strip()) > 200:
        reasons.append(_("Use at most %(limit)d characters.") % {"limit": 200})
    if reasons or absent is None or person is None:
        raise Refused(reasons)
    made = StandIn.objects.create(
        absent=absent, person=person, since=since, until=until, reason=reason.strip(), named_by=actor
    )
    data: dict[str, Any] = {"for": absent.pk, "since": since, "until": until, "reason": made.reason}
    record("banks.stand_in.named", actor=actor, target=person, data=data)
    return made


@transaction.atomic
def end_stand_in(*, actor: User, stand_in_id: int) -> StandIn:
    """End a stand-in early, or before it has begun. Raises ``Refused`` with every reason."""
    found = StandIn.objects.select_for_update(of=("self",)).select_related("absent").filter(pk=stand_in_id).first()
    if found is None or found.ended_at is not None:
        raise Refused([_("This stand-in has ended already; reload the page.")])
    if reasons := list(_who(actor, found.absent)):
        raise Refused(reasons)
    found.ended_by, found.ended_at = actor, timezone.now()
    found.save(update_fields=["ended_by", "ended_at"])
    record("banks.stand_in.ended", actor=actor, target=found.person, data={"for": found.absent_id})
    return found


def stands_in_for(actor: User, day: date) -> frozenset[int]:
    """The people (ids) in whose cases this person acts on that day, in the roles that both hold."""
    rows = StandIn.objects.filter(person=actor, since__lte=day, until__gte=day, ended_at=None)
    return frozenset(rows.values_list("absent", flat=True))


def _of_period(absent: User, since: date, until: date) -> Any:
    return StandIn.objects.filter(absent=absent, since__lte=until, until__gte=since, ended_at=None)


def _held(person: User) -> list[Role]:
    return [role for role in WITH_CASES if person.holds(role)]


def _who(actor: User, absent: User | None) -> Iterator[str]:
    if absent is None or (absent.is_active and not absent.holds(*WITH_CASES)):
        yield _("A stand-in is for a case officer, a second reviewer or a decision maker.")
    if not actor.holds(Role.DECISION_MAKER) and (actor != absent or not actor.holds(*WITH_CASES)):
        yield _("Who is away, or a decision maker, names the stand-in.")


def _when(absent: User | None, since: date, until: date) -> Iterator[str]:
    if until < since:
        yield _("The last day lies before the first; correct one of the two dates.")
    elif until < timezone.localdate():
        yield _("The time of the absence is over; nobody needs to stand in.")
    elif (until - since).days > LONGEST_DAYS:
        yield _("A stand-in is for a year at most; hand the work over instead.")
    if absent is not None and _of_period(absent, since, until).exists():
        yield _("Somebody stands in for %(name)s in that time already; end that first.") % {"name": absent}
