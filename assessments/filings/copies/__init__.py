"""Texts, answers and files that one branch of a bank lets another one take over (``docs/filing.md``)."""
