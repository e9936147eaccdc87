"""Where the results of this app's background work stand."""

from scorecard.ui.job_pages import JobPage, register

from .services import JOB_KIND

register({JOB_KIND: JobPage("figures:load-detail", "load")})
