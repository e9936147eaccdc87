"""Entries of the rail by audience."""
