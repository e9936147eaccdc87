"""What other systems read and write (docs/api.md): tokens, and operations beside the pages."""
