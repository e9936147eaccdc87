"""The final steps of a round: opening, carrying once more, closing, scoring. Each holds to what its page showed."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.models import Round
from assessments.rounds.carrying import banks_without_base, carry_again, carrying_content
from assessments.rounds.contents import closing_content, opening_content, scoring_content
from assessments.rounds.participants import participants
from assessments.rounds.selectors import round_progress
from assessments.rounds.services import close_round, closing_reasons, open_round, opening_reasons
from assessments.scoring.rounds import request_round_scoring
from assessments.workflow.shown import seal_content
from banks.views.common import actor_of
from scorecard.access.decisions import Refused, Stale
from scorecard.jobs.models import Job
from scorecard.ui.forms import ConfirmForm
from scorecard.words.formats import moment

from . import confirm_page, named_of, posted

CONTENTS = {"open": opening_content, "carry": carrying_content, "close": closing_content, "score": scoring_content}


def _form(request: HttpRequest, reason: str = "") -> ConfirmForm:
    return ConfirmForm(posted(request), user=actor_of(request), reason=reason)


def _taken(form: ConfirmForm, take: Callable[..., Any], **given: Any) -> Any:
    """What a step gave, or the ``Stale`` that its page shows; None where the form holds what stands against it."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return take(actor=form.user, seen=form.data.get("seen", ""), **given)
    except Stale as error:
        form.add_error(None, error.reasons[0])
        return error
    except Refused as error:
        for reason in error.reasons:
            form.add_error(None, reason)
        return None


def _confirm(
    request: HttpRequest, name: str, round_: Round, form: ConfirmForm, taken: Any, **context: Any
) -> HttpResponse:
    """The page of a step, sealed with what it shows. What is sent back for another reason keeps the seal that came."""
    stale = taken if isinstance(taken, Stale) else None
    seal = (stale is None and request.POST.get("seen")) or seal_content(name, round_.pk, CONTENTS[name](round_))
    changed = stale.current if stale else None
    return confirm_page(request, round_, form, seen=seal, stale=stale is not None, differences=changed, **context)


@require_http_methods(["GET", "POST"])
def round_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a round, after a page that says what that does and to whom."""
    round_ = get_round(actor_of(request), pk)
    form = _form(request)
    taken = _taken(form, open_round, round_id=pk)
    if isinstance(taken, Round):
        messages.success(request, _("The round is open."))
        return redirect("round-detail", pk)
    banks = participants(round_)
    lacking = sum(bank.case_officer_id is None for bank in banks)
    consequences = [
        ngettext(
            "%(count)d bank takes part: it was on the register on %(day)s. It gets one assessment.",
            "%(count)d banks take part: they were on the register on %(day)s. Each gets one assessment.",
            len(banks),
        )
        % {"count": len(banks), "day": f"{round_.year}-12-31"},
        _("Banks can file from %(opens)s until %(deadline)s.")
        % {"opens": moment(round_.opens_at), "deadline": moment(round_.filing_deadline)},
        _("Last year's closing figures are carried forward as this year's opening figures, marked as carried."),
        _("Code, year and rulebook (%(rulebook)s) no longer change.") % {"rulebook": str(round_.rulebook)},
    ]
    warning = (
        ngettext(
            "%(count)d bank has no case officer; its case waits until an officer takes it.",
            "%(count)d banks have no case officer; their cases wait until an officer takes them.",
            lacking,
        )
        % {"count": lacking}
        if lacking
        else ""
    )
    return _confirm(
        request,
        "open",
        round_,
        form,
        taken,
        title=_("Open the round"),
        consequences=consequences,
        warning=warning,
        blockers=list(opening_reasons(round_, len(banks))),
        submit=_("Open the round"),
    )


@require_http_methods(["GET", "POST"])
def round_carry(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry last year's signed figures once more, after saying which banks have none."""
    round_ = get_round(actor_of(request), pk)
    form = _form(request)
    taken = _taken(form, carry_again, round_id=pk)
    if isinstance(taken, int):
        words = ngettext("%(count)d figure was carried.", "%(count)d figures were carried.", taken)
        messages.success(request, words % {"count": taken})
        return redirect("round-detail", pk)
    consequences = [
        _("Last year's figures are carried as they were signed, decided ones before others; no draft is a base."),
        _("Only filings that the preparer still works on change. What a bank or the supervisor gave stays."),
    ]
    _count, lacking, more = named_of(banks_without_base(round_))
    return _confirm(
        request,
        "carry",
        round_,
        form,
        taken,
        title=_("Carry last year's figures once more"),
        consequences=consequences,
        blockers=[
            _("%(bank)s has no signed figures of %(year)d.") % {"bank": bank.name, "year": round_.year - 1}
            for bank in lacking
        ]
        + ([more] if more else []),
        submit=_("Carry once more"),
    )


@require_http_methods(["GET", "POST"])
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a round for good; what stands against it is said before the button is pressed."""
    round_ = get_round(actor_of(request), pk)
    form = _form(request, reason="optional")
    form.fields["reason"].help_text = _("Required where banks have not submitted. It is kept in the trail.")
    taken = _taken(form, close_round, round_id=pk, reason=form.data.get("reason", ""))
    if isinstance(taken, Round):
        messages.success(request, _("The round is closed and archived."))
        return redirect("round-detail", pk)
    consequences = [
        _("Nothing in this round changes any more: no filing, no review, no rating, no deadline."),
        _("Scores, ranks, ratings and notices stay readable and can be computed again under the same rulebook."),
        _("Closing cannot be undone."),
    ]
    return _confirm(
        request,
        "close",
        round_,
        form,
        taken,
        title=_("Close the round"),
        consequences=consequences,
        blockers=[] if form.is_bound else list(closing_reasons(round_)),
        submit=_("Close the round for good"),
        danger=True,
    )


@require_http_methods(["GET", "POST"])
def round_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Score the whole round in the background and show how far it is."""
    round_ = get_round(actor_of(request), pk)
    form = _form(request)
    taken = _taken(form, request_round_scoring, round_id=pk)
    if isinstance(taken, Job):
        return redirect("job-detail", taken.pk)
    progress = round_progress(actor_of(request), round_)
    consequences = [
        ngettext(
            "The submitted filing of %(count)d bank is scored with what is known now.",
            "The submitted filings of %(count)d banks are scored with what is known now.",
            progress.submitted,
        )
        % {"count": progress.submitted},
        _("A score that already depends on the same data is kept; nothing is scored twice."),
        _("Then every bank is ranked within its category, and the city's figures are computed again."),
        _("It runs in the background; you can leave the page."),
    ]
    return _confirm(
        request,
        "score",
        round_,
        form,
        taken,
        title=_("Score the whole round"),
        consequences=consequences,
        submit=_("Start scoring"),
    )
