"""Rulebook versions, rounds, assessments, answers, evidence, score runs, reviews, ratings, measures, notices."""

from .answers import OBJECTION, OBLIGATION, REPORT, Answer, Evidence
from .api import ApiAnswer, ApiToken
from .assessments import Assessment, Correction, EncodedFiling, Filing, FilingVersion, Leaving, Review
from .checks import PublicCheck
from .claims import ClaimOutcome, MoneyClaim
from .measures import (
    BINDING,
    OWED,
    LiveMeasure,
    LiveState,
    MeasureStep,
    Obligation,
    ObligationFiling,
    ObligationKind,
    ObligationOutcome,
    ObligationState,
    binds_on,
)
from .objections import CalendarDay, Objection, ObjectionGround, ObjectionLetter, ObjectionOutcome
from .ratings import Measure, MeasureState, Notice, Rating
from .readings import (
    Circular,
    CircularCopy,
    PeriodKind,
    Reading,
    ReadingPeriod,
    ReadingSource,
    ReadingStanding,
    period_title,
)
from .retention import LegalHold
from .reviews import (
    HANDED,
    HANDED_DECISION,
    HANDED_SECOND,
    HANDOVERS,
    Comment,
    ReviewEntry,
    ReviewStage,
    StepRecord,
    TargetEntry,
)
from .rounds import ParticipantChange, Round, RoundParameter, RoundSnapshot, RoundState
from .rulebooks import RulebookVersion
from .scores import PeerSnapshot, Ranking, ScoreKind, ScoreRun
from .sections import SectionAssignment, SectionCheck
from .trials import Trial
from .what_ifs import KeptWhatIf
from .workbooks import UploadKind, WorkbookUpload

__all__ = [
    "BINDING",
    "HANDED",
    "HANDED_DECISION",
    "HANDED_SECOND",
    "HANDOVERS",
    "OBJECTION",
    "OBLIGATION",
    "OWED",
    "REPORT",
    "Answer",
    "ApiAnswer",
    "ApiToken",
    "Assessment",
    "CalendarDay",
    "Circular",
    "CircularCopy",
    "ClaimOutcome",
    "Comment",
    "Correction",
    "EncodedFiling",
    "Evidence",
    "Filing",
    "FilingVersion",
    "KeptWhatIf",
    "Leaving",
    "LegalHold",
    "LiveMeasure",
    "LiveState",
    "Measure",
    "MeasureState",
    "MeasureStep",
    "MoneyClaim",
    "Notice",
    "Objection",
    "ObjectionGround",
    "ObjectionLetter",
    "ObjectionOutcome",
    "Obligation",
    "ObligationFiling",
    "ObligationKind",
    "ObligationOutcome",
    "ObligationState",
    "ParticipantChange",
    "PeerSnapshot",
    "PeriodKind",
    "PublicCheck",
    "Ranking",
    "Rating",
    "Reading",
    "ReadingPeriod",
    "ReadingSource",
    "ReadingStanding",
    "Review",
    "ReviewEntry",
    "ReviewStage",
    "Round",
    "RoundParameter",
    "RoundSnapshot",
    "RoundState",
    "RulebookVersion",
    "ScoreKind",
    "ScoreRun",
    "SectionAssignment",
    "SectionCheck",
    "StepRecord",
    "TargetEntry",
    "Trial",
    "UploadKind",
    "WorkbookUpload",
    "binds_on",
    "period_title",
]
