"""The functions of expressions, one family a file. Importing the package declares them."""
