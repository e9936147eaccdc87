"""Settings by environment: ``dev`` (also the demonstration), ``test`` and ``production``; ``base`` is shared."""

import gc

# Python looks for circles of dead objects after each 700 new ones, which took a seventh of a process's start and found
# next to nothing. What stands in no circle goes at once, by its count of references.
gc.set_threshold(50_000)  # the older generations after ten of the younger, as Python has it
