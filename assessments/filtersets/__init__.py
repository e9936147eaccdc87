"""Filter sets of the lists of this app."""
