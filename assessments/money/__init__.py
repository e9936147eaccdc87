"""Schemes that pay or compensate banks."""
