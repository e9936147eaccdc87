"""Rounds: planned, opened with one assessment per bank, changed, closed (docs/rounds.md)."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.dispatch import Signal
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Assessment, Correction, Notice, Review, Round, RoundState, RulebookVersion
from assessments.models.assessments import within_head
from assessments.rounds.carrying import carry_forward
from assessments.rounds.contents import closing_content, opening_content
from assessments.rounds.participants import locked_round, make_assessments, participants, tell_days
from assessments.rulebooks.services import require_administrator
from assessments.workflow.shown import hold_to_seal
from banks.models import Bank, User
from banks.services.errors import Invalid
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.services import record
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.registry import kinds_holding

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
FIELDS = (
    "code",
    "year",
    "title_zh",
    "title_en",
    "rulebook",
    "opens_at",
    "filing_deadline",
    "review_deadline",
    "appeal_days",
)
# What banks have been told to file under, and the trail calls the round by; an opened round keeps it.
FIXED_ONCE_OPEN = ("code", "year", "rulebook")
FIRST_YEAR = 2000
MOST_APPEAL_DAYS = 180
NAMES_SHOWN = 8

Problems = dict[str, list[Any]]

# Sent in the transaction of the closing with ``round_`` and ``actor``: what else belongs to it stands in rooms above.
round_closing = Signal()


@transaction.atomic
def create_round(
    *,
    actor: User | None,
    code: str,
    year: int,
    title_zh: str,
    title_en: str,
    rulebook: RulebookVersion,
    opens_at: datetime,
    filing_deadline: datetime,
    review_deadline: datetime,
    appeal_days: int = 15,
) -> Round:
    """Plan a round. Nobody but the administrator sees it work before it is opened.

    Instants are aware. Raises ``Invalid`` with every reason by field.
    """
    require_administrator(actor)
    planned = Round(
        code=code.strip(),
        year=year,
        title_zh=title_zh.strip(),
        title_en=title_en.strip(),
        rulebook=rulebook,
        opens_at=opens_at,
        filing_deadline=filing_deadline,
        review_deadline=review_deadline,
        appeal_days=appeal_days,
        created_by=actor,
    )
    if problems := _problems(planned):
        raise Invalid(problems)
    planned.save(force_insert=True)
    record("assessments.round.created", actor=actor, target=planned, data=plain(planned), seals=[planned])
    return planned


@transaction.atomic
def change_round(
    *,
    actor: User | None,
    round_id: int,
    values: Mapping[str, Any],
    seen: int | None = None,
    agreed_deadline: datetime | None = None,
) -> Round:
    """Change a round's own data (``FIELDS``). ``seen`` is the revision that the page showed; an older one is ``Stale``.

    While planned, everything may change. Once open, code, year and rulebook stay, and the filing deadline moves only
    to a moment that is still to come: nobody's time is taken away in hindsight. To an earlier moment it moves only once
    ``agreed_deadline`` names that very moment: the question says how many banks lose how much time. A closed round
    changes no more.
    """
    require_administrator(actor)
    locked = locked_round(round_id)
    if seen is not None and seen != locked.revision:
        raise Stale(
            [_("This round has been changed since you opened the page, by somebody else or in another window.")], locked
        )
    if locked.state == RoundState.CLOSED:
        raise Refused([_("The round is closed and archived; nothing in it changes any more.")])
    before = plain(locked)
    deadline = locked.filing_deadline
    for name in FIELDS:
        if name in values:
            value = values[name]
            setattr(locked, name, value.strip() if isinstance(value, str) else value)
    problems = _problems(locked)
    after = plain(locked)
    if locked.state == RoundState.OPEN:
        for name in FIXED_ONCE_OPEN:
            if before[name] != after[name]:
                problems.setdefault(name, []).append(
                    _("The round is open: this can no longer change, because banks are filing under it.")
                )
        if locked.filing_deadline != deadline and locked.filing_deadline <= timezone.now():
            problems.setdefault("filing_deadline", []).append(
                _("The round is open: choose a filing deadline that is still to come.")
            )
        elif locked.filing_deadline < deadline and locked.filing_deadline != agreed_deadline:
            problems.setdefault("filing_deadline", []).append(_shortening(locked, deadline))
    if problems:
        raise Invalid(problems)
    changes = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    if changes:
        locked.revision += 1
        locked.save()
        record("assessments.round.changed", actor=actor, target=locked, data={"changes": changes}, seals=[locked])
    was_open = datetime.fromisoformat(before["opens_at"]) <= timezone.now()
    if locked.state == RoundState.OPEN and ("filing_deadline" in changes or ("opens_at" in changes and not was_open)):
        tell_days(locked, was_open=was_open)
    return locked


@transaction.atomic
def open_round(*, actor: User | None, round_id: int, seen: str | None = None) -> Round:
    """Open a planned round: one assessment for each bank that is on the register on the last day of the year assessed,
    with the bank's case officer, and last year's figures carried forward.

    Opening may come before ``opens_at``: banks then see the round and file from that instant on. What the bank filed
    as last year's closing figure becomes this year's opening figure where the rulebook says so (``carries_from``),
    marked as carried; a figure that is already there stays (``rounds.carrying``). ``seen`` is the seal of what the page
    showed, None for a caller without a page: another content is ``Stale``.
    """
    require_administrator(actor)
    locked = locked_round(round_id)
    banks = participants(locked)
    if reasons := [*opening_reasons(locked, len(banks))]:
        raise Refused(reasons)
    if seen is not None:
        hold_to_seal("open", round_id, opening_content(locked), seen)
    cases = make_assessments(locked, banks)
    carried = carry_forward(actor, locked, banks)
    locked.state, locked.opened_at = RoundState.OPEN, timezone.now()
    locked.revision += 1
    locked.save()
    data = {
        "code": locked.code,
        "banks": len(banks),
        "without_officer": sum(case.officer_id is None for case in cases),
        "carried": carried,
    }
    record("assessments.round.opened", actor=actor, target=locked, data=data, seals=[locked, *cases])
    tell_days(locked)
    return locked


@transaction.atomic
def close_round(*, actor: User | None, round_id: int, reason: str = "", seen: str | None = None) -> Round:
    """Close an open round for good; it is then archived and changes no more.

    Refused, with the banks named, while the supervisor still owes something: a filing that is not decided, a notice
    that is not sent, a time for objections that still runs (acknowledging a notice gives none up), or a rating that is
    put right. Banks that never submitted stop it only until ``reason`` says why the round closes without them; the
    reason goes into the trail. A notice that a bank leaves unacknowledged after that time does not hold up the city's
    round. What the register says of each bank is kept with the round. ``seen`` is as at the opening. ``round_closing``
    is sent in the same transaction while the round is still open: scoring queues a last set of the round's figures.
    """
    require_administrator(actor)
    locked = locked_round(round_id)
    if reasons := [*closing_reasons(locked, reason=reason)]:
        raise Refused(reasons)
    if seen is not None:
        hold_to_seal("close", round_id, closing_content(locked), seen)
    absent = list(_absent(locked).values_list("bank__code", flat=True))
    round_closing.send(sender=Round, actor=actor, round_=locked)
    _keep_what_it_says(locked)
    locked.state, locked.closed_at = RoundState.CLOSED, timezone.now()
    locked.revision += 1
    locked.save()
    data = {"code": locked.code, "reason": reason.strip(), "without_filing": absent}
    record(
        "assessments.round.closed",
        actor=actor,
        target=locked,
        data=data,
        seals=[locked, *locked.assessments.only("pk")],
    )
    return locked


def _keep_what_it_says(round_: Round) -> None:
    """Freeze with each bank of the round the name, category and case officer that the register has now, and whether
    its head office takes part too.
    """

    def of_bank(name: str) -> Subquery:
        return Subquery(Bank.objects.filter(pk=OuterRef("bank")).values(name)[:1])

    inside = round_.assessments.filter(within_head()).values("pk")
    Assessment.objects.filter(pk__in=inside).update(kept_within_head=True)  # before the names say that it is closed
    officer = Subquery(User.objects.filter(pk=OuterRef("officer")).values("name")[:1])
    round_.assessments.update(
        kept_name_zh=of_bank("name_zh"),
        kept_name_sort=of_bank("name_sort"),
        kept_name_en=of_bank("name_en"),
        kept_category=of_bank("category"),
        kept_kind=of_bank("entity_kind"),
        kept_officer=Coalesce(officer, Value("")),
    )


def _shortening(round_: Round, before: datetime) -> str:
    """What a filing deadline that comes earlier than announced takes from the banks, as a question."""
    count = _absent(round_).count()
    lost = timesince(round_.filing_deadline, before, depth=2)
    left = timesince(timezone.now(), round_.filing_deadline, depth=2)
    words = ngettext(
        "%(count)d bank has not submitted and loses %(lost)s of its time: the deadline was %(before)s, "
        "the new one comes in %(left)s. Save once more if that is meant.",
        "%(count)d banks have not submitted and lose %(lost)s of their time: the deadline was %(before)s, "
        "the new one comes in %(left)s. Save once more if that is meant.",
        count,
    )
    return words % {
        "count": count,
        "lost": lost,
        "left": left,
        "before": f"{timezone.localtime(before):%Y-%m-%d %H:%M}",
    }


def plain(round_: Round) -> dict[str, Any]:
    """A round's data as they are compared and traced: texts, numbers, ISO instants, the rulebook by name."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(round_, name)
        found[name] = value.isoformat() if isinstance(value, datetime) else value
    found["rulebook"] = f"{round_.rulebook.code}/{round_.rulebook.version}"
    return found


