"""Who may check a document: everybody."""

from scorecard.access.policy import PUBLIC, UrlRule

POLICY: dict[str, UrlRule] = {"verify": PUBLIC}
