"""Tests with real processes: the Procfile's own worker and beat, a real broker, a shared database."""
