"""Who may open the pages of rounds, rulebooks, the audit trail and background work."""

from scorecard.access.policy import SIGNED_IN, Rule, only
from scorecard.access.roles import READ_ROLES, REVIEW_ROLES, SUPERVISOR_ROLES, Role

POLICY: dict[str, Rule] = {
    "home": SIGNED_IN,
    "round-list": only(*SUPERVISOR_ROLES),
    "round-detail": only(*SUPERVISOR_ROLES),
    "round-about": only(*SUPERVISOR_ROLES),
    "round-parameters": only(*SUPERVISOR_ROLES),
    "round-parameter-set": only(Role.ADMINISTRATOR),
    "round-create": only(Role.ADMINISTRATOR),
    "round-edit": only(Role.ADMINISTRATOR),
    "round-open": only(Role.ADMINISTRATOR),
    "round-close": only(Role.ADMINISTRATOR),
    # The administrator never reads scores (product.md, People); the auditor reads and starts nothing on a round.
    "round-score": only(*REVIEW_ROLES),
    "round-aggregate": only(*READ_ROLES),
    "round-snapshot": only(*REVIEW_ROLES),
    "rulebook-list": SIGNED_IN,
    "rulebook-detail": SIGNED_IN,
    "rulebook-publish": only(Role.ADMINISTRATOR),
    "audit-list": only(Role.AUDITOR),
    "audit-verify": only(Role.AUDITOR),
    "job-list": only(Role.ADMINISTRATOR),
}
