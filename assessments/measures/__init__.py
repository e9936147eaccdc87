"""Decided measures from their notice on: register, days, what banks owe and file, and what other desks ask."""
