"""Partners of a scheme (担保基金合作银行): suspended, taken on again and ended by a decision maker, each time with
reason and trail (``docs/money.md``, Partners).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import PartnerState, PartnerStep
from assessments.money.claims import REASON_LENGTH
from assessments.money.selectors import Estimated, OnFile, Scheme, estimate_on_file, get_scheme, on_file
from assessments.workflow.shown import ShownItem, hold_to_seal, seal_content
from banks.access import get_bank
from banks.models import Bank, User
from scorecard.access.decisions import Refused
from scorecard.access.roles import READ_ROLES, Role
from scorecard.audit.services import record
from scorecard.engine import format_fact
from scorecard.inbox.services import tell
from scorecard.words.language import in_language, screen_language

TOLD = "assessments.partner"

# From where to where, and what the scheme's own standing must be for it.
STEPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PartnerState.PARTNER: {
        PartnerState.SUSPENDED: (PartnerState.SUSPENDED, PartnerState.ENDED),
        PartnerState.ENDED: (PartnerState.ENDED,),
    },
    PartnerState.SUSPENDED: {
        PartnerState.PARTNER: (PartnerState.PARTNER,),
        PartnerState.ENDED: (PartnerState.ENDED,),
    },
    PartnerState.ENDED: {},
}


def has_partners(scheme: Scheme) -> bool:
    """Whether a scheme has partners: its grades are the states of one."""
    return {grade.id for grade in scheme.rulebook.grades} == set(PartnerState.values)


def get_partners(actor: User, scheme_id: int) -> Scheme:
    """A scheme that has partners, or 404."""
    scheme = get_scheme(actor, scheme_id)
    if not has_partners(scheme):
        raise Http404
    return scheme


def visible_steps(actor: User, scheme: Scheme) -> QuerySet[PartnerStep]:
    """The steps under all versions of the scheme: a bank's people see their own bank's, reviewers and auditors all."""
    rows = PartnerStep.objects.filter(rulebook__code=scheme.version.code).select_related("actor").order_by("pk")
    if actor.bank_id is not None:
        return rows.filter(bank=actor.bank_id)
    return rows if actor.holds(*READ_ROLES) else rows.none()


def states_of(actor: User, scheme: Scheme) -> dict[int, str]:
    """By bank where it stands; a bank that is not in it is a partner. One query."""
    return dict(visible_steps(actor, scheme).values_list("bank", "state"))


def state_of(actor: User, scheme: Scheme, bank: Bank) -> str:
    """Where one bank stands, of those that the actor may see."""
    return states_of(actor, scheme).get(bank.pk, PartnerState.PARTNER)


def step_content(scheme: Scheme, bank: Bank, now: str, filed: OnFile, told: Estimated) -> Iterator[ShownItem]:
    """What a decision maker signs: scheme and bank, where it stands, each figure, what the scheme gives."""
    yield ShownItem("scheme", _("Scheme"), scheme.version.name, scheme.title)
    yield ShownItem("bank", _("Bank"), bank.code, bank.name)
    yield ShownItem("state", _("State"), now, str(PartnerState(now).label))
    for name, spec in scheme.facts.items():
        if name in filed.facts:
            words = format_fact(spec, filed.facts[name], screen_language())
            yield ShownItem(f"fact {name}", in_language(spec.label), f"{filed.facts[name]} {filed.years[name]}", words)
    yield ShownItem("standing", _("Standing"), told.result.grade.after, told.standing)


def shown_step(actor: User, scheme: Scheme, bank: Bank) -> str:
    """The seal of what the page of a step shows."""
    filed = on_file(actor, scheme, bank)
    items = step_content(scheme, bank, state_of(actor, scheme, bank), filed, estimate_on_file(scheme, filed))
    return seal_content("partner", f"{scheme.version.pk} {bank.pk}", items)


def steps_from(now: str, told: Estimated) -> list[str]:
    """The states that the figures on file admit from here."""
    standing = told.result.grade.after if told.standing else ""
    return [state for state, grounds in STEPS[now].items() if standing in grounds]


def against_step(actor: User, now: str, state: str, reason: str, told: Estimated) -> Iterator[Any]:
    """Every reason against it."""
    if not actor.holds(Role.DECISION_MAKER):
        yield _("Only a decision maker changes the standing of a partner.")
    if state not in STEPS[now]:
        yield _("A partner that is “%(now)s” cannot be made “%(state)s”.") % {
            "now": PartnerState(now).label,
            "state": PartnerState(state).label,
        }
    elif not told.standing:
        yield _("The standing under the scheme is not known yet: figures are not on file.")
    elif state not in steps_from(now, told):
        yield _("By the figures on file the scheme gives “%(standing)s”; that is no ground for this step.") % {
            "standing": told.standing
        }
    if not reason:
        yield _("Give a reason: those who must act on it will read it.")
    if len(reason) > REASON_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": REASON_LENGTH}


@transaction.atomic
def change_partner(
    *, actor: User, scheme_id: int, bank_id: int, state: str, reason: str, seen: str | None = None
) -> PartnerStep:
    """Suspend a partner, take it on again, or end it. ``seen`` is the seal of the page; another content is ``Stale``.
    Raises ``Refused`` with every reason.
    """
    scheme = get_partners(actor, scheme_id)
    bank = get_bank(actor, bank_id)
    Bank.objects.select_for_update().filter(pk=bank.pk).first()
    now, reason = state_of(actor, scheme, bank), reason.strip()
    filed = on_file(actor, scheme, bank)
    told = estimate_on_file(scheme, filed)
    if seen is not None:
        subject = f"{scheme.version.pk} {bank.pk}"
        hold_to_seal("partner", subject, step_content(scheme, bank, now, filed, told), seen)
    if reasons := list(against_step(actor, now, state, reason, told)):
        raise Refused(reasons)
    step = PartnerStep.objects.create(
        rulebook=scheme.version,
        bank=bank,
        number=PartnerStep.objects.filter(rulebook=scheme.version, bank=bank).count() + 1,
        state=state,
        standing=told.result.grade.after,
        facts={name: {"value": str(value), "year": filed.years[name]} for name, value in filed.facts.items()},
        reason=reason,
        actor=actor,
        at=timezone.now(),
    )
    data = {"scheme": scheme.version.name, "from": now, "to": state, "standing": step.standing, "reason": reason}
    data |= {"facts": step.facts}
    record("assessments.partner.changed", actor=actor, target=bank, bank_id=bank.pk, data=data, seals=[step])
    about = {"scheme": scheme.version.pk, "scheme_title": scheme.rulebook.title.to_json(), "state": state}
    tell(TOLD, key=f"partner:{step.pk}", bank_id=bank.pk, data={**about, "bank_id": bank.pk})
    return step
