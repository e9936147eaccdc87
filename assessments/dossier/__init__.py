"""Finding a bank from every page, and what is known of it over the years on one page."""
