"""The sections of a filing: who fills them in, what is checked (``docs/filing.md``)."""
