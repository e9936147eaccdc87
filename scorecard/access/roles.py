"""The eight roles of the product. What each does, and never does, is in ``docs/workflow.md``."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """A person may hold several roles; duties are segregated per assessment, on the server."""

    BANK_PREPARER = "bank_preparer", _("Preparer")
    BANK_REVIEWER = "bank_reviewer", _("Reviewer")
    BANK_SIGNATORY = "bank_signatory", _("Signatory")
    CASE_OFFICER = "case_officer", _("Case officer")
    SECOND_REVIEWER = "second_reviewer", _("Second reviewer")
    DECISION_MAKER = "decision_maker", _("Decision maker")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


BANK_ROLES = frozenset({Role.BANK_PREPARER, Role.BANK_REVIEWER, Role.BANK_SIGNATORY})
# What a stand-in of a bank may act as without holding it; who signs is said by two administrators.
LENT_ROLES = frozenset({Role.BANK_PREPARER, Role.BANK_REVIEWER})
SUPERVISOR_ROLES = frozenset(set(Role) - BANK_ROLES)
# Those supervisors who work on assessments; the administrator never scores, rates or reads evidence.
REVIEW_ROLES = frozenset({Role.CASE_OFFICER, Role.SECOND_REVIEWER, Role.DECISION_MAKER})
READ_ROLES = REVIEW_ROLES | {Role.AUDITOR}
ALL_ROLES = frozenset(Role)
