"""A changed rulebook tried on a round."""
