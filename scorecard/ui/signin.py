"""The one page of signing in: name and password, then the second factor of who has one; or a passkey for both.

The throttle and the events are the authentication backend's (``banks.services.signin``), the rules in
``docs/identity.md``.
"""

import logging
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.views import RedirectURLMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from scorecard.access.reauthentication import by_passkey, by_provider, pending_person, second_step
from scorecard.identity import oidc, passkeys
from scorecard.identity.confirmation import factors_of, prove

from .cookies import set_cookie
from .forms import NO_FACTOR, FactorForm, SignInForm

# In the session of somebody who has given the password and not the second factor yet, and for how many seconds.
PENDING, PENDING_FOR = "signing_in", 300
# In the session of somebody who has gone to the office's identity provider.
PROVIDER = "provider"
logger = logging.getLogger(__name__)


@method_decorator([sensitive_post_parameters("password", "code", "assertion"), never_cache], name="dispatch")
class SignIn(RedirectURLMixin, FormView):  # type: ignore[type-arg]
    """Sign in, in one step or two, on one page."""

    template_name = "registration/login.html"
    next_page = settings.LOGIN_REDIRECT_URL
    person: Any = None  # who has given the password and is asked for the second factor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect(self.get_success_url())
        sent = request.POST if request.method == "POST" else {}
        if "again" in sent or "username" in sent:  # a first step begins anew
            request.session.pop(PENDING, None)
        if "again" in sent:
            return redirect(self._page())
        self.person = _pending(request)
        if self.person is None and "code" in sent:
            messages.error(request, _("That took too long. Give your user name and password again."))
            return redirect(self._page())
        if self.person is None and sent.get("assertion"):
            return self._by_passkey(str(sent["assertion"]))
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, form_class: Any = None) -> Any:
        if self.person is None:
            return SignInForm(**self.get_form_kwargs())
        return FactorForm(**self.get_form_kwargs(), user=self.person)

    def form_valid(self, form: Any) -> HttpResponse:
        if self.person is not None:
            return self._second_step(form)
        user = authenticate(self.request, **form.cleaned_data)
        if user is None:
            form.add_error(None, _("The user name or the password is not right. Check both and try again."))
            return self.form_invalid(form)
        return self._first_step(user, "password")

    def _first_step(self, user: Any, first: str) -> HttpResponse:
        """Signed in, or asked for the second factor by this page."""
        if not getattr(user, "awaits_factor", False):
            return self._let_in(user)
        self.request.session[PENDING] = {
            "person": user.pk,
            "hash": user.get_session_auth_hash(),
            "at": int(time.time()),
            "first": first,
        }
        return redirect(self._page())

    def _page(self) -> str:
        """This page again, with the address where the person goes on."""
        target = self.get_redirect_url()
        page = resolve_url("login")
        return f"{page}?{urlencode({'next': target})}" if target else page

    def _second_step(self, form: FactorForm) -> HttpResponse:
        data, person = form.cleaned_data, self.person

        def check() -> str:
            code, answer = data.get("code", ""), data.get("assertion", "")
            return prove(person, form.factors, code=code, answer=answer, purpose=passkeys.SIGN_IN)

        if second_step(self.request, person, check, self.request.session[PENDING]["first"]):
            return self._let_in(person)
        form.add_error(None, NO_FACTOR)
        return self.form_invalid(form)

    def _by_passkey(self, answer: str) -> HttpResponse:
        user = by_passkey(self.request, answer)
        if user is not None:
            return self._let_in(user)
        messages.error(self.request, _("This passkey opens nothing here. Sign in with your user name and password."))
        return redirect(self._page())

    def _let_in(self, user: Any) -> HttpResponse:
        self.request.session.pop(PENDING, None)
        login(self.request, user)
        response = HttpResponseRedirect(self.get_success_url())
        if language := getattr(user, "language", ""):
            set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
        if cookie := getattr(user, "device_cookie", ""):
            set_cookie(response, settings.DEVICE_COOKIE_NAME, cookie)
        return response

    def get_default_redirect_url(self) -> str:
        return resolve_url(self.next_page)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = self.request.get_host().rpartition(":")[0] or self.request.get_host()
        named = here == passkeys.domain() or here.endswith(f".{passkeys.domain()}")
        return super().get_context_data(
            demo_logins=settings.DEMO_LOGINS if settings.DEMO else [],
            next=self.get_redirect_url(),
            second=self.person,
            passkey=passkeys.asking_options(passkeys.SIGN_IN) if named and self.person is None else "",
            domain=passkeys.domain(),
            provider=(settings.OIDC_NAME or urlsplit(settings.OIDC_ISSUER).hostname) if oidc.enabled() else "",
            **kwargs,
        )


class ProviderLeave(SignIn):
    """To the office's own identity provider; the session keeps what proves that it comes back."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not oidc.enabled():
            raise Http404
        try:
            url, kept = oidc.leave(_back(request))
        except oidc.NotSignedIn as error:
            return _refuse(request, error)
        request.session[PROVIDER] = kept | {"next": self.get_redirect_url()}
        return HttpResponseRedirect(url)


class ProviderReturn(SignIn):
    """Back from the provider: the person for whom it vouches, as after the password."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not oidc.enabled():
            raise Http404
        kept = request.session.pop(PROVIDER, None)
        self.wanted = kept["next"] if kept else ""
        try:
            name = oidc.come_back(_back(request), request.build_absolute_uri(), kept)
        except oidc.NotSignedIn as error:
            return _refuse(request, error)
        user = by_provider(request, name)
        if user is None:
            return _refuse(request, oidc.NotSignedIn("Nobody here has the user name that the provider gives."))
        return self._first_step(user, "provider")

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return str(getattr(self, "wanted", ""))


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(resolve_url("login-provider-return"))


def _refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("Single sign-on: %s", error)
    messages.error(request, _("The identity provider has not signed you in. Try again, or use your password."))
    return redirect("login")


def _pending(request: HttpRequest) -> Any:
    """Who is asked for the second factor in this session, None where nobody is, or no longer."""
    kept = request.session.get(PENDING)
    if not kept:
        return None
    person = pending_person(kept["person"]) if time.time() - kept["at"] <= PENDING_FOR else None
    if person is None or person.get_session_auth_hash() != kept["hash"] or not factors_of(person):
        request.session.pop(PENDING, None)
        return None
    return person
