"""Rounds: their calendar, participants, yearly values and lists."""
