"""Writes of readings: a period is opened, a bank's preparer saves, somebody else of the bank confirms."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import PeriodKind, Reading, ReadingPeriod, ReadingSource, RulebookVersion
from assessments.readings.computing import stand
from assessments.readings.figures import Values, findings, missing, read_figures, reading_facts, stored_of, values_of
from assessments.readings.selectors import bank_of_period, current, draft_of, expected_on, get_period, year_before
from assessments.rulebooks.cache import engine_rulebook
from assessments.workflow.shown import ShownItem, hold_to_seal, seal_content
from banks.models import Bank, User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import REVIEW_ROLES, Role
from scorecard.audit.services import canonical, record
from scorecard.engine import format_fact
from scorecard.inbox.services import tell_many
from scorecard.words.language import in_language, screen_language

OPENED = "assessments.reading_opened"
NOTE_LENGTH = 2000
CONFIRMS = (Role.BANK_REVIEWER, Role.BANK_SIGNATORY)


class WrongPeriod(Refused):
    """A period that cannot be opened; ``fields`` has the sentences by what they are about."""

    def __init__(self, fields: Mapping[str, list[Any]]) -> None:
        super().__init__([reason for reasons in fields.values() for reason in reasons])
        self.fields = dict(fields)


@transaction.atomic
def open_period(
    *, actor: User, year: int, month: int, kind: str, rulebook: RulebookVersion, due_on: date
) -> ReadingPeriod:
    """Open the period that ends with the last day of a month. Raises ``WrongPeriod`` with every reason."""
    period = ReadingPeriod(
        year=year, month=month, kind=kind, rulebook=rulebook, due_on=due_on, opened_by=actor, opened_at=timezone.now()
    )
    if reasons := _against_opening(actor, period):
        raise WrongPeriod(reasons)
    try:
        with transaction.atomic():
            period.save()
    except IntegrityError as error:
        raise WrongPeriod({"month": [_("This period is open already.")]}) from error
    data = {"period": f"{year}-{month:02d}", "kind": kind, "rulebook": rulebook.name, "due_on": due_on.isoformat()}
    record("assessments.reading.opened", actor=actor, target=period, data=data, seals=[period])
    banks = Bank.objects.filter(expected_on(period.ends_on)).values_list("pk", flat=True)
    told = {"period": period.pk, "year": year, "month": month, "kind": kind, "due_on": due_on.isoformat()}
    tell_many([(OPENED, f"reading:{period.pk}:{bank}", period.opened_at, bank, told) for bank in banks])
    return period


def _against_opening(actor: User, period: ReadingPeriod) -> dict[str, list[Any]]:
    """Every reason against opening it, by what it is about."""
    found: dict[str, list[Any]] = {}
    if not actor.holds(*REVIEW_ROLES, Role.ADMINISTRATOR):
        found[""] = [_("Only a supervisor opens a period.")]
    if not 2000 <= period.year <= 2200 or not 1 <= period.month <= 12:
        return found | {"month": [_("Give a year from 2000 on and a month from 1 to 12.")]}
    today = timezone.localdate(period.opened_at)
    if period.ends_on >= today:
        found["month"] = [
            _("The period ends on %(day)s; it can be opened from the day after.") % {"day": period.ends_on.isoformat()}
        ]
    if period.kind == PeriodKind.QUARTER and period.month % 3:
        found["kind"] = [_("A quarter ends in March, June, September or December.")]
    if period.due_on < today:
        found["due_on"] = [_("The last day for the banks lies in the past.")]
    if not engine_rulebook(period.rulebook).targets:
        found["rulebook"] = [_("This rulebook has no targets, so there is nothing to read.")]
    if ReadingPeriod.objects.filter(year=period.year, month=period.month).exists():
        found.setdefault("month", []).append(_("This period is open already."))
    return found


# --- The bank's own reading ------------------------------------------------------------------------------------------


def _own(actor: User, period_id: int, *, lock: bool = True) -> tuple[ReadingPeriod, Bank]:
    """The period and the actor's own bank, whose row is locked: two writers of one bank come one after the other."""
    if actor.bank_id is None:
        raise Refused([_("A bank files its own reading.")])
    period = get_period(actor, period_id)
    bank = bank_of_period(actor, period, actor.bank_id)
    if lock:
        Bank.objects.select_for_update().filter(pk=bank.pk).first()
    return period, bank


