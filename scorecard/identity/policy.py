"""Who may open the pages of one's own second factors."""

from scorecard.access.policy import SIGNED_IN, only
from scorecard.access.roles import Role

POLICY = {
    "factor-list": SIGNED_IN,
    "factor-add": SIGNED_IN,
    "factor-remove": SIGNED_IN,
    "factor-codes": SIGNED_IN,
    "emergency-close": only(Role.ADMINISTRATOR),
}
