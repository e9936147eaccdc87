"""Scoring a whole round: encoded filings in, stored runs out."""
