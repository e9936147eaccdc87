"""Filings as data: worked cases."""
