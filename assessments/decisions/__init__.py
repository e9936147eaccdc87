"""Ratings, measures and notices."""
