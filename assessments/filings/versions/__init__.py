"""Versions that a bank has signed: read whole, as a document, with their receipt, and held against one another."""
