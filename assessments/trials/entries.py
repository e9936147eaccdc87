"""What a trial reads: every current version with what its score depends on, encoded or as the engine's input."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q

from assessments.filings.scoring_input import version_input
from assessments.models import Assessment, EncodedFiling, FilingVersion, Round, ScoreKind, ScoreRun
from assessments.models.assessments import within_head
from assessments.scoring.bulk.encoding import layout_of
from assessments.scoring.bulk.pending import PendingRun
from assessments.scoring.inputs import compares_peers, extra_inputs, from_supervisor, joined, target_decisions
from assessments.scoring.peers import newest_snapshot
from banks.selectors.facts import current_facts_of
from scorecard.audit.services import canonical
from scorecard.engine import Nothing, Rulebook, ScoringInput
from scorecard.engine.exact.peergroup import Snapshot

BLOCK = 500  # banks that are read and scored together


@dataclass(frozen=True)
class Entry:
    """One bank's case as its score depends on it."""

    assessment: Assessment
    kind: str
    inputs: dict[str, Any]
    body: bytes = b""  # the filing encoded in the layout of the round's rulebook; empty where it is not encoded
    within_head: bool = False  # the branch of a legal entity that takes part itself: no peer, and in no mean


def gather(round_: Round, rulebook: Rulebook) -> list[Entry]:
    """Every current submitted version with the inputs that its score depends on. A constant number of queries.

    The inputs are those of the reviewed run, else of the system run; a version that was never scored takes what is
    known now.
    """
    mine = Assessment.objects.taking_part().filter(round=round_, version__isnull=False)
    unread = [f"version__{name}" for name in ("facts", "history", "answers", "evidence", "report", "explanations")]
    cases = list(
        mine.select_related("bank", "version")
        .annotate(within=within_head())
        .defer(*unread)
        .order_by("bank__code", "pk")
    )
    encoded = EncodedFiling.objects.filter(version__in=mine.values("version"), layout=layout_of(rulebook).hash)
    bodies = dict(encoded.values_list("version_id", "body"))
    runs: dict[int | None, tuple[int | None, dict[str, Any]]] = {
        pk: (version, inputs)
        for pk, version, inputs in ScoreRun.objects.filter(assessment__round=round_)
        .filter(Q(pk__in=mine.values("system_run")) | Q(pk__in=mine.values("reviewed_run")))
        .values_list("pk", "version_id", "inputs")
    }
    facts = current_facts_of([case.bank_id for case in cases], {round_.period})
    found = []
    extra: dict[str, Any] | None = None
    for case in cases:
        case.round = round_
        version = case.version
        if version is None:
            continue
        version.assessment = case
        body = bytes(bodies.get(version.pk, b""))
        within = bool(getattr(case, "within", False))
        for kind, pk in ((ScoreKind.REVIEWED, case.reviewed_run_id), (ScoreKind.SYSTEM, case.system_run_id)):
            of, inputs = runs.get(pk, (None, {}))
            if of == version.pk:
                found.append(Entry(case, kind, inputs, body, within))
                break
        else:
            known = from_supervisor(facts[case.bank_id][round_.period], rulebook)
            if extra is None:
                peers = newest_snapshot(round_) if compares_peers(rulebook) else None
                extra = extra_inputs(round_, rulebook, peers)
            inputs = joined(facts=known, judged={}, decisions={}, extra=extra)
            found.append(Entry(case, ScoreKind.SYSTEM, inputs, body, within))
    return found


# --- Reading ---------------------------------------------------------------------------------------------------------


def groups(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Entries by the values of the year and the peers' values that their scores depend on: columns have one of each."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        key = canonical({name: entry.inputs[name] for name in ("parameters", "peers") if name in entry.inputs})
        found.setdefault(key, []).append(entry)
    yield from found.values()


def parted(entries: Sequence[Entry], before: Rulebook, after: Rulebook) -> tuple[list[Entry], list[Entry]]:
    """The entries whose encoded form serves both rulebooks, and the others."""
    alike = read_alike(before, after) and layout_of(before).hash == layout_of(after).hash
    return [e for e in entries if alike and e.body], [e for e in entries if not (alike and e.body)]


def encoded_entry(entry: Entry, judged: dict[str, str]) -> PendingRun:
    """An entry as the reader of encoded filings takes it."""
    given = {fact: (item["state"], item["value"]) for fact, item in entry.inputs["facts"].items()}
    version = entry.assessment.version_id or 0
    decisions = entry.inputs.get("decisions", {})
    return PendingRun(entry.assessment.pk, version, entry.kind, "", "", given, judged, decisions, entry.body)


def whole_versions(entries: Iterable[Entry]) -> dict[int, FilingVersion]:
    """By assessment, the filings themselves; those of which only the head was read come in one query."""
    cases = [entry.assessment for entry in entries]
    found = {case.pk: case.version for case in cases if case.version and not case.version.get_deferred_fields()}
    heads = [case for case in cases if case.pk not in found]
    versions = FilingVersion.objects.in_bulk([case.version_id for case in heads]) if heads else {}
    for case in heads:
        found[case.pk] = versions[case.version_id or 0]
        found[case.pk].assessment = case
    return found


def entry_input(
    entry: Entry, version: FilingVersion, rulebook: Rulebook, parameters: Mapping[str, str], snapshot: Snapshot
) -> ScoringInput:
    """An entry as the engine takes it; points and decisions for what the rulebook does not have are left out."""
    judged = {k: v for k, v in entry.inputs["judged"].items() if k in rulebook.indicators}
    decisions = {k: v for k, v in target_decisions(entry.inputs).items() if k in rulebook.targets}
    given = version_input(
        version,
        supervisor_facts=entry.inputs["facts"],
        judged=judged,
        rulebook=rulebook,
        parameters=parameters,
        snapshot=snapshot,
    )
    return replace(given, decisions=decisions)


def read_alike(before: Rulebook, after: Rulebook) -> bool:
    """Whether both rulebooks read the same version alike: the same facts, and the same claims admitted."""
    return (
        before.facts == after.facts
        and before.targets.keys() == after.targets.keys()
        and {i.id: i.not_applicable for i in before.indicators.values()}
        == {i.id: i.not_applicable for i in after.indicators.values()}
    )


def check_values(rulebook: Rulebook, inputs: ScoringInput) -> None:
    """Raise LookupError where an answer is none of its fact's options."""
    for facts in (inputs.facts, *inputs.history.values()):
        for name, value in facts.items():
            spec = rulebook.facts.get(name)
            if spec is None or spec.is_number or spec.kind not in ("level", "checklist") or isinstance(value, Nothing):
                continue
            for option in value if isinstance(value, frozenset) else (value,):
                if option not in spec.options:
                    raise LookupError(f"{name} has no option {option!r}.")
