"""Filings as data: worked cases and typed input."""