def opening_reasons(round_: Round, banks: int) -> Iterator[Any]:
    """Every reason against opening now."""
    if round_.state != RoundState.PLANNED:
        yield _("Only a planned round can be opened; this one has been opened before.")
        return
    if round_.filing_deadline <= timezone.now():
        yield _("The filing deadline is already over; no bank could file. Set a later one first.")
    if not banks:
        yield _("No bank is on the register on %(day)s. Enter or import the banks first.") % {
            "day": f"{round_.year}-12-31"
        }
    other = (
        Round.objects.filter(state=RoundState.OPEN, year=round_.year, rulebook__code=round_.rulebook.code)
        .exclude(pk=round_.pk)
        .first()
    )
    if other is not None:
        yield _(
            "The round %(title)s is open for the same year and method; banks would file the same figures twice."
        ) % {"title": other.title}


def closing_reasons(round_: Round, *, reason: str = "") -> Iterator[Any]:
    """Every reason against closing now."""
    if round_.state != RoundState.OPEN:
        yield _("Only an open round can be closed.")
        return
    now = timezone.now()
    if now <= round_.filing_deadline:
        yield _("Banks may still file until %(at)s; a round closes only after its filing deadline.") % {
            "at": f"{timezone.localtime(round_.filing_deadline):%Y-%m-%d %H:%M}"
        }
    extended = _absent(round_).filter(due_at__gte=now)
    if count := extended.count():
        yield _("%(count)d bank(s) have a later day and may still file: %(names)s.") % {
            "count": count,
            "names": _names(extended, count),
        }
    busy = [Review.WAITING, Review.FIRST, Review.SECOND, Review.DECISION]
    cases = round_.taking_part
    for states, words in (
        (busy, _("%(count)d filing(s) have been submitted and are not decided: %(names)s.")),
        ([Review.DECIDED], _("%(count)d decided rating(s) have no notice yet: %(names)s.")),
    ):
        rows = cases.filter(review_state__in=states)
        if count := rows.count():
            yield words % {"count": count, "names": _names(rows, count)}
    running = cases.filter(rating__notice__in=Notice.objects.filter(appeal_until__gte=now))
    mending = cases.exclude(correction_state=Correction.NONE)
    if count := mending.count():
        yield _("%(count)d rating(s) are being put right: %(names)s.") % {
            "count": count,
            "names": _names(mending, count),
        }
    if count := running.count():
        yield _("%(count)d bank(s) may still object: %(names)s.") % {"count": count, "names": _names(running, count)}
    absent = _absent(round_)
    if not reason.strip() and (count := absent.count()):
        yield _("%(count)d bank(s) have not submitted: %(names)s. Say why the round closes without them.") % {
            "count": count,
            "names": _names(absent, count),
        }
    if Job.objects.filter(
        kind__in=kinds_holding("round"),
        state__in=[JobState.QUEUED, JobState.RUNNING],
        params__round=round_.pk,
    ).exists():
        yield _("The round is being scored at this moment; close it when that is done.")


