"""What may stand in a rulebook's files: places in the source, fields read from them, keys and their forms."""
