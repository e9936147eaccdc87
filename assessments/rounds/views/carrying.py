"""Carrying last year's signed figures once more."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import get_round
from assessments.rounds.carrying import banks_without_base, carry_again
from banks.views.common import actor_of
from scorecard.access.decisions import Refused
from scorecard.ui.forms import ConfirmForm

from . import confirm_page, posted


@require_http_methods(["GET", "POST"])
def round_carry(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry last year's signed figures once more, after saying which banks have none."""
    round_ = get_round(actor_of(request), pk)
    form = ConfirmForm(posted(request), user=actor_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            carried = carry_again(actor=actor_of(request), round_id=pk)
        except Refused as error:
            for reason in error.reasons:
                form.add_error(None, reason)
        else:
            words = ngettext("%(count)d figure was carried.", "%(count)d figures were carried.", carried)
            messages.success(request, words % {"count": carried})
            return redirect("round-detail", pk)
    consequences = [
        _("Last year's figures are carried as they were signed, decided ones before others; no draft is a base."),
        _("Only filings that the preparer still works on change. What a bank or the supervisor gave stays."),
    ]
    return confirm_page(
        request,
        round_,
        form,
        title=_("Carry last year's figures once more"),
        consequences=consequences,
        blockers=[
            _("%(bank)s has no signed figures of %(year)d.") % {"bank": bank.name, "year": round_.year - 1}
            for bank in banks_without_base(round_)
        ],
        submit=_("Carry once more"),
    )
