"""Who may open these pages, and in whose name an operation is taken. Whose data it then is, is for access functions;
what a token adds to it, for its scopes."""

from scorecard.access.policy import SIGNED_IN, UrlRule, only
from scorecard.access.roles import BANK_ROLES, READ_ROLES, Role

_BANK = only(*BANK_ROLES)
_READERS = only(*BANK_ROLES, *READ_ROLES)

POLICY: dict[str, UrlRule] = {
    "token-list": SIGNED_IN,
    "token-detail": SIGNED_IN,
    "token-draw": SIGNED_IN,
    "token-revoke": SIGNED_IN,
    "token-grant": only(Role.BANK_SIGNATORY, Role.ADMINISTRATOR),
    "api:api-root": SIGNED_IN,
    "api:openapi-json": SIGNED_IN,
    "api:openapi-view": SIGNED_IN,
    "api:me": SIGNED_IN,
    "api:rounds": SIGNED_IN,
    "api:round": SIGNED_IN,
    "api:form": SIGNED_IN,
    "api:assessments": _READERS,
    "api:assessment": _READERS,
    "api:draft": _BANK,
    "api:checks": _BANK,
    "api:score": _BANK,
    "api:evidence": _BANK,
    "api:evidence-file": only(Role.BANK_PREPARER),
    "api:steps": _BANK,
    "api:step": _BANK,
    "api:result": _READERS,
    "api:explanation": _READERS,
    "api:notices": _READERS,
    "api:round-points": only(*READ_ROLES),
    "api:round-facts": only(*READ_ROLES),
    "api:readings": _READERS,
    "api:reading": _READERS,
    "api:reading-draft": _BANK,
    "api:reading-confirmation": _BANK,
    "api:reading-bank": _READERS,
}
