"""Pages of the money schemes."""