def _absent(round_: Round) -> Any:
    """Assessments that are with the bank: never submitted, or returned and not submitted again."""
    return round_.taking_part.filter(review_state=Review.NONE)


def _names(rows: Any, count: int) -> str:
    """The banks by name, the first few of them."""
    named = [assessment.bank.name for assessment in rows.select_related("bank").order_by("bank__code")[:NAMES_SHOWN]]
    words = _(", ").join(named)
    if (more := count - len(named)) > 0:
        words = ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more) % {
            "names": words,
            "count": more,
        }
    return words


def _problems(round_: Round) -> Problems:
    """What is wrong with a round's own data, by field."""
    found: Problems = {}

    def refuse(name: str, words: Any) -> None:
        found.setdefault(name, []).append(words)

    if not CODE.fullmatch(round_.code):
        refuse(
            "code", _("A code has 1 to 40 letters, digits, hyphens or underscores and begins with a letter or a digit.")
        )
    elif Round.objects.filter(code__iexact=round_.code).exclude(pk=round_.pk).exists():
        refuse("code", _("This code is taken by another round; choose another one."))
    if not round_.title_zh:
        refuse("title_zh", _("Give the title; it stands on every page and notice of the round."))
    for name in ("title_zh", "title_en"):
        if len(getattr(round_, name)) > 200:
            refuse(name, _("Use at most 200 characters."))
    latest = timezone.localtime().year
    if not FIRST_YEAR <= round_.year <= latest:
        refuse(
            "year", _("The year assessed lies between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": latest}
        )
    if round_.filing_deadline <= round_.opens_at:
        refuse("filing_deadline", _("The filing deadline must come after the opening."))
    if round_.review_deadline <= round_.filing_deadline:
        refuse("review_deadline", _("The review deadline must come after the filing deadline."))
    if not 1 <= round_.appeal_days <= MOST_APPEAL_DAYS:
        refuse(
            "appeal_days",
            _("A bank has between 1 and %(most)d working days for an objection.") % {"most": MOST_APPEAL_DAYS},
        )
    return found
