"""Two rulebook versions side by side: what was added, removed and changed."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from assessments.filings.views.common import acting
from assessments.rounds.selectors import published_rulebooks
from assessments.rulebooks.cache import engine_rulebook
from scorecard.engine.values.results import Source
from scorecard.engine.whatif.diff import EntryChange, FieldChange, GroupChange, Line, diff
from scorecard.words.language import in_language
from scorecard.words.sources import provenance

KINDS = {"added": "good", "removed": "bad", "changed": "info"}

# Kinds whose ids are numbers that people know them by; the ids of the others are for files alone.
NUMBERED = ("sections", "indicators")


@dataclass(frozen=True)
class FieldRow:
    """One changed field in words: the lines of each side, each with whether the other side lacks it."""

    label: str
    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]


@dataclass(frozen=True)
class EntryRow:
    """One changed entry in words."""

    id: str
    name: str
    what: str
    word: str
    kind: str
    fields: list[FieldRow]
    source_before: str
    source_after: str
    basis_before: str
    basis_after: str


@require_GET
def rulebook_diff(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """What the newer of two published versions says otherwise, entry by entry, with the sources of both."""
    published = list(published_rulebooks(acting(request)).order_by("code", "published_at"))
    versions = {row.pk: row for row in published}
    if old not in versions or new not in versions:
        raise Http404
    found = diff(engine_rulebook(versions[old]), engine_rulebook(versions[new]))
    counts = [(what, _words()[what], found.count(what), KINDS[what]) for what in KINDS]
    context = {
        "old": versions[old],
        "new": versions[new],
        "groups": [group_row(group) for group in found.groups],
        "counts": counts,
        "others": published,
    }
    return render(request, "trials/diff.html", context)


def _words() -> dict[str, str]:
    return {"added": _("Added"), "removed": _("Removed"), "changed": _("Changed")}


def group_row(group: GroupChange) -> dict[str, Any]:
    """One kind of entries in words."""
    return {
        "id": group.kind,
        "label": in_language(group.label),
        "reordered": group.reordered,
        "entries": [_entry(entry) for entry in group.entries],
    }


def _entry(entry: EntryChange) -> EntryRow:
    return EntryRow(
        id=entry.id if entry.kind in NUMBERED else "",
        name=in_language(entry.name),
        what=entry.what,
        word=_words()[entry.what],
        kind=KINDS[entry.what],
        # Source and basis stand under each entry, with the badge; only an entry without a source says them here.
        fields=[_field(f) for f in entry.fields if entry.kind == "rulebook" or f.key not in ("source", "basis")],
        source_before=_cite(entry.source_before),
        source_after=_cite(entry.source_after),
        basis_before=entry.basis_before,
        basis_after=entry.basis_after,
    )


def _field(field: FieldChange) -> FieldRow:
    return FieldRow(in_language(field.label), _lines(field.before), _lines(field.after))


def _lines(lines: tuple[Line, ...]) -> list[tuple[str, bool]]:
    return [(in_language(line.text), line.changed) for line in lines]


def _cite(source: Source | None) -> str:
    return provenance(source)
