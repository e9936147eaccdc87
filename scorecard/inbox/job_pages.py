"""Where the results of sending messages stand: the mails that went out, and those that did not."""

from scorecard.ui.job_pages import JobPage, register

register({"inbox.send": JobPage("mail-list")})
