"""One bank's file in one round, and its frozen versions."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, NullIf
from django.utils.translation import gettext_lazy as _

from banks.models import Category, EntityKind
from scorecard.words.language import by_language

if TYPE_CHECKING:
    from assessments.models.ratings import Rating
    from assessments.models.scores import ScoreRun


class Filing(models.TextChoices):
    """Where the bank's own work stands."""

    PREPARING = "preparing", _("Being filled in")
    CHECKING = "checking", _("With the reviewer")
    SIGNING = "signing", _("With the signatory")
    SUBMITTED = "submitted", _("Submitted")
    NOT_FILED = "not_filed", _("Not submitted")  # nothing came in time, and the bank is rated by the rule for that


class Review(models.TextChoices):
    """Where the supervisor's work stands. A return for correction sends it back to "none" until resubmission."""

    NONE = "none", _("Not yet submitted")
    WAITING = "waiting", _("Waiting for acceptance")
    FIRST = "first", _("First review")
    SECOND = "second", _("Second review")
    DECISION = "decision", _("For decision")
    DECIDED = "decided", _("Decided")
    NOTIFIED = "notified", _("Notice sent")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")


class Correction(models.TextChoices):
    """Where the putting right of a decided rating stands, beside the review: by the authority's own motion before and
    after the notice, or on the bank's objection. ``docs/corrections.md`` has the states as a table.
    """

    NONE = "none", _("Nothing to put right")
    ASKED = "asked", _("To be confirmed by another person")
    LODGED = "lodged", _("Objection to be decided")
    REOPENED = "reopened", _("Examined again")
    DECISION = "decision", _("Correction for decision")
    DECIDED = "decided", _("Corrected notice to be sent")


#: ``Assessment.files_until`` in a query.
FILES_UNTIL = Greatest(Coalesce("due_at", "round__filing_deadline"), F("round__filing_deadline"))


# What the round says of a bank, in a query: as it was when the round closed; until then as the register has it.
CATEGORY: Coalesce = Coalesce(NullIf("kept_category", Value("")), "bank__category")
KIND: Coalesce = Coalesce(NullIf("kept_kind", Value("")), "bank__entity_kind")
NAME_ZH: Coalesce = Coalesce(NullIf("kept_name_zh", Value("")), "bank__name_zh")
NAME_SORT: Coalesce = Coalesce(NullIf("kept_name_sort", Value("")), "bank__name_sort", output_field=models.CharField())
OFFICER_NAME: Coalesce = Coalesce(NullIf("kept_officer", Value("")), "officer__name")


#: What a bank's figures cover, by the kind of entity: the whole legal entity (法人口径), or its branch in the city
#: alone (辖内口径).
SCOPES = {EntityKind.LEGAL_ENTITY: _("legal-entity scope"), EntityKind.BRANCH: _("city-branch scope")}


class Leaving(models.TextChoices):
    """Why a bank takes part in a round no more."""

    LEFT = "left", _("Has left the register")
    ABSORBED = "absorbed", _("Has been absorbed by another bank")
    MISTAKEN = "mistaken", _("Was never to take part")


class TakingPart(models.QuerySet["Assessment"]):
    """Assessments of a round."""

    def taking_part(self) -> "TakingPart":
        """Those of the banks that have not been taken out of their round: whatever is counted, summed, ranked, listed
        as work or compared counts these alone.
        """
        return self.filter(taken_out_at=None)

    def counted_once(self) -> "TakingPart":
        """Of these, every institution once: not the branch of a legal entity that takes part in the same round, whose
        figures (法人口径) hold those of the branch (辖内口径) already. Sums, ranks and peer groups count these.
        """
        return self.taking_part().exclude(within_head())


def within_head() -> models.Case:
    """Whether the head office of a case's bank takes part in the same round, in a query; a closed round goes on saying
    what held when it closed.
    """
    heads = Assessment.objects.taking_part()
    now = models.Exists(heads.filter(round=models.OuterRef("round"), bank=models.OuterRef("bank__head_office")))
    return models.Case(
        models.When(kept_name_zh="", then=now),
        default=models.F("kept_within_head"),
        output_field=models.BooleanField(),
    )


