"""One consistent set of database, evidence, keys and checkpoints; and an empty machine made from it."""
