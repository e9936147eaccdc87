"""The explained result of one bank: the tree, the checks and what is still needed."""
