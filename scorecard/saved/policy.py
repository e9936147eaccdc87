"""Who may open the pages of saved filters: everybody who is signed in, each the own ones."""

from scorecard.access.policy import SIGNED_IN

POLICY = {
    "saved-filters": SIGNED_IN,
    "saved-filter": SIGNED_IN,
    "saved-filter-open": SIGNED_IN,
    "saved-filter-save": SIGNED_IN,
}
