"""Meetings: agenda, results, minutes, follow-ups."""
