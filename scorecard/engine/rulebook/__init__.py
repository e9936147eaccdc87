"""The parsed rulebook and what follows from it: the model, its labels, what depends on what."""
