"""A value is one that the draft keeps."""

from collections.abc import Iterator

from assessments.filings.refusals import refusal
from assessments.filings.workbook.checks.registry import Problem, Reading, of_values


@of_values
def refused_values(reading: Reading) -> Iterator[Problem]:
    """What a save on the web refuses is refused here, in the same words."""
    for key, value in reading.values.items():
        if message := refusal(reading.rulebook, key, value):
            place = reading.places[key]
            yield Problem(place.sheet, place.address, message)
