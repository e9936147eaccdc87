"""An app with kinds of job that leave a trace of each of their runs."""
