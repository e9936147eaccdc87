"""What a person reads on screen and in files: the language, the units, the numbers. Services may import it."""
