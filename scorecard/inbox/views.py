"""The pages of messages: a person's inbox and choices, and the e-mails for who looks after them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scorecard.access.decisions import Refused
from scorecard.tables import PER_PAGE, FilteredListView
from scorecard.ui.forms import ConfirmForm
from scorecard.ui.links import address
from scorecard.words.formats import moment

from . import selectors, sending, services
from .forms import WishesForm
from .kinds import groups_of
from .models import Mail, MailState
from .tables import MailFilters, MailTable


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """A person's messages, the newest first: all, or those that are unread."""
    rows = selectors.own_messages(request.user)
    unread: int = getattr(request.user, "unread_messages", 0)
    only_unread = request.GET.get("show") == "unread"
    page = Paginator(rows.filter(read_at=None) if only_unread else rows, PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        (_("All"), reverse("inbox"), None, not only_unread),
        (_("Unread"), f"{reverse('inbox')}?show=unread", unread, only_unread),
    ]
    context = {"page_obj": page, "lines": selectors.lines(page), "tab_rows": tabs, "unread": unread}
    return render(request, "inbox/list.html", context)


@require_GET
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and lead on to the page that it tells of; without one, back to the inbox."""
    message = selectors.get_message(request.user, pk)
    services.mark_read(actor=request.user, message_id=message.pk)
    words = selectors.lines([message])[0].words
    return redirect(address(words.link) or reverse("inbox"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every message of the person as read."""
    count = services.mark_read(actor=request.user)
    words = ngettext("%(count)d message is marked as read.", "%(count)d messages are marked as read.", count)
    messages.success(request, words % {"count": count})
    return redirect("inbox")


@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest) -> HttpResponse:
    """What reaches a person, how often, and in which language."""
    user: Any = request.user
    groups = groups_of(user.roles)
    form = WishesForm(request.POST if request.method == "POST" else None, person=user, groups=groups)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.set_wishes(actor=user, choices=form.choices(), language=form.cleaned_data["language"])
            except Refused as refused:
                for reason in refused.reasons:
                    form.add_error(None, reason)
            else:
                messages.success(request, _("Your choice is kept."))
                return redirect("inbox-wishes")
    context = {"form": form, "mail_on": bool(settings.EMAIL_HOST), "hour": settings.DIGEST_HOUR}
    return render(request, "inbox/wishes.html", context, status=status)


class MailList(FilteredListView):
    """The e-mails: to whom, in which state, and what the server said. Their words are nobody's to read here."""

    table_class, filterset_class = MailTable, MailFilters
    title, export_name = gettext_lazy("E-mails"), gettext_lazy("E-mails")
    template_name = "inbox/mails.html"

    def get_queryset(self) -> QuerySet[Mail]:
        return selectors.visible_mails(self.request.user)

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"reader": self.request.user}

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [(_("Home"), reverse("home")), (self.title, "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_on=bool(settings.EMAIL_HOST), host=settings.EMAIL_HOST, **kwargs)


@require_http_methods(["GET", "POST"])
def mail_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have an e-mail sent again that failed, or of which nobody knows whether it arrived."""
    mail = selectors.get_mail(request.user, pk)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            sending.send_again(actor=request.user, mail_id=pk)
        except Refused as refused:
            status = 409
            for reason in refused.reasons:
                form.add_error(None, reason)
        else:
            messages.success(request, _("The e-mail waits to be sent again."))
            return redirect("mail-list")
    said = {"name": mail.person, "address": mail.address, "at": moment(mail.made_at)}
    lead = _("To %(name)s, %(address)s, written at %(at)s.") % said
    known = mail.state == MailState.UNKNOWN
    warning = _("The server may have taken it already; %(name)s may then get it twice.") % said if known else mail.error
    crumbs = [(_("E-mails"), reverse("mail-list")), (_("Send again"), "")]
    context = {
        "title": _("Send an e-mail again"),
        "crumbs": crumbs,
        "lead": lead,
        "consequences": [_("It is handed to the server again, to the address that stands with the person now.")],
        "warning": warning,
        "form": form,
        "submit": _("Send again"),
        "cancel_url": reverse("mail-list"),
    }
    return render(request, "includes/confirm.html", context, status=status)
