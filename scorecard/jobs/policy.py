"""Who may open the health pages."""

from scorecard.access.policy import PUBLIC

POLICY = {"health-live": PUBLIC, "health-ready": PUBLIC}
