"""The audit trail and background work, on pages."""
