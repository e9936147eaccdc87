"""The start page: to each role its own, whose first thing is what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from assessments.home.selectors import administrator_home, auditor_home
from banks.views.common import actor_of
from scorecard.access.roles import REVIEW_ROLES, Role


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """A bank's people get their round, reviewers their queue, the administrator and the auditor their own page."""
    user = actor_of(request)
    if user.bank_id is not None:
        from assessments.home.views.bank import bank_home

        return bank_home(request)
    if user.holds(*REVIEW_ROLES):
        from assessments.home.views.supervisor import supervisor_home

        return supervisor_home(request)
    if user.holds(Role.ADMINISTRATOR):
        return render(request, "home/administrator.html", administrator_home(user))
    return render(request, "home/auditor.html", auditor_home(user))
