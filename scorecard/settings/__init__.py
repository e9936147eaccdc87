"""Settings by environment: ``dev`` (also the demonstration), ``test`` and ``production``; ``base`` is shared."""
