"""The complete file of a round or of a bank, as an archive that opens without the product (docs/archives.md)."""
