"""One case whose content never stands in the way, so that states, roles and people alone decide."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Assessment, FilingVersion, Round, RoundState, RulebookVersion
from assessments.workflow.payloads import DecisionPayload, ObjectionPayload
from assessments.workflow.step import AnyStep, Payload
from banks.models import Bank, RoleGrant, User
from scorecard.access.roles import BANK_ROLES, Role


def without_content(patch: pytest.MonkeyPatch) -> None:
    """Let the guards on content pass and the effects write no content: other tests hold those.

    The table, the duties, the stamps, the lock, the record and the event stay the product's own.
    """
    from assessments.decisions import measures, notices, ratings, unfiled
    from assessments.filings import selectors as filing
    from assessments.filings import submission
    from assessments.objections import selectors as objecting
    from assessments.objections import services as objections
    from assessments.reviews import reasons as review_reasons
    from assessments.workflow import effects

    patch.setattr(filing, "blocking_reasons", lambda assessment, kept: iter(()))
    for name in ("score_reasons", "review_reasons"):
        patch.setattr(review_reasons, name, lambda assessment: iter(()))
    patch.setattr(measures, "measure_reasons", lambda assessment: iter(()))
    patch.setattr(unfiled, "unfiled_reasons", lambda assessment: iter(()))
    proposals = ("propose_rating", "propose_unfiled", "propose_correction")
    for name in (*proposals, "withdraw_rating", "take_back_rating"):
        patch.setattr(ratings, name, lambda step: None)
    for name in ("decide_rating", "close_unchanged"):  # these always say something of what was decided
        patch.setattr(ratings, name, lambda step: {})
    patch.setattr(ratings, "changed_reasons", lambda assessment: iter(()))
    for name in ("lodge", "decide", "tell_unchanged"):
        patch.setattr(objections, name, lambda step: None)
    patch.setattr(objecting, "window_reasons", lambda assessment, now: iter(()))
    patch.setattr(objecting, "unwritten_reasons", lambda assessment: iter(()))
    patch.setattr(objecting, "unanswered_reasons", lambda assessment, payload: iter(()))
    patch.setattr(notices, "issue_notice", lambda step: {})
    patch.setattr(notices, "acknowledge_notice", lambda step: None)
    patch.setattr(submission, "freeze_version", _freeze)
    patch.setattr(effects, "encode_version", lambda version: None)
    patch.setattr(effects, "request_scoring", lambda *, actor, version: None)


def _freeze(step: AnyStep) -> FilingVersion:
    here = step.assessment
    assert here.prepared_by is not None
    assert here.checked_by is not None
    here.version = FilingVersion.objects.create(
        assessment=here,
        number=here.versions.count() + 1,
        digest="0" * 64,
        prepared_by=here.prepared_by,
        checked_by=here.checked_by,
        signed_by=step.actor,
        submitted_at=step.now,
    )
    return here.version


@dataclass
class Case:
    """One bank's file in one open round, and people by role: two of each, and one who holds them all on each side."""

    assessment: Assessment
    people: dict[str, User]

    def again(self) -> Assessment:
        """The assessment as it is in the database now."""
        return Assessment.objects.select_related("round", "bank", "version").get(pk=self.assessment.pk)


def build() -> Case:
    """The case, before its first step."""
    now = timezone.now()
    rulebook = RulebookVersion.objects.create(
        code="states", version="1", title_zh="状态", title_en="States", hash="0" * 64, content="{}"
    )
    round_ = Round.objects.create(
        code="states",
        year=2017,
        title_zh="状态",
        title_en="States",
        rulebook=rulebook,
        state=RoundState.OPEN,
        opens_at=now - timedelta(days=5),
        filing_deadline=now + timedelta(days=5),
        review_deadline=now + timedelta(days=30),
    )
    bank = Bank.objects.create(
        code="S1", name_zh="状态银行", category="city", entity_kind="legal_entity", active_from="2000-01-01"
    )
    people = {}
    for role in Role:
        for number in "12":
            people[f"{role}-{number}"] = _person(f"{role}-{number}", bank if role in BANK_ROLES else None, role)
    people["all-bank"] = _person("all-bank", bank, *BANK_ROLES)
    people["all-supervisor"] = _person("all-supervisor", None, *(set(Role) - BANK_ROLES))
    return Case(Assessment.objects.create(round=round_, bank=bank), people)


def day_is_over(case: Case) -> None:
    """The bank's day has passed: it can file no more, and may be rated as one that did not."""
    past = timezone.now() - timedelta(hours=1)
    Round.objects.filter(pk=case.assessment.round_id).update(filing_deadline=past)


def _person(username: str, bank: Bank | None, *roles: str) -> User:
    user = User.objects.create(username=username, name=username, bank=bank)
    for role in roles:
        RoleGrant.objects.create(user=user, role=role)
    return user


# What a step is told in these tests, where it is told anything.
PAYLOADS: dict[str, Payload] = {
    "decide": DecisionPayload("good"),
    "decide_correction": DecisionPayload("good"),
    "uphold_objection": ObjectionPayload(),
    "refuse_objection": ObjectionPayload(),
}
