"""Filings as data: worked cases, scoring tables, typed input."""
