"""How long data is kept, kind by kind, and what is held however old it is (docs/retention.md)."""
