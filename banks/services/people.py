"""Entering people, granting and withdrawing roles, with a first password. One event each."""

import hashlib
import json
import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from banks.models import Bank, RoleGrant, User
from banks.services.duties import require_administrator
from banks.services.errors import Invalid
from banks.services.grants import grant_roles
from banks.services.identifiers import one_line
from banks.services.open_work import open_work, token
from scorecard.access.decisions import Stale
from scorecard.access.roles import BANK_ROLES, SUPERVISOR_ROLES, Role
from scorecard.access.sessions import end_sessions
from scorecard.audit.seals import Gone, Sealing
from scorecard.audit.services import record

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{1,59}")
_EDITABLE = ("name", "email", "phone", "is_active", "language")


def person_token(person: User, roles: Collection[str]) -> str:
    """A short digest of what a page showed of a person; a save that carries another one is stale."""
    shown = [getattr(person, field) for field in _EDITABLE] + sorted(roles)
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:16]


@transaction.atomic
def create_person(
    *,
    actor: User | None,
    username: str,
    name: str,
    roles: Collection[str] = (),
    bank: Bank | None = None,
    email: str = "",
    phone: str = "",
    language: str = "",
    password: str = "",
    encoded_password: str = "",
) -> User:
    """Enter a person with their roles. Without a password nobody can sign in as them yet.

    ``encoded_password`` takes a password that was hashed before, for entering many people at once. Raises ``Invalid``
    with every reason by field.
    """
    require_administrator(actor)
    person = User(
        username=username.strip(),
        name=one_line(name),
        bank=bank,
        email=email.strip(),
        phone=phone.strip(),
        language=language,
        created_by=actor,
    )
    problems = _person_problems(person)
    if not _USERNAME.fullmatch(person.username):
        problems.setdefault("username", []).append(
            _("A user name has 2 to 60 letters, digits or the characters . _ @ - and begins with a letter or a digit.")
        )
    elif User.objects.filter(username__iexact=person.username).exists():
        problems.setdefault("username", []).append(_("This user name is taken; choose another one."))
    if reasons := _role_reasons(roles, bank):
        problems["roles"] = reasons
    if password and (reasons := password_reasons(password, person)):
        problems["password"] = reasons
    if problems:
        raise Invalid(problems)
    if encoded_password:
        person.password = encoded_password
    elif password:
        person.set_password(password)
        person.must_change_password = actor is not None
    else:
        person.set_unusable_password()
    person.save(force_insert=True)
    granted, asked = grant_roles(actor=actor, person=person, roles=roles)
    data = {"username": person.username, "name": person.name, "roles": granted, "asked_for": asked}
    seals = [person, *person.grants.all()]
    record("banks.person.created", actor=actor, target=person, bank_id=person.bank_id, data=data, seals=seals)
    return person


@transaction.atomic
def change_person(
    *,
    actor: User | None,
    person: User,
    name: str,
    email: str = "",
    phone: str = "",
    language: str = "",
    is_active: bool = True,
    seen: str = "",
) -> User:
    """Change what is known of a person. The bank stays: somebody who moves to another bank gets a new user name.

    ``seen`` is the ``person_token`` of the page; another one is ``Stale``. The last active administrator cannot be
    made inactive.
    """
    require_administrator(actor)
    locked = User.objects.select_for_update().get(pk=person.pk)
    _refuse_stale(locked, seen)
    before = {field: getattr(locked, field) for field in _EDITABLE}
    locked.name, locked.email, locked.phone = one_line(name), email.strip(), phone.strip()
    locked.language, locked.is_active = language, is_active
    problems = _person_problems(locked)
    if before["is_active"] and not is_active:
        if actor is not None and locked.pk == actor.pk:
            problems["is_active"] = [_("You cannot make yourself inactive; ask another administrator.")]
        elif _is_last_administrator(locked):
            problems["is_active"] = [_("This is the last active administrator; make somebody else one first.")]
    if problems:
        raise Invalid(problems)
    changes = {
        field: [before[field], getattr(locked, field)] for field in _EDITABLE if before[field] != getattr(locked, field)
    }
    if changes:
        locked.save(update_fields=list(_EDITABLE))
        if not locked.is_active:
            end_sessions(locked)
        data = {"changes": changes}
        record("banks.person.changed", actor=actor, target=locked, bank_id=locked.bank_id, data=data, seals=[locked])
    return locked


