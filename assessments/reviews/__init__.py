"""The supervisor's first and second review."""
