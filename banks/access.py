"""Which banks and facts a person may see. Every read of a bank's data starts here."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone

from scorecard.access.decisions import Hidden
from scorecard.access.roles import BANK_ROLES, READ_ROLES, REVIEW_ROLES, SUPERVISOR_ROLES, Role
from scorecard.access.single import single

from .models import Bank, FactEntry, FactorReset, PasswordReset, RoleRequest, StandIn, User


def visible_banks(actor: User) -> QuerySet[Bank]:
    """A supervisor sees every bank on the register; a bank's people see their own bank."""
    if actor.bank_id is not None:
        return Bank.objects.filter(pk=actor.bank_id)
    return Bank.objects.all() if actor.holds(*SUPERVISOR_ROLES) else Bank.objects.none()


def get_bank(actor: User, pk: int) -> Bank:
    """One bank, or 404: ``Hidden`` (recorded) for one that exists and is another bank's to see."""
    bank = single(visible_banks(actor).select_related("head_office", "successor", "case_officer").filter(pk=pk))
    if bank is None:
        if Bank.objects.filter(pk=pk).exists():
            raise Hidden(bank_id=pk)
        raise Http404
    return bank


def visible_facts(actor: User) -> QuerySet[FactEntry]:
    """Facts of the banks that the actor may see; the administrator manages banks and reads no figures."""
    if actor.bank_id is None and not actor.holds(*READ_ROLES):
        return FactEntry.objects.none()
    return FactEntry.objects.filter(bank__in=visible_banks(actor))


def visible_people(actor: User) -> QuerySet[User]:
    """Everybody, for the administrator, who enters them, and the auditor, who reads who may do what."""
    return User.objects.all() if actor.holds(Role.ADMINISTRATOR, Role.AUDITOR) else User.objects.none()


def open_requests(actor: User) -> QuerySet[RoleRequest]:
    """The roles that wait for a second administrator, for administrators alone, the oldest first."""
    rows = RoleRequest.objects.filter(decided_at=None, user__in=visible_people(actor))
    return rows.select_related("user__bank", "asked_by")


def open_resets(actor: User) -> QuerySet[PasswordReset]:
    """The passwords that wait for a second administrator, for administrators alone, the oldest first."""
    rows = PasswordReset.objects.filter(decided_at=None, user__in=visible_people(actor))
    return rows.select_related("user__bank", "asked_by")


def open_factor_resets(actor: User) -> QuerySet[FactorReset]:
    """The resets of second factors that wait for a second administrator, for administrators alone."""
    rows = FactorReset.objects.filter(decided_at=None, user__in=visible_people(actor))
    return rows.select_related("user__bank", "asked_by")


def get_person(actor: User, pk: int) -> User:
    """One person with bank, or 404."""
    person = single(visible_people(actor).select_related("bank").filter(pk=pk))
    if person is None:
        raise Http404
    return person


def visible_workers(actor: User) -> QuerySet[User]:
    """The people whose open work the actor may hand over: everybody's for the administrator, the supervisors' for the
    decision maker."""
    if actor.holds(Role.ADMINISTRATOR):
        return User.objects.all()
    return User.objects.filter(bank=None) if actor.holds(Role.DECISION_MAKER) else User.objects.none()


def visible_stand_ins(actor: User) -> QuerySet[StandIn]:
    """The stand-ins of today and to come, of the actor's own side, for those who may name one, the earliest first."""
    if not actor.holds(*REVIEW_ROLES, *BANK_ROLES):
        return StandIn.objects.none()
    rows = StandIn.objects.filter(ended_at=None, until__gte=timezone.localdate(), absent__bank=actor.bank_id)
    return rows.select_related("absent", "person", "named_by").order_by("since", "pk")


def on_register(banks: QuerySet[Bank]) -> QuerySet[Bank]:
    """Of these banks, those that are on the register today; both ends count."""
    return banks.filter(on_register_today())


def on_register_today() -> Q:
    """The condition that a bank is on the register today; both ends count."""
    today = timezone.localdate()
    return (Q(active_to__isnull=True) | Q(active_to__gte=today)) & Q(active_from__lte=today)
