"""The page where the auditor takes out the complete file of a round or a bank."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.archives.forms import ArchiveForm
from assessments.archives.services import ARCHIVE_JOB, request_archive
from banks.views.common import actor_of
from scorecard.jobs.models import Job
from scorecard.words.language import language_code


@require_http_methods(["GET", "HEAD", "POST"])
def archives(request: HttpRequest) -> HttpResponse:
    """Ask for a file, and see those that were asked for."""
    actor = actor_of(request)
    form = ArchiveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        round_, bank = form.cleaned_data["round"], form.cleaned_data["bank"]
        request_archive(
            actor=actor,
            round_id=round_.pk if round_ else None,
            bank_id=bank.pk if bank else None,
            language=language_code(),
        )
        return redirect("archive-list")
    jobs = list(Job.objects.filter(kind=ARCHIVE_JOB, created_by=actor).order_by("-pk")[:10])
    context = {
        "title": _("Complete files"),
        "crumbs": [(_("Home"), reverse("home")), (_("Complete files"), "")],
        "form": form,
        "jobs": jobs,
    }
    return render(request, "archives/list.html", context, status=422 if form.errors else 200)
