"""Rulebook versions, rounds, assessments, answers, evidence, score runs, reviews, ratings, measures, notices."""

from .answers import REPORT, Answer, Evidence
from .assessments import Assessment, Filing, FilingVersion, PackedVersion, Review
from .ratings import Measure, MeasureState, Notice, Rating
from .reviews import Comment, ReviewEntry, ReviewStage, StepRecord
from .rounds import Round, RoundParameter, RoundSnapshot, RoundState
from .rulebooks import RulebookVersion
from .scores import PeerSnapshot, Ranking, ScoreKind, ScoreRun
from .trials import Trial

__all__ = [
    "REPORT",
    "Answer",
    "Assessment",
    "Comment",
    "Evidence",
    "Filing",
    "FilingVersion",
    "Measure",
    "MeasureState",
    "Notice",
    "PackedVersion",
    "PeerSnapshot",
    "Ranking",
    "Rating",
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
    "StepRecord",
    "Trial",
]
