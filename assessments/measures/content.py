"""What a person relies on when taking a step of a measure: the page seals it, and the step holds it to the seal."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from assessments.measures.selectors import filing_in_hand, notice_of
from assessments.models import LiveMeasure, Obligation, ObligationFiling
from assessments.workflow.shown import ShownItem
from scorecard.audit.services import canonical
from scorecard.words.language import in_language


def content(live: LiveMeasure, obligation: Obligation | None) -> Iterator[ShownItem]:
    """The measure as decided, its notice, its days and what the bank owes; of one obligation also what is filed."""
    measure = live.measure
    yield ShownItem("notice", _("Number of the notice"), notice_of(live).number)
    decided = {"options": measure.options, "content": measure.content}
    name = in_language(measure.proposal.get("label")) or measure.code
    yield ShownItem("measure", _("Measure"), canonical({"code": measure.code, **decided}), name)
    yield ShownItem("state", _("State"), live.state, str(live.get_state_display()))
    yield ShownItem("due", _("Due day"), live.due_on.isoformat() if live.due_on else "")
    yield ShownItem("ends", _("Binds until"), live.ends_on.isoformat() if live.ends_on else "")
    for row in live.obligations.order_by("id"):
        words = f"{row.due_on} · {row.get_state_display()}"
        yield ShownItem(f"owed {row.kind}", str(row.get_kind_display()), f"{row.due_on} {row.state}", words)
        last = row.filings.filter(filed_at__isnull=False).order_by("-number").first()
        if last is not None and (obligation is None or obligation.pk != row.pk):
            label = _("%(name)s: what was filed") % {"name": row.get_kind_display()}
            yield ShownItem(f"filed {row.kind}", label, f"{last.number} {last.digest} {last.outcome}", last.text)
    draft = filing_in_hand(obligation)
    if draft is not None:
        yield from _filing(draft)


def _filing(draft: ObligationFiling) -> Iterator[ShownItem]:
    yield ShownItem("text", _("What is filed"), f"{draft.number} {draft.text}", draft.text)
    files = draft.documents.filter(withdrawn_at=None).order_by("id")
    said = ", ".join(f"{row.name} {row.sha256}" for row in files)
    yield ShownItem("files", _("Files"), said, ", ".join(row.name for row in files))
