"""Rulebook versions: publishing, reading back, comparing."""
