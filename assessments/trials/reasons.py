"""Which changed entries of a rulebook are behind what moved: the entries it depends on, as far as they are changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.models.trials import Trial
from assessments.rounds.parameters.selectors import with_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.scoring.results import grade_name
from scorecard.engine.rulebook.dependencies import TOTAL
from scorecard.engine.rulebook.prepared import prepared
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.units import after as following
from scorecard.engine.whatif.diff import diff
from scorecard.engine.whatif.tunables import GRADE, OFF, PERCENT, SWITCH, Tunable, tunables
from scorecard.words.language import in_language, screen_language

# Entries of a version that are no rule and move nothing by themselves. Sections and the total do by their weights and
# limits alone: their maxima follow the indicators.
SILENT = ("rulebook", "documents", "checks", "measures", "tools", "process", "extends", "properties", "sections")
LIMITING = ("weight", "floor", "ceiling")


@dataclass(frozen=True)
class Changed:
    """One changed number (or, of another version, one changed entry) in words."""

    entry: str  # kind and id
    name: str
    text: str

    def said(self, entry: str) -> str:
        """The change as the reason of what `entry` gives: its own name is not said again."""
        return self.text if self.entry == entry else f"{self.name}{_(': ')}{self.text}"


@dataclass(frozen=True)
class Reasons:
    """Everything that a trial changes, by entry, and both rulebooks."""

    before: Rulebook
    after: Rulebook
    changed: Mapping[str, tuple[Changed, ...]]

    def behind(self, entry: str) -> tuple[str, ...]:
        """What is changed of an entry and of all that it depends on, in either rulebook."""
        wanted = prepared(self.before).dependencies(entry) | prepared(self.after).dependencies(entry)
        return tuple(one.said(entry) for key, found in self.changed.items() if key in wanted for one in found)

    def limits(self) -> tuple[str, ...]:
        """What is changed of the weights and limits of sections and of the total."""
        return tuple(
            one.said("")
            for key, found in self.changed.items()
            if key == TOTAL or key.startswith("sections.")
            for one in found
        )

    def boundaries(self, total: Decimal, grade: str) -> tuple[str, ...]:
        """What is changed of the boundaries, where it is they that give these points this grade."""
        old = next((g.id for g in self.before.grades if g.min is None or total >= g.min), "")
        if old == grade:
            return ()
        return tuple(one.said("") for key, found in self.changed.items() if key.startswith("grades.") for one in found)


def reasons_of(trial: Trial, before: Rulebook, after: Rulebook) -> Reasons:
    """What a trial changes: the numbers that were chosen, and what its rulebook says otherwise than the round's."""
    tried = engine_rulebook(trial.rulebook)
    base = with_values(tried, trial.overlay.get("year", {}))
    found: dict[str, list[Changed]] = {}
    for one in (*_versions(before, tried), *_chosen(base, trial.overlay["chosen"])):
        found.setdefault(one.entry, []).append(one)
    return Reasons(before, after, {entry: tuple(changes) for entry, changes in found.items()})


def _versions(before: Rulebook, base: Rulebook) -> Iterator[Changed]:
    """The entries that the tried version has otherwise than the round's own."""
    if before == base:
        return
    text = _("other in version %(new)s than in %(old)s") % {"new": base.version, "old": before.version}
    for group in diff(before, base).groups:
        if group.kind not in SILENT:
            for entry in group.entries:
                yield Changed(f"{group.kind}.{entry.id}", in_language(entry.name), text)
    for id, section in {**before.sections, **base.sections}.items():
        sides = before.sections.get(id), base.sections.get(id)
        if any(len({getattr(side, key, None) for side in sides}) > 1 for key in LIMITING):
            yield Changed(f"sections.{id}", in_language(section.name), text)
    if (before.floor, before.ceiling) != (base.floor, base.ceiling):
        yield Changed(TOTAL, _("Total"), text)


def _chosen(base: Rulebook, chosen: Mapping[str, str]) -> Iterator[Changed]:
    known = tunables(base)
    for path, value in chosen.items():
        tunable = known.get(path)
        if tunable is None:
            continue
        kind, _dot, id = tunable.entry.partition(".")
        if kind in ("caps", "grades"):
            id = (base.caps if kind == "caps" else base.grades)[int(id)].id
        yield Changed(f"{kind}.{id}", in_language(tunable.name), change_text(base, tunable, value))


def change_text(base: Rulebook, tunable: Tunable, stored: str) -> str:
    """One chosen number in words: what it is, what it was, what it is tried as."""
    if tunable.form == SWITCH:
        return _("does not apply") if stored == OFF else _("applies")
    if tunable.form == GRADE:
        old, new = grade_name(base, tunable.value), grade_name(base, stored)
    else:
        old = tunable.value
        new = plain(Decimal(stored) * 100) if tunable.form == PERCENT else stored
        new += following(tunable.unit, screen_language())
    return f"{in_language(tunable.label)}{_(': ')}{old} → {new}"
