"""Returns S63 and S71 as a source of figures (``docs/returns.md``)."""
