"""What messages say: the fact, and the page that it leads to. Reasons, remarks, points and grades stand on the pages,
under the rules of reading; none of them is here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.models import Filing, period_title
from scorecard.access.roles import Role
from scorecard.inbox.kinds import Words
from scorecard.links import Link
from scorecard.words.formats import day, moment
from scorecard.words.language import in_language

Data = Mapping[str, Any]

#: A step, as the people of the bank are told of it, and the page that it leads to.
TO_BANK: dict[str, tuple[Any, str]] = {
    "pass_to_reviewer": (gettext_lazy("The filing is with you to be checked"), "filing-detail"),
    "send_back_to_preparer": (gettext_lazy("The reviewer has sent the filing back"), "filing-detail"),
    "pass_to_signatory": (gettext_lazy("The filing is with you to be signed"), "filing-detail"),
    "recall_from_reviewer": (gettext_lazy("The filing was taken back before it was checked"), "filing-detail"),
    "recall_from_signatory": (gettext_lazy("The filing was taken back before it was signed"), "filing-detail"),
    "refuse_signature": (gettext_lazy("The signatory has not signed and has sent the filing back"), "filing-detail"),
    "submit": (gettext_lazy("Your bank has submitted its filing"), "assessment-history"),
    "accept": (gettext_lazy("The supervisor has accepted the filing"), "filing-detail"),
    "refuse": (gettext_lazy("The supervisor has returned the filing: it is to be corrected"), "filing-detail"),
    "return_for_correction": (
        gettext_lazy("The supervisor has returned the filing: it is to be corrected"),
        "filing-detail",
    ),
    "rate_unfiled": (gettext_lazy("Nothing came in time: your bank is rated as not having submitted"), "filing-detail"),
    "let_file": (gettext_lazy("Your bank may still submit its filing"), "filing-detail"),
    "issue_notice": (gettext_lazy("The notice of the result has come and is to be acknowledged"), "notice-detail"),
    "issue_correction": (
        gettext_lazy("A corrected notice has come and is to be acknowledged; it replaces the one before"),
        "notice-detail",
    ),
    "lodge_objection": (gettext_lazy("The objection of your bank has been received"), "objection-detail"),
}

#: A step, as supervisors are told of it; %(bank)s is the bank.
TO_SUPERVISOR: dict[str, Any] = {
    "submit": gettext_lazy("%(bank)s has submitted its filing"),
    "pass_to_second": gettext_lazy("%(bank)s: the case waits for the second review"),
    "send_back_to_officer": gettext_lazy("%(bank)s: the second review has sent the case back"),
    "confirm": gettext_lazy("%(bank)s: the rating is to be decided"),
    "rate_unfiled": gettext_lazy("%(bank)s has not submitted: the rating is to be decided"),
    "let_file": gettext_lazy("%(bank)s may still submit its filing: give it a later day"),
    "send_back_undecided": gettext_lazy("%(bank)s: the case has come back undecided"),
    "decide": gettext_lazy("%(bank)s: the rating is decided"),
    "ask_taking_back": gettext_lazy("%(bank)s: a decision is to be taken back, if another person confirms it"),
    "take_back": gettext_lazy("%(bank)s: the decision is taken back"),
    "keep_decision": gettext_lazy("%(bank)s: the decision stands"),
    "issue_notice": gettext_lazy("%(bank)s: the notice has been sent"),
    "lodge_objection": gettext_lazy("%(bank)s has objected to its notice"),
    "uphold_objection": gettext_lazy("%(bank)s: the objection is upheld; examine the case again"),
    "refuse_objection": gettext_lazy("%(bank)s: the objection is refused"),
    "ask_correction": gettext_lazy("%(bank)s: a decision is to be corrected, if another person confirms it"),
    "confirm_correction": gettext_lazy("%(bank)s: the decision is to be corrected; examine the case again"),
    "keep_notice": gettext_lazy("%(bank)s: the decision and its notice stand"),
    "propose_correction": gettext_lazy("%(bank)s: the corrected rating is to be decided"),
    "send_correction_back": gettext_lazy("%(bank)s: the correction has come back; examine the case again"),
    "decide_correction": gettext_lazy("%(bank)s: the corrected rating is decided"),
    "close_unchanged": gettext_lazy("%(bank)s: the new examination is closed, the result stays"),
    "issue_correction": gettext_lazy("%(bank)s: the corrected notice has been sent"),
    "acknowledge": gettext_lazy("%(bank)s has acknowledged the notice"),
}


def _bank(data: Data) -> dict[str, str]:
    return {"bank": in_language(data["bank"])}


def _round(data: Data) -> str:
    return in_language(data["title"])


def _place(data: Data) -> str:
    return _("About %(indicator)s.") % {"indicator": data["indicator"]} if data["indicator"] else ""


def _remarks(data: Data) -> Link:
    return Link("assessment-history", (data["assessment"],), place="remarks")


def _filing(data: Data) -> Link:
    return Link("filing-detail", (data["assessment"],))


def step_words(data: Data) -> Words:
    """A step of the workflow, to the bank or to a supervisor."""
    name = data["transition"]
    if data["side"] == "bank":
        title, page = TO_BANK[name]
        return Words(str(title), _round(data), Link(page, (data["assessment"],)))
    return Words(str(TO_SUPERVISOR[name]) % _bank(data), _round(data), Link(data["page"], (data["assessment"],)))


def letter_words(data: Data) -> Words:
    """A letter on the bank's objection."""
    return Words(
        _("A letter on the objection of your bank has come"), _round(data), Link("objection-letter", (data["letter"],))
    )


