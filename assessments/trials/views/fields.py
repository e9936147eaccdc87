"""The numbers of a rulebook as the fields of the form of a trial: what each is today, what was typed, what is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assessments.scoring.results import grade_name
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.whatif.tunables import IN, OFF, ON, SWITCH, Tunable, tunables, users_of
from scorecard.words.formats import unit_name
from scorecard.words.language import in_language
from scorecard.words.sources import provenance

FIELD = "v-"  # and the path: the name of a field of the form
NUMBERED = ("indicators.", "sections.")  # entries that are known by their ids


@dataclass(frozen=True)
class TunableField:
    """One number of the rulebook as a field: what it is today, what was typed, what is wrong with that."""

    name: str
    id: str
    label: str
    form: str
    value: str  # as it stands today, to tell a change by
    now: str  # the same in words
    unit: str
    typed: str
    error: str
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class EntryFields:
    """One indicator, grade, cap … with its numbers, its source and its basis."""

    id: str
    name: str
    source: str
    basis: str
    fields: list[TunableField]
    touched: bool


def field_groups(
    rulebook: Rulebook, typed: Mapping[str, str], errors: Mapping[str, str], year: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The numbers by section of the rulebook, then weights and limits of sections, targets, shared figures, grades,
    caps, adjustments, and values of the year.
    """
    known = tunables(rulebook)
    entries: dict[str, list[Tunable]] = {}
    for tunable in known.values():
        entries.setdefault(tunable.entry, []).append(tunable)
    # A definition that one indicator alone uses stands behind it; the others have a place of their own.
    own: dict[str, list[str]] = {}
    shared: list[str] = []
    for entry in (e for e, numbers in entries.items() if numbers[0].group == "definitions"):
        users = users_of(rulebook, entry)
        if len(users) == 1:
            own.setdefault(f"indicators.{users[0]}", []).append(entry)
        else:
            shared.append(entry)

    def drawn(wanted: Iterable[str]) -> list[EntryFields]:
        return [_entry(rulebook, e, entries[e], typed, errors, year) for e in wanted]

    for section in rulebook.top_sections:
        mine = [f"indicators.{i.id}" for i in rulebook.indicators_of(section.id)]
        wanted = [entry for indicator in mine for entry in (indicator, *own.get(indicator, ()))]
        yield {
            "title": f"{section.id} {in_language(section.name)}",
            "entries": drawn(e for e in wanted if e in entries),
        }
    titles = {
        "sections": _("Weights and limits of sections and of the total"),
        "targets": _("Targets"),
        "definitions": _("Figures that several rules use"),
        "grades": _("Grade boundaries"),
        "caps": _("Caps and floors"),
        "adjustments": _("Adjustment of the supervisory rating"),
        "parameters": _("Values set for the year"),
    }
    for group, title in titles.items():
        mine = [e for e, numbers in entries.items() if numbers[0].group == group]
        yield {"title": title, "entries": drawn(shared if group == "definitions" else mine)}


def _entry(
    rulebook: Rulebook,
    entry: str,
    known: list[Tunable],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    year: Mapping[str, str],
) -> EntryFields:
    first = known[0]
    source = provenance(first.source)
    is_set = first.group == "parameters" and entry.partition(".")[2] in year
    return EntryFields(
        id=entry.partition(".")[2] if entry.startswith(NUMBERED) else "",
        # The cases of an adjustment share its name; each is known by its condition.
        name=in_language(first.label if first.group == "adjustments" else first.name),
        source=_("set for this round") if is_set else source,
        basis="" if is_set else first.basis,
        fields=[_field(rulebook, tunable, typed, errors) for tunable in known],
        touched=any(typed.get(k.path, "").strip() not in ("", k.value) or k.path in errors for k in known),
    )


def _field(rulebook: Rulebook, tunable: Tunable, typed: Mapping[str, str], errors: Mapping[str, str]) -> TunableField:
    options: list[tuple[str, str]] = []
    now = tunable.value
    if tunable.form == SWITCH:
        options, now = [(ON, _("applies")), (OFF, _("does not apply"))], _("applies")
    elif tunable.form == "grade":
        options = [(grade.id, in_language(grade.name)) for grade in rulebook.grades]
        now = grade_name(rulebook, tunable.value)
    return TunableField(
        name=f"{FIELD}{tunable.path}",
        id=_anchor(tunable.path),
        label=_("Points") if tunable.group == "adjustments" and IN not in tunable.path else in_language(tunable.label),
        form=tunable.form,
        value=tunable.value,
        now=now,
        unit=unit_name(tunable.unit),
        typed=typed.get(tunable.path, tunable.value if options else ""),
        error=errors.get(tunable.path, ""),
        options=options,
    )


def _anchor(path: str) -> str:
    return "id_" + path.replace(".", "-").replace(IN, "-n")


def error_items(rulebook: Rulebook, problems: Mapping[str, str], reasons: list[Any]) -> list[tuple[str, str, str]]:
    """Errors for the summary on top: link, label, message."""
    known = tunables(rulebook)
    own = {"name": _("Name of the trial"), "note": _("Why it is tried")}
    found = [("", "", str(reason)) for reason in reasons]
    for path, text in problems.items():
        label = own[path] if path in own else in_language(known[path].label)
        found.append((f"#{_anchor(path)}", label, text))
    return found
