"""Documents on paper: one description of what a document says, set as PDF and as an editable .docx."""