@transaction.atomic
def set_roles(*, actor: User | None, person: User, roles: Collection[str], seen: str = "") -> User:
    """Give a person exactly these roles: grants what is missing, withdraws the rest, one event with both.

    A role that takes two administrators is asked for and not granted yet (``grants``). Bank roles need a bank,
    supervisor roles need none (docs/workflow.md, Roles). An administrator cannot take that role
    from themselves, nor from the last active one.
    """
    require_administrator(actor)
    locked = User.objects.select_for_update(of=("self",)).select_related("bank").get(pk=person.pk)
    _refuse_stale(locked, seen)
    held = set(locked.grants.values_list("role", flat=True))
    wanted = set(roles)
    reasons = _role_reasons(wanted, locked.bank)
    if Role.ADMINISTRATOR in held - wanted:
        if actor is not None and locked.pk == actor.pk:
            reasons.append(_("You cannot take the administrator's role from yourself; ask another administrator."))
        elif _is_last_administrator(locked):
            reasons.append(_("This is the last active administrator; make somebody else one first."))
    if reasons:
        raise Invalid({"roles": reasons})
    if held == wanted:
        return locked
    gone = [Gone.of(grant) for grant in locked.grants.filter(role__in=held - wanted)]
    locked.grants.filter(role__in=held - wanted).delete()
    granted, asked = grant_roles(actor=actor, person=locked, roles=wanted - held)
    if granted or held - wanted:
        data = {"granted": granted, "withdrawn": sorted(held - wanted), "asked_for": asked}
        seals: list[Sealing] = [*locked.grants.all(), *gone]
        record("banks.roles.changed", actor=actor, target=locked, bank_id=locked.bank_id, data=data, seals=seals)
    locked.__dict__.pop("roles", None)
    return locked


@transaction.atomic
def revise_person(
    *, actor: User | None, person: User, roles: Collection[str], seen: str = "", agreed: str = "", **values: Any
) -> User:
    """Change a person and the roles together, or neither; ``seen`` is looked at once for both.

    Somebody with open work is made inactive, or loses the role, only once ``agreed`` names the very work that was shown
    (``open_work.token``). Raises ``Invalid`` with the reasons of both; what is open stands under ``open_work``.
    """
    problems: dict[str, list[Any]] = {}
    held = set(User.objects.get(pk=person.pk).grants.values_list("role", flat=True))
    lost = held - set(roles) if values.get("is_active", True) else held
    if person.is_active and lost and (open_now := open_work(person, lost)) and agreed != token(open_now):
        problems["open_work"] = list(open_now)
    try:
        change_person(actor=actor, person=person, seen=seen, **values)
    except Invalid as error:
        problems |= error.fields
    try:
        saved = set_roles(actor=actor, person=person, roles=roles)  # ``change_person`` has looked at ``seen``
    except Invalid as error:
        problems |= error.fields
    if problems:
        raise Invalid(problems)
    return saved


def _refuse_stale(person: User, seen: str) -> None:
    roles = set(person.grants.values_list("role", flat=True))
    if seen and seen != person_token(person, roles):
        raise Stale(
            [_("This person has been changed since you opened the page, by somebody else or in another window.")],
            person,
        )


def _person_problems(person: User) -> dict[str, list[Any]]:
    """What is wrong with a person's own fields."""
    problems: dict[str, list[Any]] = {}
    if not person.name:
        problems["name"] = [_("Enter the person's name; it stands in records and notices.")]
    for field in ("name", "email", "phone"):
        column: Any = User._meta.get_field(field)
        limit = column.max_length
        if limit and len(getattr(person, field)) > limit:
            problems.setdefault(field, []).append(_("Use at most %(limit)d characters.") % {"limit": limit})
    if person.email:
        try:
            validate_email(person.email)
        except ValidationError:
            problems.setdefault("email", []).append(_("This is not an e-mail address; it looks like name@example.com."))
    if person.language not in {"", *dict(settings.LANGUAGES)}:
        problems["language"] = [_("Choose one of the languages offered.")]
    return problems


def _role_reasons(roles: Collection[str], bank: Bank | None) -> list[Any]:
    """Why these roles do not go together with this bank, or with having none."""
    reasons = []
    held = set(roles)
    if unknown := sorted(held - set(Role.values)):
        reasons.append(_("There is no role %(roles)s.") % {"roles": ", ".join(unknown)})
    if bank is None and (wrong := held & BANK_ROLES):
        reasons.append(
            _("%(roles)s: these roles need a bank; choose the bank that this person works for.")
            % {"roles": role_words(wrong)}
        )
    if bank is not None and (wrong := held & SUPERVISOR_ROLES):
        reasons.append(
            _("%(roles)s: somebody who works for a bank cannot hold a role of the supervisor.")
            % {"roles": role_words(wrong)}
        )
    if Role.AUDITOR in held and len(held & SUPERVISOR_ROLES) > 1:
        reasons.append(_("An auditor changes nothing and so holds no other role."))
    if Role.ADMINISTRATOR in held and held & {Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER}:
        reasons.append(_("An administrator never scores, rates or reads evidence and so holds no role of the review."))
    return reasons


def role_words(roles: Collection[str]) -> str:
    """Roles in the words and the order of the product's table."""
    return _(", ").join(str(role.label) for role in Role if role in roles)


def password_reasons(password: str, person: User) -> list[Any]:
    """Why this cannot be the password of this person."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        return list(error.messages)
    return []


def _is_last_administrator(person: User) -> bool:
    """Whether no other active person holds the administrator's role; an account for emergencies is nobody."""
    if not person.grants.filter(role=Role.ADMINISTRATOR).exists():
        return False
    others = RoleGrant.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).exclude(user=person)
    return not others.filter(user__emergency=None).exists()
