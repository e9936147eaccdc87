"""Who may open which page of this app, put together from its nouns."""

from importlib import import_module

from assessments.urls import NOUNS
from scorecard.access.policy import UrlRule

POLICY: dict[str, UrlRule] = {}
for _noun in NOUNS:
    _entries = import_module(f"assessments.{_noun}.policy").POLICY
    if _doubled := POLICY.keys() & _entries.keys():
        raise ValueError(f"URL names with two policies: {', '.join(sorted(_doubled))}.")
    POLICY |= _entries
