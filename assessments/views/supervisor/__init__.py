"""The supervisor's pages: queue, review, second review, decision, notice."""
