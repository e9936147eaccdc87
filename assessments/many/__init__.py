"""The same step on many cases, signed as one list (docs/many.md)."""
