"""Meetings of the rating committee and regular meetings: agenda, attendance, results, minutes, follow-ups."""
