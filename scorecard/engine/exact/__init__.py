"""Exact evaluation of one bank: points, sections, targets, grades. The oracle of every other evaluator."""
