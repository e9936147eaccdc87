"""A letter as a file: the signed PDF for both sides, the .docx for the office that edits."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from assessments.filings.versions.views import file_response
from assessments.letters.jobs import ask_for_letter, ask_for_letters
from assessments.letters.selectors import KINDS, get_any_letter, letter_document
from assessments.reviews.views.assessment import acting
from scorecard.access.decisions import Refused
from scorecard.audit.services import record
from scorecard.documents.kept import CONTENT_TYPES, kept
from scorecard.ui.ids import typed_id


@require_POST
def letter_batch(request: HttpRequest) -> HttpResponseBase:
    """Ask for all letters of a round in one file; the page of the work leads to it."""
    chosen = typed_id(request.POST.get("round", ""))
    if chosen is None:
        raise Refused([_("Choose the round whose letters you want.")])
    return redirect("job-detail", ask_for_letters(actor=acting(request), round_id=chosen).pk)


@never_cache
@require_GET
def letter_file(request: HttpRequest, kind: str, pk: int, form: str) -> HttpResponseBase:
    """The file of a letter; one that is not made yet is asked for, and the work's page leads back here."""
    actor = acting(request)
    if kind not in KINDS or form not in CONTENT_TYPES:
        raise Http404
    letter = get_any_letter(actor, kind, pk)
    if form == "docx" and actor.is_bank_person:
        raise Http404  # a copy for editing is the office's own; the bank has the signed letter
    made = kept(letter_document(kind, letter.row), form, issued=True)
    if made is None:
        return redirect("job-detail", ask_for_letter(actor, letter, form).pk)
    record(
        "assessments.letter.document",
        actor=actor,
        target=letter.row,
        bank_id=letter.bank_id,
        data={"number": letter.number, "form": form}
        | ({"assessment": letter.assessment.pk} if letter.assessment is not None else {}),
    )
    return file_response(made.open("rb"), f"{letter.number}.{form}", form)
