"""Objections of banks to their notices (``docs/corrections.md``)."""
