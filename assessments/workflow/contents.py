"""What a person relies on when taking a final step: the content that its page seals (``workflow.shown``)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.decisions.notices import notice_body
from assessments.decisions.selectors import get_rating, list_measures
from assessments.decisions.unfiled import unfiled_outcome, unfiled_rule
from assessments.filings.selectors import draft_of
from assessments.filings.submission import draft_content
from assessments.meetings import selectors as meetings
from assessments.models import Assessment, Notice, Rating, TargetEntry
from assessments.objections.selectors import current_objection, subject_words
from assessments.reviews.selectors import ReviewSheet, latest_decisions
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow import duties
from assessments.workflow.shown import Kept, ShownItem
from scorecard.audit.services import canonical
from scorecard.words.formats import moment
from scorecard.words.language import in_language, screen_language


def filing_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """Everything that a signature freezes: figures, answers, files, the report, the explanations of warnings; and the
    version that it follows, so that a page from before a return signs nothing after it.
    """
    yield from _version_items(assessment)
    rulebook, lang = engine_rulebook(assessment.round.rulebook), screen_language()
    content = draft_content(draft_of(assessment, kept))
    for fact, stored in content["facts"].items():
        yield ShownItem(f"fact {fact}", rulebook.facts[fact].label.get(lang), stored["value"] or stored["state"])
    for name, answer in content["answers"].items():
        title = f"{name} {rulebook.indicators[name].name.get(lang)}"
        yield ShownItem(f"text {name}", _("%(name)s: text") % {"name": title}, answer["narrative"])
        points = "not applicable" if answer["not_applicable"] else answer["self_points"]
        yield ShownItem(f"points {name}", _("%(name)s: own points") % {"name": title}, points)
    yield ShownItem("report", _("Summary report"), content["report"])
    yield ShownItem("explanations", _("Explanations of warnings"), canonical(content["explanations"]))
    yield ShownItem("evidence", _("Evidence files (numbers)"), ", ".join(map(str, content["evidence"])))
    yield ShownItem("history", _("Figures of earlier years"), canonical(content["history"]))
    yield ShownItem("bank", _("Properties of the bank"), canonical(content["bank_properties"]))


def review_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What a second reviewer confirms: the version, the officer's points and reasons, the supervisor's figures."""
    sheet = kept.get("sheet") or ReviewSheet(assessment)
    yield from _version_items(assessment)
    for row in sheet.rows:
        if row.entry is not None:
            said = f"{row.entry.points or '='} · {row.entry.reason}"
            yield ShownItem(f"points {row.id}", f"{row.id} {row.name}", said)
    yield from _decision_items(assessment, sheet.decisions)
    for fact in sheet.given_facts:
        value = (fact.entry.value or str(fact.entry.state)) if fact.entry else ""
        yield ShownItem(f"fact {fact.spec.id}", fact.label, value)
    yield ShownItem("total", _("Points"), sheet.run.total if sheet.run else "")


def unfiled_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What an officer relies on who rates a bank as one that filed nothing: that nothing came until its day, the rule,
    and what follows from it."""
    until = assessment.files_until
    yield from _version_items(assessment)
    yield ShownItem("until", _("Filing deadline"), until.isoformat(), moment(until))
    rulebook = engine_rulebook(assessment.round.rulebook)
    rule, outcome = unfiled_rule(rulebook), unfiled_outcome(assessment)
    yield ShownItem("rule", _("Rule for a bank that files nothing"), in_language(rule.because) if rule else "")
    grade = rulebook.grade(outcome["grade"]["after"])
    yield ShownItem("grade", _("Grade as the rules give it"), grade.id, in_language(grade.name))
    names = ", ".join(in_language(measure["label"]) for measure in outcome["measures"])
    yield ShownItem("measures", _("Measures"), ",".join(measure["id"] for measure in outcome["measures"]), names)


def rating_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What a decision maker signs: version, points, grades and adjustment as proposed, and each measure as decided."""
    rating = kept["rating"] if "rating" in kept else get_rating(assessment)
    if rating is None:
        return
    yield from _version_items(assessment)
    decisions = kept["decisions"] if "decisions" in kept else latest_decisions(assessment.version)
    yield from _decision_items(assessment, decisions)
    yield from _rating_items(rating)
    yield from _meeting_items(kept["meeting"] if "meeting" in kept else meetings.of_case(assessment))