class Assessment(models.Model):
    """One bank's file in one round. Filing and review are two states; each changes only by the workflow table.

    ``revision`` counts saves of the draft; a save carries the revision it saw. The people who
    prepared, checked and signed are those of the current draft; each version keeps its own.
    """

    round = models.ForeignKey("assessments.Round", on_delete=models.PROTECT, related_name="assessments")
    bank = models.ForeignKey("banks.Bank", on_delete=models.PROTECT, related_name="assessments")
    filing_state = models.CharField(_("filing"), max_length=12, choices=Filing, default=Filing.PREPARING)
    review_state = models.CharField(_("review"), max_length=12, choices=Review, default=Review.NONE)
    correction_state = models.CharField(_("correction"), max_length=12, choices=Correction, default=Correction.NONE)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    # Field of the draft → revision of the save that last changed it, so that two people can work on different fields.
    touched = models.JSONField(default=dict)
    # Whether anybody has ever assigned a section or marked one as checked: where not, pages ask for neither.
    sections_used = models.BooleanField(default=False, db_default=False)
    saved_at = models.DateTimeField(_("saved"), null=True)
    saved_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(_("reason of the return"), blank=True)
    returned_at = models.DateTimeField(_("returned"), null=True)
    # A return or an extension may give the bank a later day than the round's filing deadline.
    due_at = models.DateTimeField(_("own deadline"), null=True)
    version = models.ForeignKey(
        "assessments.FilingVersion", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("version")
    )
    officer = models.ForeignKey(
        "banks.User", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("case officer")
    )
    # Who is to take the second review, and who is to decide (docs/workflow.md, Whose case it is). They follow from the
    # records of the steps (``StepRecord.handed_to``), which are sealed.
    second_reviewer = models.ForeignKey(
        "banks.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("second reviewer"),
    )
    decision_maker = models.ForeignKey(
        "banks.User",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("decision maker"),
    )
    reviewed_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey("banks.User", null=True, on_delete=models.PROTECT, related_name="+")
    # The latest score run of each kind, denormalised so that lists make a constant number of queries.
    # No index: nobody asks for the assessment of a run, and an update that touches no index is half as dear.
    system_run = models.ForeignKey(
        "assessments.ScoreRun", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reviewed_run = models.ForeignKey(
        "assessments.ScoreRun", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # The rating that holds: proposed, then decided; a corrected one takes its place when its notice is sent.
    rating = models.ForeignKey(
        "assessments.Rating", null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("rating")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # Taken out of the round after its opening: it stays readable, counts nowhere, and changes no more.
    taken_out_at = models.DateTimeField(_("taken out of the round"), null=True)
    leaving = models.CharField(_("why it takes part no more"), max_length=10, choices=Leaving, blank=True)
    # What the register said when the round closed: a closed round goes on saying it. Blank while the round is open.
    kept_name_zh = models.CharField(_("name in Chinese at closing"), max_length=120, blank=True)
    kept_name_sort = models.CharField(max_length=1000, blank=True)  # ``Bank.name_sort`` of that name
    kept_name_en = models.CharField(_("name in English at closing"), max_length=160, blank=True)
    kept_category = models.CharField(_("category at closing"), max_length=20, choices=Category, blank=True)
    kept_kind = models.CharField(_("kind of entity at closing"), max_length=12, choices=EntityKind, blank=True)
    kept_officer = models.CharField(_("case officer at closing"), max_length=60, blank=True)
    kept_within_head = models.BooleanField(default=False, db_default=False)  # ``within_head`` at closing

    objects = TakingPart.as_manager()

    class Meta:
        ordering = ["round", "bank"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(fields=["round", "bank"], name="assessments_one_per_bank_and_round"),
            models.CheckConstraint(
                condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("prepared_by")),
                name="assessments_checker_is_not_preparer",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True) | (~Q(signed_by=F("prepared_by")) & ~Q(signed_by=F("checked_by"))),
                name="assessments_signatory_is_neither",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("reviewed_by")),
                name="assessments_second_is_not_first",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "review_state"], name="assessments_by_review"),
            models.Index(fields=["officer", "review_state"], name="assessments_by_officer"),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {self.round}"

    @property
    def never_came(self) -> bool:
        """Whether the round closed without a filing in the supervisor's hands: none came, or none came again."""
        return self.round.is_closed and self.review_state == Review.NONE

    @property
    def filing_words(self) -> str:
        """Where the filing stands; a closed round says what never came in place of what was being filled in."""
        if not self.never_came:
            return str(self.get_filing_state_display())
        return str(_("Not submitted again") if self.version_id else _("Not submitted"))

    @property
    def review_words(self) -> str:
        """Where the supervisor's work stands, the same in a closed round; beside it, what is being put right."""
        words = self.filing_words if self.never_came else str(self.get_review_state_display())
        if self.review_state == Review.NONE and self.version_id and not self.never_came:
            words = str(_("Returned, not submitted again yet"))
        return words if self.correction_state == Correction.NONE else f"{words} · {self.get_correction_state_display()}"

    @property
    def counted_run(self) -> "ScoreRun | None":
        """The run that counts: the reviewed one, or the system's while nothing has been reviewed."""
        return self.reviewed_run or self.system_run

    @property
    def rating_in_hand(self) -> "Rating | None":
        """The rating on which the supervisor works: the corrected one while it has no notice yet, else the one that
        holds (``rating``)."""
        return self.ratings.filter(replaces=self.rating_id).first() or self.rating if self.rating_id else None

    @property
    def files_until(self) -> datetime:
        """Until and including when the bank may file: the round's filing deadline, or the bank's own where it is later.

        Whatever asks for this date asks here (``FILES_UNTIL`` in a query). Lateness is another matter: it counts from
        the round's deadline.
        """
        return max(self.due_at or self.round.filing_deadline, self.round.filing_deadline)

    @property
    def bank_name(self) -> str:
        """The bank's name as the round says it, in the language of the screen."""
        return by_language(self.kept_name_zh, self.kept_name_en) if self.kept_name_zh else self.bank.name

    @property
    def category(self) -> str:
        """The bank's category as the round says it."""
        return self.kept_category or self.bank.category

    @property
    def category_words(self) -> str:
        """The category in words."""
        return str(Category(self.category).label)

    @property
    def scope_words(self) -> str:
        """What the figures of this bank cover: the legal entity as a whole (法人口径), or its branch in the city alone
        (辖内口径)."""
        return str(SCOPES[EntityKind(self.kept_kind or self.bank.entity_kind)])

    @property
    def officer_name(self) -> str:
        """The case officer's name as the round says it; blank where nobody has the case."""
        return self.kept_officer or (str(self.officer) if self.officer is not None else "")

    @property
    def register_says(self) -> str:
        """What the register says of the bank today, where that differs from what the closed round says; else blank."""
        if not self.kept_name_zh:
            return ""
        bank, found = self.bank, []
        if (self.kept_name_zh, self.kept_name_en) != (bank.name_zh, bank.name_en):
            found.append(bank.name)
        if self.kept_category != bank.category:
            found.append(str(bank.get_category_display()))
        if self.kept_kind and self.kept_kind != bank.entity_kind:
            found.append(str(bank.get_entity_kind_display()))
        return " · ".join(found)


