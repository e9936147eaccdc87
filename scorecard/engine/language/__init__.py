"""The expression language of rulebooks: syntax, exact evaluation, words, peer statistics."""
