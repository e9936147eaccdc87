"""A refusal that knows its fields, so that a form can show each sentence where it belongs."""

from collections.abc import Mapping, Sequence
from typing import Any

from scorecard.access.decisions import Refused


class Invalid(Refused):
    """Values that cannot be kept: ``fields`` maps a field to full sentences; ``""`` holds those about the whole."""

    def __init__(self, fields: Mapping[str, Sequence[Any]]) -> None:
        self.fields = {field: list(reasons) for field, reasons in fields.items() if reasons}
        super().__init__(reason for reasons in self.fields.values() for reason in reasons)
