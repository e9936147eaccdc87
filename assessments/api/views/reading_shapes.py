"""What the operations of readings take and give."""

from datetime import date, datetime

from ninja import Field, Schema
from pydantic import ConfigDict

from assessments.api.views.common import Both
from assessments.api.views.signing import ItemOut
from assessments.readings.services import NOTE_LENGTH


class ReadingOwnOut(Schema):
    """How far the token's bank is: ``none``, ``draft``, ``filed`` or ``correcting``; ``confirmed`` counts revisions."""

    state: str
    confirmed: int
    late: bool


class ReadingPeriodOut(Schema):
    """A month or quarter whose figures banks file. ``own`` is null where the token's person is of no bank."""

    id: int
    year: int
    month: int
    kind: str
    ends_on: date
    due_on: date
    rulebook: str
    own: ReadingOwnOut | None


class ReadingFigureOut(Schema):
    """A figure that is asked for; ``base_of`` names the figure of the period of which it is the base of comparison."""

    id: str
    label: Both
    definition: Both
    unit: str
    decimals: int
    min: str | None
    max: str | None
    required: bool
    base_of: str | None


class ReadingFormOut(ReadingPeriodOut):
    """A period with its figures, in the order of the form."""

    facts: list[ReadingFigureOut]


class ReadingFoundOut(Schema):
    """What a check says. An error blocks the confirmation, a question asks for a note."""

    blocks: bool
    message: str
    facts: list[str]


class ReadingSavedOut(Schema):
    """A draft after a save: the number to carry in the next one, what is missing, and what the checks say."""

    period: int
    revision: int
    saves: int
    missing: list[str]
    findings: list[ReadingFoundOut]


class ReadingDraftOut(ReadingSavedOut):
    """A draft, or what one begins with (``saves`` is 0). ``unreadable`` holds what a person typed and nobody
    can read."""

    editable: bool
    facts: dict[str, str | None]
    unreadable: dict[str, str]
    note: str


class ReadingDraftIn(Schema):
    """What a save changes. What is not named stays."""

    model_config = ConfigDict(extra="forbid")
    saves: int = Field(ge=0, le=2**31 - 1, description="The number of saves that the caller had read; 0 for no draft.")
    facts: dict[str, str | None] = Field(default_factory=dict, max_length=200)
    note: str | None = Field(None, max_length=NOTE_LENGTH, description="The explanation of what the checks ask about.")


class ReadingConfirmationOut(Schema):
    """What would be confirmed, and every reason why it is not now; ``digest`` is null without a draft."""

    reasons: list[str]
    content: list[ItemOut]
    digest: str | None


class ReadingConfirmationIn(Schema):
    """The signature of somebody who has typed none of it."""

    model_config = ConfigDict(extra="forbid")
    digest: str = Field(max_length=64, description="As GET gave it.")
    password: str | None = Field(None, max_length=200, description="Of the person.")
    code: str = Field("", max_length=40, description="Of a second factor, where the page asks for one.")


class ReadingConfirmedOut(Schema):
    """A confirmed reading."""

    period: int
    bank: str
    revision: int
    source: str
    late: bool
    confirmed_at: datetime
    digest: str
    facts: dict[str, str | None]
    note: str


class ReadingTargetOut(Schema):
    """A target on the day of the reading: exact numbers, a ratio as a fraction."""

    id: str
    name: Both
    state: str
    left: str | None
    right: str | None


class ReadingWarningOut(Schema):
    """A warning; ``basis`` says whose rule it is."""

    serious: bool
    message: str
    clause: str
    basis: str


class ReadingStandingOut(ReadingConfirmedOut):
    """A confirmed reading with what follows from it. Empty lists while it has not been worked out."""

    targets: list[ReadingTargetOut]
    goals: list[ReadingTargetOut]
    plan_share: str | None
    warnings: list[ReadingWarningOut]
