"""Tokens on the screen: the list, granting one, drawing it once, revoking it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments.api.filtersets import TokenFilters
from assessments.api.forms import GrantForm
from assessments.api.selectors import get_token, visible_tokens
from assessments.api.tables import TokenTable, scope_words, state_words
from assessments.api.tokens import draw_token, grant_token, may_grant, may_revoke, revoke_token
from assessments.models import ApiToken
from banks.views.common import actor_of
from scorecard.access.decisions import Refused
from scorecard.tables import FilteredListView
from scorecard.ui.forms import ConfirmForm


class TokenList(FilteredListView):
    """The tokens that the reader may see."""

    table_class, filterset_class = TokenTable, TokenFilters
    template_name = "tokens/list.html"
    title, export_name = gettext_lazy("API tokens"), gettext_lazy("API tokens")

    def get_queryset(self) -> QuerySet[ApiToken]:
        return visible_tokens(actor_of(self.request))

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_grant=may_grant(actor_of(self.request)), **kwargs)


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    """Allow one person one machine; the password of who allows it is asked."""
    actor, sent = actor_of(request), request.POST if request.method == "POST" else None
    form = GrantForm(sent, actor=actor)
    confirm = ConfirmForm(sent, user=actor, signature=True)
    reasons: tuple[Any, ...] = ()
    if sent is not None and form.is_valid() and confirm.is_valid():
        given = form.cleaned_data
        try:
            token = grant_token(
                actor=actor,
                person_id=given["person"].pk,
                name=given["name"],
                scopes=given["scopes"],
                until=given["until"],
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, _("The token is granted; %(name)s draws it now.") % {"name": token.person})
            return redirect("token-detail", token.pk)
    context = {
        "form": form,
        "confirm": confirm,
        "reasons": reasons,
        "crumbs": [(_("Home"), reverse("home")), (_("API tokens"), reverse("token-list")), (_("Grant a token"), "")],
    }
    return render(request, "tokens/grant.html", context, status=200 if sent is None else 422)


@never_cache
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a token may do, in whose name, and what can be done with it."""
    return _page(request, get_token(actor_of(request), pk))


@never_cache
@sensitive_variables("secret")
@sensitive_post_parameters("password", "code")
@require_POST
def draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the token to the person in whose name it acts, this once."""
    actor = actor_of(request)
    token = get_token(actor, pk)
    if token.person_id != actor.pk or token.state != "granted":
        draw_token(actor=actor, token_id=pk)  # says why not
    confirm = ConfirmForm(request.POST, user=actor, signature=True)
    if not confirm.is_valid():
        return _page(request, token, confirm, status=422)
    token, secret = draw_token(actor=actor, token_id=pk)
    return _page(request, token, secret=secret)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token now."""
    revoke_token(actor=actor_of(request), token_id=pk)
    messages.success(request, _("The token is revoked; it opens nothing any more."))
    return redirect("token-detail", pk)


def _page(
    request: HttpRequest, token: ApiToken, confirm: ConfirmForm | None = None, *, secret: str = "", status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    draws = token.person_id == actor.pk and token.state == "granted"
    context = {
        "token": token,
        "state": state_words(token),
        "scopes": scope_words(token),
        "secret": secret,
        "confirm": (confirm or ConfirmForm(user=actor, signature=True)) if draws else None,
        "may_revoke": may_revoke(actor, token) and token.state in ("granted", "live"),
        "crumbs": [(_("Home"), reverse("home")), (_("API tokens"), reverse("token-list")), (token.name, "")],
        "address": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "tokens/detail.html", context, status=status)
