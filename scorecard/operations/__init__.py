"""Running the service: backup and restore, health, metrics, logs, and what is checked at start (docs/operations.md)."""
