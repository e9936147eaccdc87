"""What figures, answers and results are: exact numbers, kinds of nothing, units, findings. Imports no other room."""
