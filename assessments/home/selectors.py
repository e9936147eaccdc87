"""What the administrator and the auditor see first: what to do next, and why."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Round, RoundState
from assessments.reviews.staff import left_work
from assessments.rounds.selectors import (
    RegisterCounts,
    published_rulebooks,
    register_counts,
    round_progress,
    rounds_with_counts,
)
from assessments.rulebooks.services import installed_rulebooks
from assessments.trail.selectors import REFUSALS, midnight, verified, visible_events
from banks.access import open_factor_resets, open_requests, open_resets
from banks.models import User
from scorecard.figures.selectors import counts as report_counts
from scorecard.identity.emergency import open_uses
from scorecard.jobs.models import JobState
from scorecard.links import Link
from scorecard.ui.access import visible_jobs
from scorecard.words.formats import moment

RECENT = timedelta(days=7)


def recent_day() -> date:
    """The day from which on something is recent: seven days ago. Counts and the lists behind them begin with it."""
    return timezone.localdate() - RECENT


@dataclass(frozen=True)
class Task:
    """One thing to do: what, why, where. ``kind`` is attention where others wait for it, info otherwise."""

    title: str
    text: str
    link: Link
    action: str
    kind: str = "info"
    count: int | None = None  # how many rows the link shows, where the text counts them


@dataclass(frozen=True)
class RoundLine:
    """A round on the start page, with how far it is."""

    round: Round
    progress: Any


def administrator_home(user: User) -> dict[str, Any]:
    """Tasks in the order of a year, rounds that are planned or open, and the register in numbers."""
    published = list(published_rulebooks(user))
    rounds = list(rounds_with_counts(user).exclude(state=RoundState.CLOSED))
    lines = [RoundLine(round_, round_progress(user, round_)) for round_ in rounds if round_.state == RoundState.OPEN]
    counts = register_counts(user)
    tasks = [
        *_rulebook_tasks(published),
        *_role_tasks(user),
        *_left_tasks(),
        *_register_tasks(counts),
        *_round_tasks(rounds, lines, published),
        *_upkeep_tasks(user),
    ]
    return {
        "emergencies": open_uses(user),
        "tasks": tasks,
        "lines": lines,
        "planned": [round_ for round_ in rounds if round_.state == RoundState.PLANNED],
        "banks": counts.banks,
        "published": published,
    }


def _rulebook_tasks(published: list[Any]) -> list[Task]:
    known = {(version.code, version.version) for version in published}
    return [
        Task(
            _("Publish the rulebook %(name)s") % {"name": f"{code}/{version}"},
            _("It is installed and not published yet. Rounds can only be opened under a published version."),
            Link("rulebook-publish", query={"rulebook": f"{code}/{version}"}),
            _("Check and publish"),
            "attention" if not published else "info",
        )
        for code, version in installed_rulebooks()
        if (code, version) not in known
    ]


def _role_tasks(user: User) -> list[Task]:
    """What another administrator has asked for and a second one decides: a role, a password, a reset of factors, each
    on the page of the person.
    """
    waiting: list[tuple[Any, QuerySet[Any], str, Callable[[Any], str]]] = [
        (
            _("Grant a role, or refuse it"),
            open_requests(user),
            _("%(name)s asks for a role of %(person)s: %(more)s. A second administrator decides."),
            lambda asked: asked.get_role_display(),
        ),
        (
            _("Agree to a new password, or refuse it"),
            open_resets(user),
            _("%(name)s asks to set the password of %(person)s. A second administrator decides."),
            lambda asked: "",
        ),
        (
            _("Agree to a reset of second factors, or refuse it"),
            open_factor_resets(user),
            _("%(name)s asks to reset those of %(person)s: %(more)s A second administrator decides."),
            lambda asked: asked.reason,
        ),
    ]
    return [
        Task(
            title,
            text % {"name": asked.asked_by, "person": asked.user, "more": more(asked)},
            Link("person-edit", (asked.user_id,)),
            _("Look and decide"),
            "attention",
        )
        for title, rows, text, more in waiting
        for asked in rows.exclude(asked_by=user).exclude(user=user)
    ]


def _left_tasks() -> list[Task]:
    """Whose cases and banks are with nobody who can act on them."""
    return [
        Task(
            _("Hand over the work of %(name)s") % {"name": f"{left.person} ({left.person.username})"},
            left.words,
            Link("handover", (left.person.pk,)),
            _("Hand over"),
            "attention",
        )
        for left in left_work()
    ]


def _register_tasks(counts: RegisterCounts) -> list[Task]:
    found = []
    if not counts.banks:
        found.append(
            Task(
                _("Enter the banks"),
                _("The register is empty. A round takes in every bank that is on the register."),
                Link("bank-import"),
                _("Import the register"),
                "attention",
            )
        )
    elif lacking := counts.without_officer:
        words = ngettext(
            "%(count)d bank has no case officer. Its cases wait until an officer takes them.",
            "%(count)d banks have no case officer. Their cases wait until an officer takes them.",
            lacking,
        )
        found.append(
            Task(
                _("Assign case officers"),
                words % {"count": lacking},
                Link("bank-list", query={"case_officer": "null", "active": "now"}),
                _("Go to the register"),
                count=lacking,
            )
        )
    if lacking := counts.without_people:
        words = ngettext(
            "%(count)d bank in an open round lacks a preparer, a reviewer or a signatory. It cannot submit.",
            "%(count)d banks in open rounds lack a preparer, a reviewer or a signatory. They cannot submit.",
            lacking,
        )
        found.append(
            Task(
                _("Enter the people of the banks"),
                words % {"count": lacking},
                Link("person-list"),
                _("Go to the people"),
                "attention",
            )
        )
    return found


def _round_tasks(rounds: list[Round], lines: list[RoundLine], published: list[Any]) -> list[Task]:
    found = []
    now = timezone.now()
    if not rounds and published:
        found.append(
            Task(
                _("Plan the next round"),
                _("No round is planned or open."),
                Link("round-create"),
                _("Plan a round"),
                "attention",
            )
        )
    for round_ in rounds:
        if round_.state == RoundState.PLANNED:
            found.append(
                Task(
                    _("Open %(round)s") % {"round": round_.title},
                    _("It is planned: filing from %(opens)s until %(deadline)s.")
                    % {"opens": moment(round_.opens_at), "deadline": moment(round_.filing_deadline)},
                    Link("round-open", (round_.pk,)),
                    _("Look and open"),
                    "attention" if round_.opens_at <= now else "info",
                )
            )
    for line in lines:
        round_, progress = line.round, line.progress
        if now > round_.filing_deadline and progress.filing:
            words = ngettext(
                "The filing deadline is over and %(count)d bank has not submitted.",
                "The filing deadline is over and %(count)d banks have not submitted.",
                progress.filing,
            )
            found.append(
                Task(
                    _("%(round)s: banks are late") % {"round": round_.title},
                    words % {"count": progress.filing},
                    Link("round-detail", (round_.pk,), query={"stage": "with_bank"}),
                    _("Show the banks"),
                    "attention",
                    progress.filing,
                )
            )
        elif now > round_.filing_deadline and progress.told == progress.banks:
            found.append(
                Task(
                    _("Close %(round)s") % {"round": round_.title},
                    _("Every bank has its notice. The round closes once the time for objections is over."),
                    Link("round-close", (round_.pk,)),
                    _("Look and close"),
                )
            )
    return found


def _upkeep_tasks(user: User) -> list[Task]:
    found = []
    if not report_counts(user)["figures"]:
        found.append(
            Task(
                _("Load the report's figures"),
                _("The figures of the 2017 report are not loaded; the round's figures have nothing to stand beside."),
                Link("figures:load-new"),
                _("Load them"),
            )
        )
    failed = (
        visible_jobs(user)
        .filter(state=JobState.FAILED, parent__isnull=True, created_at__gte=midnight(recent_day()))
        .count()
    )
    if failed:
        words = ngettext(
            "%(count)d job failed in the last seven days.", "%(count)d jobs failed in the last seven days.", failed
        )
        found.append(
            Task(
                _("Look at failed work"),
                words % {"count": failed},
                Link("job-list", query={"state": "failed", "since": recent_day().isoformat()}),
                _("Show it"),
                "attention",
                failed,
            )
        )
    return found


def auditor_home(user: User) -> dict[str, Any]:
    """The trail in numbers, whether it has been verified, refusals of the last week, and what happened last."""
    day = recent_day()
    events, since = visible_events(user), {"since": day.isoformat()}
    recent = events.filter(at__gte=midnight(day))
    refused = Counter(recent.filter(event__in=REFUSALS).values_list("event", flat=True))
    last = events.order_by("-seq").values_list("seq", flat=True).first() or 0
    return {
        "last_seq": last,
        "recent": recent.count(),
        "recent_link": Link("audit-list", query=since),
        "refused": sum(refused.values()),
        "refusals": [(Link("audit-list", query={"event": name} | since), refused[name]) for name in REFUSALS],
        "verified": verified(last),
        "latest": events.order_by("-seq")[:10],
        "rounds": rounds_with_counts(user)[:5],
    }
