"""How many examples a test with drawn data takes: few in every run of the suite, many in a long one at night.

`conftest.py` registers the profiles; docs/tests.md says how to choose one.
"""

from hypothesis import settings

FEWEST = 5
AS_WRITTEN = 100  # the examples of the profile under which a test takes as many as it names


def examples(number: int) -> int:
    """``number`` examples in the measure of the profile: a third of them in a short run, ten times in a long one."""
    return max(FEWEST, number * (settings.default or settings()).max_examples // AS_WRITTEN)
