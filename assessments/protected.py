"""What of rounds, filings, scores and decisions is append-only, and what events seal of it.

Caches and counts that follow from sealed rows (``ScoreRun.stored``, the pointers to the newest runs, the revision of a
draft) are not sealed.
"""

from assessments.models import (
    Answer,
    ApiToken,
    Assessment,
    CalendarDay,
    Circular,
    CircularCopy,
    Comment,
    Evidence,
    FilingVersion,
    FollowUp,
    KeptWhatIf,
    LegalHold,
    LiveMeasure,
    Measure,
    MeasureStep,
    Meeting,
    MeetingPoint,
    MeetingStep,
    Minutes,
    MoneyClaim,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    Obligation,
    ObligationFiling,
    ParticipantChange,
    PartnerStep,
    PeerSnapshot,
    Ranking,
    Rating,
    Reading,
    ReadingPeriod,
    ReadingStanding,
    ReviewEntry,
    Round,
    RoundParameter,
    RoundSnapshot,
    RulebookVersion,
    ScoreRun,
    SectionAssignment,
    SectionCheck,
    StepRecord,
    TargetEntry,
)
from scorecard.audit.protection import protect

protect(
    RulebookVersion,
    sealed=("code", "version", "title_zh", "title_en", "hash", "content", "published_by", "published_at"),
)
protect(
    Round,
    sealed=(
        "code", "year", "title_zh", "title_en", "rulebook", "state", "opens_at", "filing_deadline", "review_deadline",
        "appeal_days", "opened_at", "closed_at",
    ),
    append_only=False,
)  # fmt: skip
protect(RoundParameter, sealed=("round", "parameter", "revision", "value", "source", "set_by", "set_at"))
protect(ParticipantChange, sealed=("round", "assessment", "added", "leaving", "reason", "actor", "at"))
protect(
    Assessment,
    sealed=(
        "round", "bank", "filing_state", "review_state", "correction_state", "prepared_by",
        "checked_by", "signed_by", "return_reason", "returned_at", "due_at", "version", "officer", "reviewed_by",
        "second_by", "rating", "taken_out_at", "leaving", "kept_name_zh", "kept_name_en", "kept_category",
        "kept_kind", "kept_officer",
    ),
    append_only=False,
)  # fmt: skip
protect(
    FilingVersion,
    sealed=(
        "assessment", "number", "facts", "history", "bank_properties", "answers", "evidence", "report", "explanations",
        "self_total", "digest", "prepared_by", "checked_by", "signed_by", "submitted_at",
    ),
)  # fmt: skip
protect(
    ScoreRun,
    sealed=(
        "assessment", "version", "kind", "key", "rulebook_hash", "engine_version", "inputs", "array", "total",
        "pending", "grade_before", "grade", "targets",
    ),
    but=("stored",),
)  # fmt: skip
protect(
    Rating,
    sealed=(
        "assessment", "replaces", "taken_back_at", "run", "points", "grade_before", "grade_proposed", "grade",
        "adjustment_proposed", "adjustment", "reason", "decided_by", "decided_at",
    ),
    but=("taken_back_at",),
    once='OLD."decided_at" IS NOT NULL',
)  # fmt: skip
protect(
    Measure,
    sealed=(
        "rating", "code", "tool", "proposal", "state", "options", "content", "reason", "decided_by", "decided_at",
    ),
    append_only=False,
)  # fmt: skip
protect(
    Notice,
    sealed=(
        "rating", "replaces", "number", "body", "issued_by", "issued_at", "appeal_until", "acknowledged_by",
        "acknowledged_at",
    ),
    but=("acknowledged_by", "acknowledged_at"),
)  # fmt: skip
protect(
    Objection,
    sealed=(
        "notice", "number", "revision", "statement", "saved_by", "saved_at", "lodged_by", "lodged_at", "digest",
        "outcome", "reason", "decided_by", "decided_at",
    ),
    but=("outcome", "reason", "decided_by", "decided_at"),
    once='OLD."lodged_at" IS NOT NULL',
)  # fmt: skip
protect(
    ObjectionGround,
    sealed=("objection", "subject", "text", "written_by", "outcome", "answer"),
    once="OLD.\"outcome\" <> ''",
)
protect(ObjectionLetter, sealed=("objection", "kind", "number", "body", "issued_by", "issued_at"))
protect(
    LegalHold,
    sealed=("round", "bank", "reason", "set_by", "set_at", "lifted_by", "lifted_at", "lift_reason"),
    but=("lifted_by", "lifted_at", "lift_reason"),
)
protect(CalendarDay, sealed=("day", "working", "source", "set_by", "set_at"))
protect(
    LiveMeasure,
    sealed=("assessment", "measure", "replaces", "owner", "state", "from_day", "due_on", "ends_on"),
    append_only=False,
)
protect(Obligation, sealed=("live", "kind", "due_on", "state"), append_only=False)
protect(
    ObligationFiling,
    sealed=(
        "obligation", "number", "text", "revision", "saved_by", "saved_at", "filed_by", "filed_at", "digest",
        "outcome", "reason", "decided_by", "decided_at",
    ),
    but=("outcome", "reason", "decided_by", "decided_at"),
    once='OLD."filed_at" IS NOT NULL',
)  # fmt: skip
protect(MeasureStep, sealed=("live", "obligation", "name", "reason", "data", "actor", "stood_in_for", "at"))
protect(
    MoneyClaim,
    sealed=(
        "rulebook", "bank", "period", "number", "facts", "properties", "standing", "amounts", "digest", "filed_by",
        "filed_at", "outcome", "reason", "decided_by", "decided_at",
    ),
    but=("outcome", "reason", "decided_by", "decided_at"),
)  # fmt: skip
protect(PartnerStep, sealed=("rulebook", "bank", "number", "state", "standing", "facts", "reason", "actor", "at"))
protect(
    Meeting,
    sealed=("kind", "title", "place", "starts_at", "secretary", "chair", "state", "course", "revision"),
    append_only=False,
)
protect(
    MeetingPoint,
    sealed=(
        "meeting", "place", "assessment", "rating_no", "proposal", "title", "text", "result", "grade", "measures",
        "reason",
    ),
    append_only=False,
)  # fmt: skip
protect(Minutes, sealed=("meeting", "number", "body", "digest", "signed_by", "signed_at"))
protect(FollowUp, sealed=("meeting", "place", "text", "owner", "due_on", "state"), append_only=False)
protect(MeetingStep, sealed=("meeting", "follow_up", "name", "reason", "data", "actor", "at"))
protect(
    Evidence,
    sealed=(
        "assessment", "indicator", "objection", "file", "name", "size", "sha256", "content_type", "uploaded_by",
        "uploaded_at", "withdrawn_by", "withdrawn_at",
    ),
    but=("withdrawn_by", "withdrawn_at", "scan"),
    file=("file", "sha256"),
    file_gone="assessments.evidence.destroyed",
)  # fmt: skip
protect(
    ReviewEntry,
    sealed=("assessment", "version", "indicator", "revision", "stage", "points", "reason", "entered_by", "entered_at"),
)
protect(SectionCheck, sealed=("assessment", "page", "digest", "marked_by", "at"))
protect(SectionAssignment, sealed=("assessment", "page", "assignee", "assigned_by", "at"))
protect(TargetEntry, sealed=("version", "target", "revision", "outcome", "reason", "entered_by", "entered_at"))
protect(
    StepRecord,
    sealed=("assessment", "transition", "version", "reason", "actor", "stood_in_for", "handed_to", "at"),
)
protect(Circular, sealed=("period", "number", "body", "digest", "issued_by", "issued_at"))
protect(
    CircularCopy,
    sealed=("circular", "bank", "number", "body", "digest", "issued_at", "read_by", "read_at"),
    but=("read_by", "read_at"),
)
protect(ReadingStanding, sealed=("reading", "number", "content", "missed", "warnings", "serious", "computed_at"))
protect(ReadingPeriod, sealed=("year", "month", "kind", "rulebook", "due_on", "opened_by", "opened_at"))
protect(
    Reading,
    sealed=(
        "period", "bank", "revision", "source", "facts", "typed", "note", "saves", "writers", "saved_by", "saved_at",
        "confirmed_by", "confirmed_at", "digest",
    ),
    once='OLD."confirmed_at" IS NOT NULL',
)  # fmt: skip
protect(
    ApiToken,
    sealed=(
        "bank", "person", "name", "scopes", "until", "granted_by", "granted_at", "key", "digest", "drawn_at",
        "revoked_by", "revoked_at",
    ),
    append_only=False,
)  # fmt: skip
# Without a seal of their own: drafts, remarks, and what scoring derives.
protect(Answer)
protect(Comment)
protect(KeptWhatIf, but=("removed_by", "removed_at"))
protect(PeerSnapshot)
protect(Ranking)
protect(RoundSnapshot)
