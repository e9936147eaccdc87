"""The filing as a workbook: out with what the draft holds, and back in (docs/workbook.md)."""
