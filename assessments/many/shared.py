"""What is said once for all entries of a list, and what of it an entry is carried out with."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assessments.decisions.measures import MeasureChoice, is_required
from assessments.many.loading import Entry
from assessments.models import MeasureState
from banks.models import User
from scorecard.access.reauthentication import Signature
from scorecard.words.language import in_language


@dataclass(frozen=True)
class Shared:
    """What the person says for the whole list: a reason, who takes the cases (the officer, or the person of another
    role), and what is decided of each measure for all who meet its condition (by ``Group.key``).
    """

    reason: str = ""
    officer: int | None = None
    person: int | None = None
    choices: Mapping[str, MeasureChoice] = field(default_factory=dict)

    def words(self) -> dict[str, Any]:
        """The same as plain data, for the digest of the list and its event; what is not said is left out."""
        found: dict[str, Any] = {"reason": self.reason, "officer": self.officer, "person": self.person}
        found["measures"] = {key: asdict(choice) for key, choice in self.choices.items()}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True)
class Attempt:
    """One entry, about to be carried out under its lock."""

    actor: User
    entry: Entry
    shared: Shared
    signed: Signature | None
    listed: str


@dataclass
class Group:
    """One measure that a clause of one rulebook proposes, with the banks that meet its condition."""

    key: str
    label: str
    options: Mapping[str, str]
    required: bool
    banks: dict[str, list[str]] = field(default_factory=dict)  # by what the clause says of them

    @property
    def count(self) -> int:
        return sum(len(names) for names in self.banks.values())


def measure_key(rulebook_id: int, code: str) -> str:
    """One measure of one rulebook: the same clause, so the same condition."""
    return f"m{rulebook_id}-{code}"


def groups_of(entries: Iterable[Entry]) -> list[Group]:
    """The measures that are proposed in these cases and not decided yet, each once, in the order of the proposals."""
    found: dict[str, Group] = {}
    for entry in entries:
        if entry.rating is None:
            continue
        for measure in entry.rating.measures.all():
            if measure.state != MeasureState.PROPOSED:
                continue
            key, proposal = measure_key(entry.case.round.rulebook_id, measure.code), measure.proposal
            options = {name: in_language(text) for name, text in (proposal.get("options") or {}).items()}
            group = found.setdefault(
                key,
                Group(
                    key,
                    in_language(proposal.get("label")) or measure.code,
                    options,
                    is_required(proposal),
                ),
            )
            group.banks.setdefault(in_language(proposal.get("because")), []).append(entry.case.bank_name)
    return list(found.values())
