"""What a review still lacks, in words: the reasons that its steps are refused with."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from assessments.models import Assessment
from assessments.reviews.selectors import ReviewSheet, needs_view, of_version
from scorecard.engine.rulebook.model import Indicator
from scorecard.words.language import in_language, screen_language


def score_reasons(assessment: Assessment) -> Iterator[str]:
    """The current version has its system score; without it a review has nothing to verify."""
    version = assessment.version
    if version is None:
        yield _("The bank has not submitted anything yet.")
    elif of_version(assessment.system_run, version) is None:
        yield _(
            "Version %(number)d has not been scored yet; it is scored in the background, look again in a moment."
        ) % {"number": version.number}


def review_reasons(assessment: Assessment) -> Iterator[str]:
    """The supervisor's figures are all given, every indicator that asks for judgement has been looked at, and every
    target that the figures cannot decide is decided; what is not is named.
    """
    yield from sheet_reasons(ReviewSheet(assessment))


def sheet_reasons(sheet: ReviewSheet) -> Iterator[str]:
    """The same of a sheet that has been read."""
    lang = screen_language()
    if lacking := [fact.spec.label.get(lang) for fact in sheet.given_facts if not fact.given]:
        yield _("Give the supervisor's figures that are still missing: %(labels)s.") % {"labels": _joined(lacking)}
    unseen = [spec for spec in sheet.rulebook.indicators.values() if needs_view(spec) and spec.id not in sheet.entries]
    if unseen:
        yield _("Look at these indicators and agree or give points: %(names)s.") % {"names": _named(unseen)}
    if sheet.undecided:
        yield _("Decide the targets that the figures cannot decide: %(names)s.") % {"names": _joined(sheet.undecided)}
    outcomes = sheet.outcome.get("indicators", {})
    pending = [
        spec
        for spec in sheet.rulebook.indicators.values()
        if outcomes.get(spec.id, {}).get("state") in ("pending", "undefined") and spec not in unseen
    ]
    if pending and not lacking:
        yield _("These indicators have no points yet; give them: %(names)s.") % {"names": _named(pending)}


def _named(specs: Iterable[Indicator]) -> str:
    return _joined([f"{spec.id} {in_language(spec.name)}" for spec in specs])


def _joined(words: list[str]) -> str:
    return ("、" if screen_language() == "zh" else ", ").join(words)
