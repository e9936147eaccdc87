"""What a person relies on when opening, closing or scoring a round: the content that its page seals."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.models import Filing, Review, Round
from assessments.rounds.parameters.values import parameter_texts
from assessments.rounds.participants import participants
from assessments.workflow.shown import ShownItem
from banks.models import User
from scorecard.words.formats import moment


def opening_content(round_: Round) -> Iterator[ShownItem]:
    """What opening fixes: the round's own data, and each bank that gets an assessment with its case officer."""
    yield from _round_items(round_)
    officers = dict(User.objects.filter(banks_in_charge__isnull=False).values_list("pk", "name"))
    for bank in participants(round_):
        number = bank.case_officer_id
        words = officers[number] if number else _("no case officer")
        yield ShownItem(f"bank {bank.code}", bank.name, str(number or "none"), words)


def closing_content(round_: Round) -> Iterator[ShownItem]:
    """What closing makes final: the round's own data, and where each bank stands."""
    yield from _round_items(round_)
    for case in round_.taking_part.select_related("bank").order_by("bank__code"):
        states = [str(Filing(case.filing_state).label), str(Review(case.review_state).label)]
        stands = f"{case.filing_state} {case.review_state}"
        yield ShownItem(f"bank {case.bank.code}", case.bank.name, stands, " · ".join(dict.fromkeys(states)))


def scoring_content(round_: Round) -> Iterator[ShownItem]:
    """What is scored: the submitted version of each bank, by the values of the year that count now."""
    cases = round_.taking_part.filter(version__isnull=False).order_by("bank__code")
    for case in cases.select_related("bank", "version"):
        version = case.version
        if version is None:
            continue
        words = _("version %(number)d") % {"number": version.number}
        yield ShownItem(f"bank {case.bank.code}", case.bank.name, f"{version.number} {version.digest}", words)
    for name, text in parameter_texts(round_).items():
        yield ShownItem(f"value {name}", name, text)


def _round_items(round_: Round) -> Iterator[ShownItem]:
    """What the administrator has entered of the round."""
    for name, label in (
        ("title_zh", _("Title in Chinese")),
        ("title_en", _("Title in English")),
        ("code", _("Code")),
        ("year", _("Year assessed")),
        ("appeal_days", _("Working days for an objection")),
    ):
        yield ShownItem(name, label, str(getattr(round_, name)))
    yield ShownItem("rulebook", _("Rulebook"), round_.rulebook.hash, str(round_.rulebook))
    for name, label in (
        ("opens_at", _("Opening")),
        ("filing_deadline", _("Filing deadline")),
        ("review_deadline", _("Review deadline")),
    ):
        at = getattr(round_, name)
        yield ShownItem(name, label, at.isoformat(), moment(at))
