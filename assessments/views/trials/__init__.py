"""What-if: rulebooks compared, a changed rulebook tried on a past round, other figures tried on one's own filing."""
