"""Where an emergency is looked into."""

from scorecard.ui.job_pages import JobPage, register

register({"identity.emergency_alert": JobPage("emergency-close", "use")})