class FilingVersion(models.Model):
    """What a bank signed, frozen at submission. Never changed; a resubmission is the next number and keeps this one.

    ``facts`` maps fact ids to ``{"state": …, "value": …}`` with the exact texts of ``banks.FactEntry``; ``history`` the
    same for the years before, by offset (``"-1"``); ``answers`` maps indicator ids to narrative, self points and "not
    applicable"; ``evidence`` lists the ids of the files. ``digest`` is the SHA-256 of the canonical JSON of all of it.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    facts = models.JSONField(default=dict)
    history = models.JSONField(default=dict)
    bank_properties = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    evidence = models.JSONField(default=list)
    report = models.TextField(_("summary report"), blank=True)
    explanations = models.JSONField(default=dict)
    self_total = models.CharField(_("self-score"), max_length=40, blank=True)
    digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    signed_by = models.ForeignKey("banks.User", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"))

    class Meta:
        ordering = ["assessment", "number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="assessments_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} v{self.number}"


class EncodedFiling(models.Model):
    """A version's facts, own points and properties as bytes of fixed layout (``assessments.scoring.bulk.encoding``),
    for scoring many at once. Derived data: made at submission, made again where it is missing or ``layout`` is another.
    """

    version = models.OneToOneField(FilingVersion, primary_key=True, on_delete=models.PROTECT, related_name="encoded")
    layout = models.CharField(max_length=16)
    body = models.BinaryField()

    class Meta:
        verbose_name = _("encoded filing")
        verbose_name_plural = _("encoded filings")

    def __str__(self) -> str:
        return f"{self.version_id} {self.layout}"
