"""Views of the frame: sign-out, one's own settings, and the progress of background work."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LogoutView
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import FormView

from scorecard import tables
from scorecard.access.sessions import end_own_sessions, own_sessions
from scorecard.exports import FILE_TYPES
from scorecard.identity.confirmation import factors_of

from . import services
from .access import get_job
from .context import THEMES
from .cookies import set_cookie
from .export_files import open_export
from .forms import PasswordForm
from .job_pages import result_link
from .jobs import describe
from .links import address


def _safe_next(request: HttpRequest) -> str:
    """Where to go back to: the address that the form carries, if it is one of this site; else the start page."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe and target.startswith("/") else "/"


class SignOut(LogoutView):
    """Sign out and say so in the trail."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.sign_out_event(actor=request.user)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Who one is here: name, bank, roles, the settings of one's own screen, and where one is signed in."""
    sessions = own_sessions(request.user, request.session.session_key)
    factors = factors_of(request.user)
    return render(request, "registration/profile.html", {"sessions": sessions, "factors": factors})


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one of one's own other sessions, or all of them."""
    ended = end_own_sessions(
        actor=request.user, current=request.session.session_key, ident=request.POST.get("session", "")
    )
    words = ngettext("%(count)d other session has been ended.", "%(count)d other sessions have been ended.", ended)
    messages.success(request, words % {"count": ended})
    return redirect("profile")


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class PasswordChange(FormView):  # type: ignore[type-arg]
    """Change one's own password; this session goes on, every other one of the person ends."""

    template_name = "registration/password_change.html"
    form_class = PasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        person = services.change_password(
            actor=self.request.user, new=form.cleaned_data["new"], session=self.request.session.session_key
        )
        update_session_auth_hash(self.request, person)
        messages.success(self.request, _("Your password has been changed. Other sessions of yours have been ended."))
        return redirect("profile")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: in the cookie for this device, and with the person for the next one."""
    response = HttpResponseRedirect(_safe_next(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            services.set_language(actor=request.user, language=language)
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch between light, dark and "as the device"; kept in a cookie, since it belongs to the device."""
    response = HttpResponseRedirect(_safe_next(request))
    if (theme := request.POST.get("theme", "")) in THEMES:
        set_cookie(response, settings.THEME_COOKIE_NAME, theme)
    return response


@require_POST
def table_settings(request: HttpRequest) -> HttpResponse:
    """Keep the columns and the density that somebody chose for one list, for the length of the session."""
    tables.keep_settings(
        request.session,
        request.POST.get("table", ""),
        columns=request.POST.getlist("columns"),
        density=request.POST.get("density", ""),
        per_page=request.POST.get("per_page", ""),
        reset="reset" in request.POST,
    )
    return HttpResponseRedirect(_safe_next(request))


@require_GET
def job_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one piece of background work: it can be left and found again."""
    job = get_job(request.user, pk)
    return render(request, "ui/job_detail.html", {"job": job, "view": describe(job)})


@require_GET
@never_cache
def job_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a long export, for a day and for the person who asked for it; the asking stands in the trail."""
    name, stream = open_export(get_job(request.user, pk), request.user)
    kind = name.rpartition(".")[2]
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=FILE_TYPES[kind])
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@never_cache
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar alone, for htmx. When the work is done it sends the reader on, if the page asked for that.

    ``then=reload`` reloads the page that shows the bar; ``then=go`` leads to the page of the job's result.
    """
    job = get_job(request.user, pk)
    then = request.GET.get("then", "stay")
    response = render(request, "includes/job.html", {"job": describe(job), "then": then})
    if not job.active:
        if then == "reload":
            response["HX-Refresh"] = "true"
        elif then == "go" and (url := address(result_link(job))):
            response["HX-Redirect"] = url
    return response
