"""Letters on paper: notices, receipts of objections and the letters on them, set, signed and kept."""
