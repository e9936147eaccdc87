"""Stand-ins for those who are away: named by the person or by the head, one event each (docs/workflow.md, Stand-ins).

Case officers, second reviewers and decision makers have cases of their own; a stand-in acts in those of these roles
that both hold, and the head is a decision maker. Of a bank a stand-in acts in the roles of who is away, as signatory
only where they hold it themselves, and the head is a signatory.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from banks.models import StandIn, User
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import BANK_ROLES, LENT_ROLES, Role
from scorecard.audit.services import record
from scorecard.inbox.services import tell

LONGEST = timedelta(days=366)
WITH_CASES = (Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER)
STAND_IN = "banks.stand_in"


@transaction.atomic
def name_stand_in(
    *, actor: User, absent_id: int, person_id: int | None, since: date, until: date, reason: str
) -> StandIn:
    """Let somebody act for another one from a day until a day, both counting; the stand-in is told.

    Raises ``Refused`` with every reason.
    """
    people = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=[absent_id, person_id or 0])}
    absent, person = people.get(absent_id), people.get(person_id or 0)
    reasons = [*_who(actor, absent), *_when(absent, since, until), *_by_whom(actor, absent, person, since, until)]
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
    record("banks.stand_in.named", actor=actor, target=person, bank_id=person.bank_id, data=data)
    if person != actor:
        told = {"person": person.pk, "row": made.pk, "absent": str(absent), "since": str(since), "until": str(until)}
        tell(STAND_IN, key=f"stand-in:{made.pk}", bank_id=person.bank_id, data=told)
    return made


@transaction.atomic
def end_stand_in(*, actor: User, stand_in_id: int) -> StandIn:
    """End a stand-in early, or before it has begun. Raises ``Refused`` with every reason, ``Hidden`` for one of another
    bank."""
    found = StandIn.objects.select_for_update(of=("self",)).select_related("absent").filter(pk=stand_in_id).first()
    if found is None:
        raise Http404
    if found.absent.bank_id != actor.bank_id:
        raise Hidden(bank_id=found.absent.bank_id)
    if found.ended_at is not None:
        raise Refused([_("This stand-in has ended already; reload the page.")])
    if reasons := list(_may_name(actor, found.absent)):
        raise Refused(reasons)
    found.ended_by, found.ended_at = actor, timezone.now()
    found.save(update_fields=["ended_by", "ended_at"])
    data = {"for": found.absent_id}
    record("banks.stand_in.ended", actor=actor, target=found.person, bank_id=found.person.bank_id, data=data)
    return found


def stands_in_for(actor: User, day: date) -> frozenset[int]:
    """The people (ids) in whose cases this person acts on that day, in the roles that both hold."""
    return frozenset(StandIn.objects.on(day).filter(person=actor).values_list("absent", flat=True))


def granted(person: User) -> frozenset[str]:
    """The roles that a person was given, whatever they stand in for."""
    return frozenset(person.grants.values_list("role", flat=True))


def heads(actor: User) -> bool:
    """Whether the actor names stand-ins for others too: a decision maker; of a bank a signatory."""
    return Role.BANK_SIGNATORY in granted(actor) if actor.is_bank_person else actor.holds(Role.DECISION_MAKER)


def acts_as(absent: User, person: User) -> list[str]:
    """The roles of who is away in which the stand-in acts, in words: of the supervisor those that both hold, of a bank
    what is lent and what both hold."""
    lent = LENT_ROLES if person.is_bank_person else frozenset()
    shared = granted(absent) & (granted(person) | lent)
    wanted = BANK_ROLES if person.is_bank_person else WITH_CASES
    return [str(role.label) for role in Role if role in shared and role in wanted]


def _of_period(since: date, until: date, **who: User) -> Any:
    return StandIn.objects.filter(since__lte=until, until__gte=since, ended_at=None, **who)


def _by_whom(actor: User, absent: User | None, person: User | None, since: date, until: date) -> Iterator[str]:
    """What stands against this stand-in."""
    if person is None or not person.is_active or person.bank_id != actor.bank_id:
        yield _("Choose somebody active who holds the role.")
    elif person == absent:
        yield _("Nobody stands in for themselves.")
    elif person.is_bank_person and not granted(person):
        yield _("%(name)s has no role in your bank; the administrator gives one.") % {"name": person}
    elif absent is not None and absent.is_active and not acts_as(absent, person):
        if person.is_bank_person:
            yield _(
                "Two administrators say who signs for your bank, and %(name)s is no signatory; "
                "choose another signatory."
            ) % {"name": person}
        else:
            yield _("%(name)s holds none of the roles of who is away.") % {"name": person}
    elif _of_period(since, until, absent=person).exists():
        yield _("%(name)s is away in that time; choose somebody who is there.") % {"name": person}
    elif person.is_bank_person and _of_period(since, until, person=person).exists():
        yield _("%(name)s stands in for somebody else in that time; choose another person.") % {"name": person}


def _who(actor: User, absent: User | None) -> Iterator[str]:
    if actor.is_bank_person:
        if absent is None or absent.bank_id != actor.bank_id or not (absent.is_active and granted(absent) & BANK_ROLES):
            yield _("A stand-in is for a preparer, reviewer or signatory of your bank.")
    elif absent is None or absent.bank_id is not None or (absent.is_active and not absent.holds(*WITH_CASES)):
        yield _("A stand-in is for a case officer, a second reviewer or a decision maker.")
    yield from _may_name(actor, absent)


def _may_name(actor: User, absent: User | None) -> Iterator[str]:
    if heads(actor):
        return
    if actor.is_bank_person and (actor != absent or not granted(actor)):
        yield _("Who is away, or a signatory of your bank, names the stand-in.")
    elif not actor.is_bank_person and (actor != absent or not actor.holds(*WITH_CASES)):
        yield _("Who is away, or a decision maker, names the stand-in.")


def _when(absent: User | None, since: date, until: date) -> Iterator[str]:
    if until < since:
        yield _("The last day lies before the first; correct one of the two dates.")
    elif until < timezone.localdate():
        yield _("The time of the absence is over; nobody needs to stand in.")
    elif until - since > LONGEST:
        yield _("A stand-in is for a year at most; hand the work over instead.")
    if absent is not None and _of_period(since, until, absent=absent).exists():
        yield _("Somebody stands in for %(name)s in that time already; end that first.") % {"name": absent}
