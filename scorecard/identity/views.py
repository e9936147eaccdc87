"""One's own second factors: listed, added, removed; recovery codes, shown once."""

from textwrap import wrap
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from . import emergency, passkeys, recovery, services, totp
from .confirmation import factors_of, must_have
from .forms import FORMS, AddAppForm, FactorProofForm
from .models import Factor, Kind

_SECRET = sensitive_post_parameters("password", "code", "assertion", "secret", "first", "new")


@require_GET
@never_cache
def factor_list(request: HttpRequest) -> HttpResponse:
    """What somebody has, what can be added, and whether something must be."""
    held = factors_of(request.user)
    context = {
        "factors": held,
        "codes_left": recovery.left(request.user) if held else 0,
        "must_have": must_have(request.user),
        "domain": passkeys.domain(),
    }
    return render(request, "identity/list.html", context)


@_SECRET
@never_cache
@require_http_methods(["GET", "POST"])
def factor_add(request: HttpRequest, kind: str) -> HttpResponse:
    """Add an app or a passkey; with the first one the recovery codes are shown, this once."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid() and form.made is not None:
        codes = services.add_factor(
            actor=request.user,
            factor=form.made,
            name=form.cleaned_data["name"],
            session=request.session.session_key,
        )
        messages.success(request, _("“%(name)s” has been added.") % {"name": form.made.name})
        return _codes(request, codes) if codes else redirect("factor-list")
    context: dict[str, Any] = {"form": form, "kind": kind, "title": str(Kind(kind).label)}
    if isinstance(form, AddAppForm):
        name = request.user.get_username()
        context |= {
            "picture": totp.picture(form.secret, name),
            "key_parts": wrap(form.secret, 4),
            "sealed": form.sealed,
        }
    return render(request, "identity/add.html", context, status=422 if form.is_bound else 200)


@_SECRET
@never_cache
@require_http_methods(["GET", "POST"])
def factor_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of one's own factors."""
    factor = Factor.objects.filter(person=request.user.pk, pk=pk).first()
    if factor is None:
        raise Http404
    form = FactorProofForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        services.remove_factor(actor=request.user, factor_id=pk)
        messages.success(request, _("“%(name)s” has been removed.") % {"name": factor.name})
        return redirect("factor-list")
    title = _("Remove “%(name)s”") % {"name": factor.name}
    lead = _("Nobody can sign in or sign with it any more.")
    context = {"form": form, "title": title, "lead": lead, "submit": _("Remove"), "danger": True}
    return render(request, "identity/proof.html", context, status=422 if form.is_bound else 200)


@_SECRET
@never_cache
@require_http_methods(["GET", "POST"])
def factor_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in place of the older ones."""
    form = FactorProofForm(request.POST if request.method == "POST" else None, user=request.user)
    if not form.factors:
        return redirect("factor-list")
    if request.method == "POST" and form.is_valid():
        return _codes(request, services.draw_codes(actor=request.user))
    lead = _("The codes that you have work no more once new ones are drawn.")
    context = {"form": form, "title": _("New recovery codes"), "lead": lead, "submit": _("Draw new codes")}
    return render(request, "identity/proof.html", context, status=422 if form.is_bound else 200)


@require_POST
def emergency_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a use of the account for emergencies was; the banner then goes."""
    emergency.close_use(actor=request.user, use_id=pk, words=request.POST.get("words", ""))
    messages.success(request, _("What you found is kept. Seal the account anew: manage.py break_glass."))
    return redirect("home")


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The codes, which are kept nowhere and shown on this page alone."""
    return render(request, "identity/codes.html", {"codes": codes})
