"""Who may open these pages. Whose data they then show is decided by the access functions."""

from scorecard.access.policy import UrlRule
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

_BANK = UrlRule(frozenset(BANK_ROLES))
_PREPARER = UrlRule(frozenset({Role.BANK_PREPARER}))
_READERS = UrlRule(frozenset(BANK_ROLES | READ_ROLES))

POLICY: dict[str, UrlRule] = {
    "filing-detail": _BANK,
    "filing-section": _BANK,
    "filing-sections": _BANK,
    "filing-mark": UrlRule(frozenset({Role.BANK_REVIEWER})),
    "filing-report": _BANK,
    "filing-check": _BANK,
    "filing-panel": _BANK,
    "filing-whatif": _BANK,
    "filing-whatif-keep": _BANK,
    "filing-whatif-kept": _BANK,
    "filing-whatif-one": _BANK,
    "filing-autosave": _PREPARER,
    "filing-workbook": _BANK,
    "filing-workbook-download": _BANK,
    "filing-workbook-uploaded": _PREPARER,
    "filing-workbook-annotated": _PREPARER,
    "filing-offers": _BANK,
    "filing-offer": _BANK,
    "filing-offer-end": UrlRule(frozenset({Role.BANK_SIGNATORY})),
    "filing-returns": _BANK,
    "filing-return": _PREPARER,
    "filing-evidence": _BANK,
    "filing-evidence-add": _PREPARER,
    "filing-evidence-withdraw": _PREPARER,
    "filing-reply": _BANK,
    "filing-remark": _BANK,
    "filing-step": _BANK,
    "filing-sign": UrlRule(frozenset({Role.BANK_SIGNATORY})),
    "filing-extend": UrlRule(frozenset({Role.CASE_OFFICER, Role.ADMINISTRATOR})),
    "evidence-download": _READERS,
    "evidence-view": _READERS,
    "assessment-history": _READERS,
    "filing-version": _READERS,
    "filing-receipt": _READERS,
    "filing-version-changes": _READERS,
    "filing-draft-changes": _BANK,
    "filing-document": _READERS,
}
