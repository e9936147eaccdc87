"""What is wrong with a rulebook, all at once, each with file, line, key and what would mend it."""
