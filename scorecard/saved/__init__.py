"""Filters of lists that a person keeps by a name (docs/pages.md, Saved filters)."""