#: Where the person who is assigned in a role acts.
_OF_ROLE = {Role.SECOND_REVIEWER.value: "review-second", Role.DECISION_MAKER.value: "decision-detail"}


def handed_words(data: Data) -> Words:
    """A case that somebody has been given, in one of the roles."""
    title = _("%(bank)s: the case is yours now") % _bank(data)
    return Words(title, _round(data), Link(_OF_ROLE.get(data.get("role", ""), "review-detail"), (data["assessment"],)))


def section_given_words(data: Data) -> Words:
    """Sections of the filing that a preparer has been given."""
    names = _(", ").join(in_language(page) for page in data["pages"])
    title = _("You fill in: %(sections)s") % {"sections": names}
    return Words(title, _round(data), Link("filing-sections", (data["assessment"],)))


def file_refused_words(data: Data) -> Words:
    """A file of the bank in which malware was found."""
    title = _("Malware was found in a file of your bank: %(file)s") % {"file": data["file"]}
    told = _(
        "%(malware)s. Nobody opens the file. Withdraw it while the filing is with your bank, and look at the computer "
        "that it came from."
    )
    return Words(title, _joined(told % {"malware": data["malware"]}, _round(data)), _filing(data))


def meeting_words(data: Data) -> Words:
    """An agenda that was handed out."""
    at = parse_datetime(data["at"])
    title = _("Agenda handed out: %(title)s") % {"title": data["title"]}
    return Words(title, moment(at), Link("meeting-detail", (data["meeting"],)))


def follow_up_words(data: Data) -> Words:
    """A follow-up of a meeting that is due, or overdue."""
    title = _("A follow-up of a meeting is overdue") if data["late"] else _("A follow-up of a meeting is due today")
    return Words(title, data.get("number", ""), Link("meeting-detail", (data["meeting"],)))


def asked_words(data: Data) -> Words:
    """A remark of the supervisor for the bank."""
    return Words(_("The supervisor asks about your filing"), _joined(_place(data), _round(data)), _filing(data))


def answered_words(data: Data) -> Words:
    """The bank's answer to a remark."""
    link = Link("review-comment", (data["assessment"],))
    return Words(_("%(bank)s has answered a remark") % _bank(data), _joined(_place(data), _round(data)), link)


def bank_asked_words(data: Data) -> Words:
    """A question of the bank to the supervisor."""
    link = Link("review-comment", (data["assessment"],))
    return Words(_("%(bank)s asks about its filing") % _bank(data), _joined(_place(data), _round(data)), link)


def replied_words(data: Data) -> Words:
    """The supervisor's answer to what the bank wrote."""
    return Words(_("The supervisor has answered your bank"), _joined(_place(data), _round(data)), _remarks(data))


def discussed_words(data: Data) -> Words:
    """A remark inside the bank."""
    title = _("Somebody of your bank has written a remark on the filing")
    return Words(title, _joined(_place(data), _round(data)), _remarks(data))


def extended_words(data: Data) -> Words:
    """A later day for one bank."""
    title = _("Your bank may submit its filing until %(at)s") % {"at": _at(data)}
    return Words(title, _round(data), _filing(data))


def urged_words(data: Data) -> Words:
    """A reminder that a supervisor has written to chosen banks (催报)."""
    title = _("The supervisor reminds your bank of its filing, due at %(at)s") % {"at": _at(data)}
    return Words(title, _joined(data["text"], _round(data)), _filing(data))


