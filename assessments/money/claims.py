"""Claims under money schemes: filed by a bank's signatory from what is on file, kept as they were, decided once.

Nothing is typed: the figures are those on file of the newest year and the decided grade; the amounts are the engine's.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.decisions.numbers import next_number
from assessments.models import ClaimOutcome, MoneyClaim
from assessments.money.desk import SUMMED, exact
from assessments.money.selectors import Estimated, OnFile, Scheme, estimate_on_file, get_scheme, on_file
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.shown import ShownItem, hold_to_seal, seal_content
from banks.access import get_bank
from banks.models import Bank, FactEntry, User
from scorecard.access.decisions import Hidden, Refused
from scorecard.access.roles import READ_ROLES, Role
from scorecard.access.row_security import unbound
from scorecard.audit.services import canonical, record
from scorecard.engine import format_fact
from scorecard.inbox.services import tell
from scorecard.words.formats import exact_text
from scorecard.words.language import in_language, screen_language

CLAIM = "财政金融申〔{year}〕{n}号"
REASON_LENGTH = 4000
TOLD = "assessments.claim"


def visible_claims(actor: User) -> QuerySet[MoneyClaim]:
    """A bank's people see their own bank's claims; reviewers and auditors all; the newest first."""
    rows = MoneyClaim.objects.select_related("rulebook", "bank", "filed_by", "decided_by").defer("rulebook__content")
    if actor.bank_id is not None:
        return rows.filter(bank=actor.bank_id).order_by("-pk")
    return rows.order_by("-pk") if actor.holds(*READ_ROLES) else rows.none()


def get_claim(actor: User, pk: int, *, lock: bool = False) -> MoneyClaim:
    """One claim, or 404: ``Hidden`` for another bank's."""
    rows = visible_claims(actor).filter(pk=pk)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        with unbound():
            other = MoneyClaim.objects.filter(pk=pk).first()
        if other is not None:
            raise Hidden(bank_id=other.bank_id, target=other)
        raise Http404
    return found


def claim_content(scheme: Scheme, bank: Bank, filed: OnFile, told: Estimated) -> Iterator[ShownItem]:
    """What a signatory signs: the scheme, each figure on file with its year, and each amount."""
    yield ShownItem("scheme", _("Scheme"), scheme.version.name, scheme.title)
    yield ShownItem("bank", _("Bank"), bank.code, bank.name)
    for name, spec in scheme.facts.items():
        if name in filed.facts:
            words = format_fact(spec, filed.facts[name], screen_language())
            said = f"{_text(filed.facts[name])} {filed.years[name]}"
            yield ShownItem(f"fact {name}", in_language(spec.label), said, words)
    yield ShownItem("standing", _("Standing"), told.result.grade.after, told.standing)
    for amount in told.amounts:
        value = exact(told, amount.id)
        yield ShownItem(
            f"amount {amount.id}", amount.label, exact_text(value) if value is not None else "", amount.value
        )


def _text(value: Any) -> str:
    return str(value)


def against_claiming(actor: User, scheme: Scheme, bank: Bank, filed: OnFile, told: Estimated) -> Iterator[Any]:
    """Every reason why this person does not file this claim now."""
    if not actor.holds(Role.BANK_SIGNATORY):
        yield _("The signatory of your bank signs the claim.")
    if not filed.own:
        yield _("Your bank has no figures on file for this scheme.")
        return
    for _fact, label in told.missing:
        yield _("“%(name)s” is not on file.") % {"name": label}
    for severity, message, _fact in told.findings:
        if severity == "error":
            yield message
    if not told.missing and not told.standing:
        yield _("The standing under the scheme is not known yet.")
    elif not told.missing and not any((exact(told, one.id) or 0) > 0 for one in _money(scheme, told)):
        yield _("Under the scheme these figures give no amount to claim.")
    period = _period(filed)
    if MoneyClaim.objects.filter(rulebook=scheme.version, bank=bank, period=period).exclude(outcome="refused").exists():
        yield _("Your bank has claimed for %(year)s already.") % {"year": period}
    entered = FactEntry.objects.filter(bank=bank, period__in=set(filed.years.values()), fact__in=list(filed.facts))
    if entered.filter(entered_by=actor).exists():
        yield _("You entered figures of this claim; somebody else must sign it.")


def _money(scheme: Scheme, told: Estimated) -> list[Any]:
    return [amount for amount in told.amounts if scheme.rulebook.estimates[amount.id].unit in SUMMED]


def _period(filed: OnFile) -> str:
    return max(filed.years.values(), default="")


def shown_claim(scheme: Scheme, bank: Bank, filed: OnFile, told: Estimated) -> str:
    """The seal of what the page of a claim shows."""
    return seal_content("claim", f"{scheme.version.pk} {bank.pk}", claim_content(scheme, bank, filed, told))


