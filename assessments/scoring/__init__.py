"""Score runs: one version, a round, what banks and supervisors see of them."""