def deadline_words(data: Data) -> Words:
    """The last day of the filing comes near."""
    left, at = data["left"], {"at": _at(data)}
    if left:
        words = ngettext(
            "%(count)d working day is left for the filing, until %(at)s",
            "%(count)d working days are left for the filing, until %(at)s",
            left,
        )
        title = words % {"count": left, **at}
    else:
        title = _("Today is the last day for the filing, until %(at)s") % at
    return Words(title, _joined(_stands(data), _round(data)), _filing(data))


def overdue_words(data: Data) -> Words:
    """The last day is over."""
    title = _("The time for the filing was over at %(at)s, and nothing has been submitted") % {"at": _at(data)}
    return Words(title, _joined(_("Your case officer can give your bank a later day."), _round(data)), _filing(data))


def acknowledge_words(data: Data) -> Words:
    """A notice that waits to be acknowledged."""
    title = _("The notice %(number)s is still to be acknowledged") % {"number": data["number"]}
    return Words(title, _round(data), Link("notice-detail", (data["assessment"],)))


def objection_end_words(data: Data) -> Words:
    """The last day for an objection comes near."""
    title = _("An objection to the notice %(number)s is possible until the end of %(day)s") % {
        "number": data["number"],
        "day": day(timezone.localtime(datetime.fromisoformat(data["until"]))),
    }
    return Words(title, _round(data), Link("notice-detail", (data["assessment"],)))


def reading_words(data: Data) -> Words:
    """A period is open, for which the bank files the figures of the targets."""
    title = _("The figures of %(period)s are to be filed until %(day)s") % {
        "period": period_title(data["year"], data["month"], data["kind"]),
        "day": data["due_on"],
    }
    return Words(title, _("Readings through the year"), Link("reading-period", (data["period"],)))


def circular_words(data: Data) -> Words:
    """A circular has come, as the bank's own copy."""
    title = _("Circular %(number)s has come") % {"number": data["number"]}
    return Words(title, _("Readings through the year"), Link("circular-copy", (data["copy"],)))


def warned_words(data: Data) -> Words:
    """A reading with warnings: the bank is told of those that it reads, a supervisor of all."""
    period = period_title(data["year"], data["month"], data["kind"])
    count, link = data["own"], Link("reading-bank", (data["period"], data["bank_id"]))
    if data.get("side") == "bank":
        title = ngettext(
            "Your figures of %(period)s give %(count)d warning",
            "Your figures of %(period)s give %(count)d warnings",
            count,
        )
        return Words(title % {"period": period, "count": count}, _("Readings through the year"), link)
    count = data["all"]
    title = ngettext(
        "%(bank)s: the figures of %(period)s give %(count)d warning",
        "%(bank)s: the figures of %(period)s give %(count)d warnings",
        count,
    )
    words = {"period": period, "count": count, **_bank(data)}
    return Words(title % words, _("Readings through the year"), link)


def digest_words(data: Data) -> Words:
    """What waits for a supervisor on a working day."""
    counts = data["counts"]
    lines = [words % {"count": counts[name]} for name, words in _digest_lines(counts) if counts.get(name)]
    date = day(timezone.make_aware(datetime.fromisoformat(data["day"])))
    return Words(_("What waits for you on %(day)s") % {"day": date}, "\n".join(lines), Link("home"))


def _digest_lines(counts: Data) -> list[tuple[str, str]]:
    def said(name: str) -> int:
        return int(counts.get(name, 0))

    return [
        ("own", ngettext("%(count)d case waits for you.", "%(count)d cases wait for you.", said("own"))),
        (
            "overdue",
            ngettext(
                "%(count)d of them is past the review deadline.",
                "%(count)d of them are past the review deadline.",
                said("overdue"),
            ),
        ),
        (
            "answers",
            ngettext(
                "%(count)d answer of a bank has not been answered.",
                "%(count)d answers of banks have not been answered.",
                said("answers"),
            ),
        ),
        (
            "late",
            ngettext(
                "%(count)d bank of yours is past its last day and has not submitted.",
                "%(count)d banks of yours are past their last day and have not submitted.",
                said("late"),
            ),
        ),
        (
            "unfiled",
            ngettext(
                "%(count)d bank of yours has still to submit.",
                "%(count)d banks of yours have still to submit.",
                said("unfiled"),
            ),
        ),
    ]


def _at(data: Data) -> str:
    return moment(datetime.fromisoformat(data["until"]))


def _stands(data: Data) -> str:
    """Where the filing stands inside the bank."""
    return _("Now: %(state)s.") % {"state": Filing(data["filing"]).label}


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
