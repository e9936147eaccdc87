"""The draft of the yearly report (docs/report-draft.md): chapters whose figures come out of the data."""
