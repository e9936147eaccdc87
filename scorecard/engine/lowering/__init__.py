"""A rulebook as one small typed program. See docs/lowering.md."""
