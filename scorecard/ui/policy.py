"""Who may open the pages of the frame."""

from scorecard.access.policy import PUBLIC, SIGNED_IN

POLICY = {
    "login": PUBLIC,
    "login-provider": PUBLIC,
    "login-provider-return": PUBLIC,
    "logout": SIGNED_IN,
    "password-change": SIGNED_IN,
    "profile": SIGNED_IN,
    "session-end": SIGNED_IN,
    "set-language": PUBLIC,
    "set-theme": PUBLIC,
    "table-settings": SIGNED_IN,
    "job-detail": SIGNED_IN,
    "job-file": SIGNED_IN,
    "job-progress": SIGNED_IN,
}
