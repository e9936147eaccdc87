"""Who may open the pages of what-if. Results of trials hold the points of banks: those who read them may read these."""

from scorecard.access.policy import SIGNED_IN, Rule

POLICY: dict[str, Rule] = {
    "rulebook-diff": SIGNED_IN,
}