@transaction.atomic
def file_claim(*, actor: User, scheme_id: int, seen: str | None = None) -> MoneyClaim:
    """File the claim of the actor's own bank from what is on file. ``seen`` is the seal of the page; another content is
    ``Stale``. Raises ``Refused`` with every reason.
    """
    if actor.bank_id is None:
        raise Refused([_("A bank claims for itself.")])
    scheme = get_scheme(actor, scheme_id)
    bank = get_bank(actor, actor.bank_id)
    Bank.objects.select_for_update().filter(pk=bank.pk).first()
    filed = on_file(actor, scheme, bank)
    told = estimate_on_file(scheme, filed)
    if reasons := list(against_claiming(actor, scheme, bank, filed, told)):
        raise Refused(reasons)
    if seen is not None:
        subject = f"{scheme.version.pk} {bank.pk}"
        hold_to_seal("claim", subject, claim_content(scheme, bank, filed, told), seen)
    now = timezone.now()
    content: dict[str, Any] = {
        "scheme": scheme.version.name,
        "hash": scheme.version.hash,
        "facts": {name: {"value": _text(value), "year": filed.years[name]} for name, value in filed.facts.items()},
        "properties": dict(filed.properties),
        "standing": told.result.grade.after,
        "amounts": [_kept(scheme, told, amount.id) for amount in told.amounts],
    }
    try:
        claim = MoneyClaim.objects.create(
            rulebook=scheme.version,
            bank=bank,
            period=_period(filed),
            number=next_number(CLAIM, MoneyClaim.objects.all(), now),
            digest=hashlib.sha256(canonical(content).encode()).hexdigest(),
            filed_by=actor,
            filed_at=now,
            **{name: content[name] for name in ("facts", "properties", "standing", "amounts")},
        )
    except IntegrityError as error:
        raise Refused([_("Your bank has claimed for %(year)s already.") % {"year": _period(filed)}]) from error
    data = {"number": claim.number, "period": claim.period, "digest": claim.digest, **content}
    record("assessments.claim.filed", actor=actor, target=claim, bank_id=bank.pk, data=data, seals=[claim])
    return claim


def _kept(scheme: Scheme, told: Estimated, name: str) -> dict[str, Any]:
    spec = scheme.rulebook.estimates[name]
    value = exact(told, name)
    return {
        "id": name,
        "label": spec.label.to_json(),
        "unit": spec.unit,
        "value": exact_text(value) if value is not None else "",
        "basis": spec.basis,
    }


def shown_decision(claim: MoneyClaim) -> str:
    """The seal of what the page of a decision shows."""
    return seal_content("claim decision", claim.pk, decision_content(claim))


def decision_content(claim: MoneyClaim) -> Iterator[ShownItem]:
    """What is decided: the claim by its number and digest."""
    yield ShownItem("number", _("Receipt number"), claim.number)
    yield ShownItem("digest", _("Digest of what was signed"), claim.digest)
    yield ShownItem("outcome", _("Outcome"), claim.outcome)


@transaction.atomic
def decide_claim(*, actor: User, claim_id: int, accept: bool, reason: str, seen: str | None = None) -> MoneyClaim:
    """Accept or refuse a claim, once, with a reason that the bank reads. Raises ``Refused`` with every reason."""
    claim = get_claim(actor, claim_id, lock=True)
    reason = reason.strip()
    if seen is not None and not claim.outcome:
        hold_to_seal("claim decision", claim.pk, decision_content(claim), seen)
    reasons: list[Any] = []
    if not actor.holds(Role.DECISION_MAKER):
        reasons.append(_("Only a decision maker decides claims."))
    if claim.outcome:
        reasons.append(_("This claim has been decided already."))
    if not reason:
        reasons.append(_("Give a reason: those who must act on it will read it."))
    if len(reason) > REASON_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": REASON_LENGTH})
    if reasons:
        raise Refused(reasons)
    claim.outcome = ClaimOutcome.ACCEPTED if accept else ClaimOutcome.REFUSED
    claim.reason, claim.decided_by, claim.decided_at = reason, actor, timezone.now()
    claim.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
    data = {"number": claim.number, "outcome": str(claim.outcome), "reason": reason}
    record("assessments.claim.decided", actor=actor, target=claim, bank_id=claim.bank_id, data=data, seals=[claim])
    about = {"claim": claim.pk, "number": claim.number, "outcome": str(claim.outcome)}
    title = engine_rulebook(claim.rulebook).title.to_json()
    tell(TOLD, key=f"claim:{claim.pk}", bank_id=claim.bank_id, data={**about, "scheme_title": title})
    return claim