def begun(period: ReadingPeriod, bank_id: int) -> dict[str, dict[str, str]]:
    """The figures with which a new revision begins: those of the one before it, else last year's as the bases."""
    if (last := current(period, bank_id)) is not None:
        return dict(last.facts)
    before = year_before(period, [bank_id]).get(bank_id)
    if before is None:
        return {}
    return carried(period, before.facts)


def carried(period: ReadingPeriod, before: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Last year's figures of the same day as the bases, where the rulebook compares with the same day."""
    rulebook = engine_rulebook(period.rulebook)
    if any(target.base == "year_start" for target in rulebook.targets.values()):
        return {}
    pairs = {id: spec.carries_from for id, spec in reading_facts(rulebook).items() if spec.carries_from}
    return {base: before[source] for base, source in pairs.items() if source in before}


@transaction.atomic
def save_reading(
    *,
    actor: User,
    period_id: int,
    typed: Mapping[str, str],
    note: str | None,
    saves: int,
    source: str = ReadingSource.FORM,
) -> tuple[Reading, dict[str, str]]:
    """Save the draft as typed; returns it with a sentence for each figure that could not be read, which is kept as it
    was typed. A figure that ``typed`` does not name stays as it is, and so does the note where it is None. ``source``
    of a reading is the way of its last save.

    ``saves`` is the number of saves that the page had seen, 0 for no draft; another one is ``Stale`` with the newer
    draft. Raises ``Refused`` with every reason.
    """
    period, bank = _own(actor, period_id)
    reasons: list[Any] = []
    if not actor.holds(Role.BANK_PREPARER):
        reasons.append(_("The preparer of your bank fills in the reading."))
    if note is not None and len(note.strip()) > NOTE_LENGTH:
        reasons.append(_("The text is longer than %(limit)d characters; shorten it.") % {"limit": NOTE_LENGTH})
    if reasons:
        raise Refused(reasons)
    draft = draft_of(period, bank.pk)
    if saves != (draft.saves if draft else 0):
        raise Stale([_("Somebody else has saved this reading since you opened it.")], draft)
    if draft is None:
        draft = _begin(period, bank)
    values, errors = read_figures(engine_rulebook(period.rulebook), typed)
    kept = {id: pair for id, pair in draft.facts.items() if id not in values and id not in errors}
    draft.facts = kept | stored_of(values)
    unread = {id: text for id, text in draft.typed.items() if id not in typed}
    draft.typed = unread | {id: str(typed[id])[:400] for id in errors}
    draft.note = draft.note if note is None else note.strip()
    draft.source, draft.saved_by, draft.saved_at = source, actor, timezone.now()
    draft.saves += 1
    draft.writers = sorted({*draft.writers, actor.pk})
    draft.save()
    data = {"period": period.pk, "revision": draft.revision, "saves": draft.saves, "facts": sorted(draft.facts)}
    record("assessments.reading.saved", actor=actor, target=draft, bank_id=bank.pk, data=data, seals=[draft])
    return draft, errors


def _begin(period: ReadingPeriod, bank: Bank) -> Reading:
    last = current(period, bank.pk)
    return Reading(
        period=period, bank=bank, revision=last.revision + 1 if last else 1, facts=begun(period, bank.pk), saves=0
    )


def before_of(period: ReadingPeriod, bank_id: int) -> dict[str, Any]:
    """Last year's figures of the same day, as the engine takes them; nothing where there was no reading."""
    row = year_before(period, [bank_id]).get(bank_id)
    return values_of(engine_rulebook(period.rulebook), row.facts) if row is not None else {}


def against_figures(period: ReadingPeriod, values: Values, before: Values, note: str) -> Iterator[Any]:
    """Every reason why these figures are not taken as they are."""
    rulebook = engine_rulebook(period.rulebook)
    if absent := missing(rulebook, values):
        names = "、".join(in_language(spec.label) for spec in absent)
        yield _("These figures are missing: %(names)s.") % {"names": names}
    found = findings(rulebook, values, before)
    yield from (each.text for each in found if each.error)
    if not note and (open_ := [each for each in found if not each.error]):
        yield _("Explain what the checks ask about: %(first)s") % {"first": open_[0].text}


def against_confirming(actor: User, period: ReadingPeriod, draft: Reading | None) -> Iterator[Any]:
    """Every reason why this person does not confirm this draft now."""
    if not actor.holds(*CONFIRMS):
        yield _("The reviewer or the signatory of your bank confirms a reading.")
    if draft is None:
        yield _("There is no draft to be confirmed.")
        return
    if actor.pk in draft.writers:
        yield _("You have filled in this reading; somebody else of your bank must confirm it.")
    if draft.typed:
        yield _("The draft holds figures that cannot be read; the preparer corrects them first.")
    values = values_of(engine_rulebook(period.rulebook), draft.facts)
    yield from against_figures(period, values, before_of(period, draft.bank_id), draft.note)
    last = current(period, draft.bank_id)
    if last is not None and (last.facts, last.note) == (draft.facts, draft.note):
        yield _("Nothing differs from what was confirmed before.")


def reading_content(period: ReadingPeriod, draft: Reading) -> Iterator[ShownItem]:
    """What somebody confirms: period, revision, each figure with its exact text, the explanation."""
    lang = screen_language()
    rulebook = engine_rulebook(period.rulebook)
    values = values_of(rulebook, draft.facts)
    yield ShownItem("period", _("Period"), f"{period.year}-{period.month:02d}", period.title)
    yield ShownItem("revision", _("Revision"), str(draft.revision))
    for id, spec in reading_facts(rulebook).items():
        if id in values:
            words = format_fact(spec, values[id], lang)
            yield ShownItem(f"fact {id}", in_language(spec.label), draft.facts[id]["value"], words)
    yield ShownItem("note", _("Explanation"), draft.note)


def shown_reading(period: ReadingPeriod, draft: Reading) -> str:
    """The seal of what the page of confirming shows."""
    return seal_content("reading", f"{period.pk} {draft.bank_id}", reading_content(period, draft))


@transaction.atomic
def confirm_reading(*, actor: User, period_id: int, seen: str | None = None) -> Reading:
    """Freeze the draft of the actor's own bank. ``seen`` is the seal of the page; another content is ``Stale`` with
    what differs. Raises ``Refused`` with every reason.
    """
    period, bank = _own(actor, period_id)
    draft = draft_of(period, bank.pk)
    if reasons := list(against_confirming(actor, period, draft)):
        raise Refused(reasons)
    assert draft is not None  # noqa: S101  # nosec B101 - said above
    if seen is not None:
        hold_to_seal("reading", f"{period.pk} {bank.pk}", reading_content(period, draft), seen)
    freeze(draft, actor)
    draft.save()
    data = {"period": period.pk, "revision": draft.revision, "digest": draft.digest, "late": is_late(period, draft)}
    seals = [draft, *stand(period, [draft])]
    record("assessments.reading.confirmed", actor=actor, target=draft, bank_id=bank.pk, data=data, seals=seals)
    return draft


def freeze(reading: Reading, actor: User | None) -> None:
    """Write who confirms, when, and the digest of what is confirmed; the row is saved by the caller."""
    reading.confirmed_by, reading.confirmed_at = actor, timezone.now()
    reading.digest = reading_digest(reading)


def reading_digest(reading: Reading) -> str:
    """SHA-256 over the canonical JSON of what was confirmed."""
    period = reading.period
    content = {
        "period": f"{period.year}-{period.month:02d}",
        "rulebook": period.rulebook.hash,
        "bank": reading.bank_id,
        "revision": reading.revision,
        "source": reading.source,
        "facts": reading.facts,
        "note": reading.note,
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def is_late(period: ReadingPeriod, reading: Reading) -> bool:
    """Whether a first revision was confirmed after the last day for the banks."""
    at = reading.confirmed_at
    return reading.revision == 1 and at is not None and timezone.localdate(at) > period.due_on
