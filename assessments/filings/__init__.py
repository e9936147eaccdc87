"""A bank's filing: drafts, evidence, steps, submission."""
