"""Tests of returns as a source of figures."""
