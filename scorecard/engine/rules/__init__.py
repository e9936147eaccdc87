"""The rule kinds: how an indicator turns facts into points. One file per family, registered by name in `registry`."""
