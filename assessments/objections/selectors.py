"""What the pages of objections read, and what still stands against a step of one, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from assessments.access import get_assessment, visible_assessments
from assessments.decisions.unfiled import rated_outcome
from assessments.filings.scanning import refused_names
from assessments.models import Assessment, Notice, Objection, ObjectionLetter
from assessments.rounds.working_days import objection_words
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.payloads import ObjectionPayload
from banks.models import User
from scorecard.access.row_security import unbound
from scorecard.engine.values.text import Text
from scorecard.words.language import in_language

TEXT_LENGTH = 4000
GRADE = "grade"
GRADE_LABEL = Text("等次和评级调整", "Grade and adjustment")


@dataclass(frozen=True)
class Subject:
    """Something of a notice that a bank may object to: its key, its name in both languages, and what was told of it."""

    key: str
    label: dict[str, str]
    told: str = ""

    @property
    def words(self) -> str:
        """The name in the language of the screen, with what was told."""
        return f"{in_language(self.label)} · {self.told}" if self.told else in_language(self.label)


def subjects(assessment: Assessment) -> list[Subject]:
    """What the notice told, in its order: indicators with their points, targets, the grade, measures taken."""
    rating = assessment.rating
    if rating is None:
        return []
    rulebook, outcome = engine_rulebook(assessment.round.rulebook), rated_outcome(rating)
    found = []
    for name, spec in rulebook.indicators.items():
        told = outcome["indicators"].get(name, {})
        label = {"zh": f"{name} {spec.name.zh}", "en": f"{name} {spec.name.en}"}
        found.append(Subject(f"indicator:{name}", label, f"{told.get('points') or '—'} / {told.get('max', '')}"))
    found += [Subject(f"target:{name}", spec.name.to_json()) for name, spec in rulebook.targets.items()]
    grade = rulebook.grade(rating.grade).name if rating.grade else None
    found.append(Subject(GRADE, GRADE_LABEL.to_json(), in_language(grade) if grade else ""))
    for measure in rating.measures.exclude(state="declined").order_by("id"):
        found.append(Subject(f"measure:{measure.code}", dict(measure.proposal["label"])))
    return found


def subject_label(assessment: Assessment, key: str) -> dict[str, str]:
    """The name of a subject in both languages; the key itself where the notice has none of it any more."""
    return next((found.label for found in subjects(assessment) if found.key == key), {"zh": key, "en": key})


def subject_words(assessment: Assessment, key: str) -> str:
    """The same in the language of the screen."""
    return in_language(subject_label(assessment, key))


def current_objection(assessment: Assessment) -> Objection | None:
    """The objection to the notice that holds, a draft of the bank among them; None where there is none."""
    return (
        Objection.objects.filter(notice__rating=assessment.rating_id or 0)
        .select_related("notice", "lodged_by", "decided_by", "saved_by")
        .first()
    )


def readable_objections(actor: User, assessment: Assessment) -> list[Objection]:
    """The objections of a case that an access function has given, the newest first. A draft is the bank's own."""
    rows = Objection.objects.filter(notice__rating__assessment=assessment)
    rows = rows.select_related("notice", "lodged_by", "decided_by", "saved_by").prefetch_related("grounds", "letters")
    return list(rows if actor.is_bank_person else rows.filter(lodged_at__isnull=False))


def visible_objections(actor: User) -> QuerySet[Objection]:
    """The lodged objections of the cases that the actor may see, the newest first, with their grounds counted."""
    return (
        Objection.objects.filter(lodged_at__isnull=False, notice__rating__assessment__in=visible_assessments(actor))
        .select_related("notice__rating__assessment__bank", "notice__rating__assessment__round", "decided_by")
        .annotate(grounds_count=Count("grounds"), upheld_count=Count("grounds", filter=Q(grounds__outcome="upheld")))
        .order_by("-lodged_at", "-pk")
    )


def get_letter(actor: User, pk: int) -> tuple[Assessment, ObjectionLetter]:
    """One letter on an objection with its case; 404 for another bank's people."""
    rows = ObjectionLetter.objects.select_related("objection__notice__rating", "issued_by")
    with unbound():
        found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return get_assessment(actor, found.objection.notice.rating.assessment_id), found


def window_reasons(assessment: Assessment, now: datetime) -> Iterator[Any]:
    """Why a bank cannot object any more, or not yet: once to each notice, until its last day for it."""
    notice = Notice.objects.filter(rating=assessment.rating_id or 0).first()
    if notice is None:
        yield _("There is no notice to object to.")
        return
    if now > notice.appeal_until:
        yield objection_words(notice.appeal_until, now)
    if Objection.objects.filter(notice=notice, lodged_at__isnull=False).exists():
        yield _("Your bank has objected to this notice already; an objection is made once.")


def unwritten_reasons(assessment: Assessment) -> Iterator[Any]:
    """Why the draft of an objection cannot be lodged yet."""
    draft = current_objection(assessment)
    if draft is None or not draft.grounds.exists():
        yield _("Write at least one ground: what it is about, and why your bank does not agree.")
    elif not draft.statement.strip():
        yield _("Say what your bank asks for.")
    if draft is not None and (names := refused_names(draft.documents.all())):
        yield _("Withdraw the files in which malware was found: %(names)s.") % {"names": names}


def unanswered_reasons(assessment: Assessment, payload: ObjectionPayload) -> Iterator[Any]:
    """Each ground that is neither upheld nor refused with an answer. A page that only asks has no answers yet."""
    found = current_objection(assessment)
    if found is None or found.lodged_at is None:
        yield _("There is no objection to decide.")
        return
    if not payload.answers:
        return
    for ground in found.grounds.all():
        name = {"name": subject_words(assessment, ground.subject)}
        answer = payload.answers.get(ground.subject)
        if answer is None:
            yield _("“%(name)s”: decide whether the ground is upheld or refused.") % name
        elif not answer.answer.strip():
            yield _("“%(name)s”: say why; the bank reads it in the letter.") % name
        elif len(answer.answer) > TEXT_LENGTH:
            yield _("“%(name)s”: use at most %(most)d characters.") % (name | {"most": TEXT_LENGTH})