def _meeting_items(found: meetings.OfCase) -> Iterator[ShownItem]:
    """What a meeting decided of the case, where one did."""
    point = found.decided
    if point is None:
        return
    number = point.meeting.minutes.number
    said = canonical({"minutes": number, "result": point.result, "grade": point.grade, "measures": point.measures})
    words = f"{number} · {point.get_result_display()}"
    yield ShownItem("meeting", _("Decision of the meeting"), said, words)


def taking_back_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What is taken back: the decision as it was signed, and why somebody asks for it."""
    yield from rating_content(assessment, kept)
    if assessment.rating is not None:
        yield ShownItem("reason", _("Reason of the decision"), assessment.rating.reason)
    asked = duties.who_asked(assessment)
    if asked is not None:
        yield ShownItem("asked", _("Why it is asked for"), f"{asked.pk} {asked.reason}", asked.reason)


def objection_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What a bank signs, and what is decided: the objection's words, its grounds and its files."""
    found = current_objection(assessment)
    if found is None:
        return
    yield ShownItem("notice", _("Number of the notice"), found.notice.number)
    yield ShownItem("statement", _("What the bank asks for"), found.statement)
    for ground in found.grounds.all():
        label = subject_words(assessment, ground.subject)
        yield ShownItem(f"ground {ground.subject}", label, ground.text)
    files = found.documents.filter(withdrawn_at=None).order_by("id")
    yield ShownItem("files", _("Files"), ", ".join(f"{row.name} {row.sha256}" for row in files))


def letter_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What is sent: the decision, the measures, and every other word of the letter."""
    rating = kept["rating"] if "rating" in kept else get_rating(assessment)
    if rating is None:
        return
    yield from _rating_items(rating)
    # The day of issue and the last day for an objection follow from the moment of the sending and are no content.
    yield from _body_items(notice_body(rating))


def notice_content(assessment: Assessment, kept: Kept) -> Iterator[ShownItem]:
    """What a bank acknowledges: the letter with its number."""
    notice = Notice.objects.filter(rating=assessment.rating_id).first()
    if notice is not None:
        yield ShownItem("number", _("Number of the notice"), notice.number)
        yield from _body_items(notice.body)


def _version_items(assessment: Assessment) -> Iterator[ShownItem]:
    version = assessment.version
    yield ShownItem("version", _("Version of the filing"), f"{version.number} · {version.digest}" if version else "")


def _decision_items(assessment: Assessment, decisions: Mapping[str, TargetEntry]) -> Iterator[ShownItem]:
    """What the officer decided of targets that the figures cannot decide."""
    targets = engine_rulebook(assessment.round.rulebook).targets
    for name, entry in decisions.items():
        said = f"{entry.outcome} · {entry.reason}"
        yield ShownItem(f"target {name}", in_language(targets[name].name) if name in targets else name, said)


def _rating_items(rating: Rating) -> Iterator[ShownItem]:
    rulebook, lang = engine_rulebook(rating.assessment.round.rulebook), screen_language()
    yield ShownItem("points", _("Points"), rating.points)
    for key, label, grade in (
        ("before", _("Grade before caps"), rating.grade_before),
        ("proposed", _("Grade as the rules give it"), rating.grade_proposed),
        ("decided", _("Grade decided"), rating.grade),
    ):
        # The text is the id: a switch of language between two pages is no change of content.
        yield ShownItem(key, f"{label} ({rulebook.grade(grade).name.get(lang)})" if grade else label, grade)
    yield ShownItem("adjustment", _("Adjustment of the supervisory rating"), rating.adjustment_proposed)
    for measure in list_measures(rating):
        name = in_language(measure.proposal.get("label")) or measure.code
        options = ",".join(measure.options)
        said = {"state": str(measure.state), "options": options, "content": measure.content, "reason": measure.reason}
        words = " · ".join(part for part in said.values() if part)
        yield ShownItem(f"measure {measure.code}", name, canonical(said), words)


def _body_items(body: Mapping[str, Any]) -> Iterator[ShownItem]:
    yield ShownItem("letter", _("Text of the notice"), canonical(body))
