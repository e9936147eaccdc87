"""URL policies by audience."""
