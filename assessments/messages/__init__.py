"""Messages about rounds, filings and cases: whom they reach, what they say, and when (``docs/messages.md``)."""
