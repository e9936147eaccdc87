"""People and roles, for the administrator."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banks.access import get_person, open_factor_resets, open_requests, open_resets, visible_banks, visible_people
from banks.filtersets import PersonFilters
from banks.forms.people import EditPersonForm, NewPersonForm, SetPasswordForm, initial
from banks.models import User
from banks.selectors.people import grants_of, history_of, requests_of, stand_ins_of
from banks.services.errors import Invalid
from banks.services.factors import ask_for_reset, decide_factor_reset
from banks.services.grants import decide_request
from banks.services.open_work import token
from banks.services.passwords import decide_reset, set_password, takes_two
from banks.services.people import create_person, person_token, revise_person, role_words
from banks.tables import PersonTable
from banks.views.common import actor_of, add_errors, retype
from scorecard.access.decisions import Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.identity.confirmation import factors_of
from scorecard.tables import FilteredListView
from scorecard.ui.ids import typed_id


@method_decorator(never_cache, name="dispatch")
class PersonList(FilteredListView):
    """Everybody who may sign in, with bank and roles."""

    table_class, filterset_class = PersonTable, PersonFilters
    template_name = "banks/person_list.html"
    title, export_name = gettext_lazy("People and roles"), gettext_lazy("People and roles")

    def get_queryset(self) -> QuerySet[Any]:
        return visible_people(actor_of(self.request)).select_related("bank").prefetch_related("grants")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_enter=actor_of(self.request).holds(Role.ADMINISTRATOR), **kwargs)

    def on_export(self, kind: str, count: int, filters: dict[str, Any]) -> None:
        data = {"kind": kind, "rows": count, "filters": filters}
        record("banks.people.exported", actor=actor_of(self.request), data=data)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def person_create(request: HttpRequest) -> HttpResponse:
    """Enter a person; ``?bank=`` chooses the bank to begin with."""
    chosen = typed_id(request.GET.get("bank", ""))
    start = {"bank": visible_banks(actor_of(request)).filter(pk=chosen).first()} if chosen is not None else {}
    form = NewPersonForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = create_person(
                actor=actor_of(request),
                username=data["username"],
                bank=data["bank"],
                roles=data["roles"],
                password=data["password"],
                **form.values(),
            )
        except Invalid as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(person)s has been entered.") % {"person": person})
            if not data["password"]:
                messages.warning(request, _("There is no password yet; nobody can sign in with this user name."))
            return redirect("person-edit", person.pk)
    return render(request, "banks/person_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person, grant and withdraw roles; where somebody was faster, both are shown."""
    person = get_person(actor_of(request), pk)
    held = set(person.grants.values_list("role", flat=True))
    form = EditPersonForm(request.POST or None, person=person, initial=initial(person, held))
    asked = open_requests(actor_of(request)).filter(user=person)
    context: dict[str, Any] = {"form": form, "person": person, "requests": asked}
    context["resets"] = open_resets(actor_of(request)).filter(user=person)
    context |= {"lost": open_factor_resets(actor_of(request)).filter(user=person), "factors": factors_of(person)}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                saved = revise_person(
                    actor=actor_of(request),
                    person=person,
                    roles=data["roles"],
                    is_active=data["is_active"],
                    seen=data["seen"],
                    agreed=data["agreed"],
                    **form.values(),
                )
            except Invalid as error:
                work = error.fields.pop("open_work", [])
                add_errors(form, error)
                retype(form, agreed=token(work))
                context["open_work"] = work
            except Stale as error:
                retype(form, seen=person_token(person, held))
                context |= {"reasons": error.reasons, "conflicts": differences(data, person, held)}
                status = 409
            else:
                messages.success(request, _("%(person)s has been saved.") % {"person": saved})
                return redirect("person-list")
    return render(request, "banks/person_form.html", context, status=status)


def differences(data: dict[str, Any], person: User, held: set[str]) -> list[tuple[Any, str, str]]:
    """The fields in which what was typed differs from what is kept now: label, typed, kept."""
    states = {True: _("active"), False: _("inactive")}
    languages = dict(EditPersonForm(person=person).fields["language"].choices)  # type: ignore[attr-defined]
    pairs = [
        (_("Name"), data["name"], person.name),
        (_("Roles"), role_words(data["roles"]), role_words(held)),
        (_("State"), states[data["is_active"]], states[person.is_active]),
        (_("E-mail"), data["email"], person.email),
        (_("Telephone"), data["phone"], person.phone),
        (_("Language"), str(languages[data["language"]]), str(languages[person.language])),
    ]
    return [(label, mine, theirs) for label, mine, theirs in pairs if mine != theirs]


@require_GET
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person, the roles with who gave them and when, and what administrators have done; nothing to change."""
    person = get_person(actor_of(request), pk)
    context = {
        "person": person,
        "grants": grants_of(person),
        "requests": requests_of(person),
        "stand_ins": stand_ins_of(person),
        "history": history_of(person),
    }
    return render(request, "banks/person_detail.html", context)


@require_POST
def role_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse a role that another administrator has asked for."""
    asked = decide_request(actor=actor_of(request), request_id=pk, grant=request.POST.get("decision") == "grant")
    words = _("%(person)s: the role is granted.") if asked.granted else _("%(person)s: the role is refused.")
    messages.success(request, words % {"person": asked.user})
    return redirect("person-edit", asked.user_id)


@require_POST
def password_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to a password that another administrator has asked to set, or refuse it."""
    asked = decide_reset(actor=actor_of(request), reset_id=pk, agree=request.POST.get("decision") == "agree")
    words = _("%(person)s: the new password holds.") if asked.done else _("%(person)s: the old password stays.")
    messages.success(request, words % {"person": asked.user})
    return redirect("person-edit", asked.user_id)


@require_POST
def person_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for somebody's lost second factors to be reset."""
    person = get_person(actor_of(request), pk)
    ask_for_reset(actor=actor_of(request), person=person, reason=request.POST.get("reason", ""))
    words = _("%(person)s: the second factors go once another administrator has agreed.")
    messages.success(request, words % {"person": person})
    return redirect("person-edit", pk)


@require_POST
def factor_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to the reset that another administrator has asked for, or refuse it."""
    agree = request.POST.get("decision") == "agree"
    asked = decide_factor_reset(actor=actor_of(request), reset_id=pk, agree=agree)
    words = _("%(person)s: the second factors are gone.") if asked.done else _("%(person)s: the second factors stay.")
    messages.success(request, words % {"person": asked.user})
    return redirect("person-edit", asked.user_id)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Set somebody's password."""
    person = get_person(actor_of(request), pk)
    form = SetPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = set_password(actor=actor_of(request), person=person, password=form.cleaned_data["password"])
        except Invalid as error:
            add_errors(form, error)
        else:
            words = (
                _("The password of %(person)s has been set; their sessions have ended. Tell them in person.")
                if done
                else _("%(person)s: the password is set once another administrator has agreed.")
            )
            messages.success(request, words % {"person": person})
            return redirect("person-edit", person.pk)
    context = {"form": form, "person": person, "takes_two": takes_two(person)}
    return render(request, "banks/person_password.html", context, status=422 if form.is_bound else 200)
