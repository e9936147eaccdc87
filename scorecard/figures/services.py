"""Every write of the report's figures: taking an upload, and loading a fixture all at once or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from scorecard.access.decisions import Decision, Refused, decide
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.jobs.models import Job
from scorecard.jobs.services import enqueue
from scorecard.scanner import refuse_malware

from .files import UploadError, read_directory, read_upload
from .fixture import parse
from .models import Figure, Load, LoadState, Relation, RelationFigure
from .problems import Fixture, Problem
from .relations import Outcome, RelationError, check
from .relations import Relation as RelationData
from .rows import COLUMNS
from .stored_message import stored

JOB_KIND = "figures.load"
# Problems and changes kept with a load; the counts are always complete.
MAX_KEPT = 500
_EARLIER = gettext_noop("The relation %(id)s, loaded before, cannot be worked out any more: %(reason)s")
_FIELDS = tuple(column for column in COLUMNS if column != "id")

Progress = Callable[[int, int], None]


def may_load(actor: Any) -> Decision:
    """Only an administrator loads report fixtures (docs/workflow.md, Roles). ``None`` is the command line."""
    reasons = []
    if actor is not None and not actor.holds(Role.ADMINISTRATOR):
        reasons.append(_("Only an administrator may load report figures."))
    return decide(reasons)


def accept_upload(*, actor: Any, name: str, data: bytes) -> Load:
    """Keep an uploaded fixture and queue its load; returns the load, which the worker finishes.

    What cannot be a fixture at all (not a zip, CSV or YAML; too large) is refused at once with a sentence (``Refused``)
    and leaves nothing. What is wrong inside is found by the worker and shown on the load's page.
    """
    decision = may_load(actor)
    if not decision.allowed:
        raise Refused(decision.reasons)
    refuse_malware(data)
    try:
        read_upload(name, data)
    except UploadError as error:
        raise Refused([str(error.args[0])]) from error
    with transaction.atomic():
        load = Load.objects.create(source=name[-200:], content=data, created_by=actor)
        job = enqueue(JOB_KIND, key=str(load.pk), actor=actor, params={"load": load.pk})
        load.job_id = job.pk
        load.save(update_fields=["job_id"])
        record("figures.report.uploaded", actor=actor, target=load, data={"source": load.source, "bytes": len(data)})
    return load


def answer_upload(*, actor: Any, load_id: int, agree: bool) -> Load:
    """Agree to the changes that a load has shown, which queues it again, or discard it. Refuses where none asks."""
    decision = may_load(actor)
    if not decision.allowed:
        raise Refused(decision.reasons)
    with transaction.atomic():
        load = Load.objects.select_for_update().get(pk=load_id)
        if load.state != LoadState.ASKED:
            raise Refused([_("This load no longer asks; see what has become of it.")])
        if agree:
            load.state = LoadState.WAITING
            load.job_id = enqueue(JOB_KIND, key=str(load.pk), actor=actor, params={"load": load.pk, "agreed": True}).pk
        else:
            load.state, load.content, load.finished_at = LoadState.DISCARDED, b"", timezone.now()
        load.save()
        what = "figures.report.agreed" if agree else "figures.report.discarded"
        record(what, actor=actor, target=load, data={"source": load.source, "digest": load.digest})
    return load


def run_upload(*, load_id: int, agreed: bool = False, progress: Progress | None = None) -> Load:
    """Load, show or reject a waiting upload; a load that has ended already is returned as it is.

    ``agreed``: somebody has seen the changes that stand on the load and agreed to them, and to no others.
    """
    load = Load.objects.select_related("created_by").get(pk=load_id)
    if load.state != LoadState.WAITING:
        return load
    try:
        files: Mapping[str, bytes] = read_upload(load.source, bytes(load.content))
    except UploadError as error:  # accepted by an older version, or the row was written by other hands
        return _finish(load, Fixture(problems=[Problem(load.source, 0, "", error.args[0])]), None, progress)
    return _finish(load, parse(files, known=_known()), load.changes if agreed else None, progress)


def load_report(*, actor: Any, directory: Path, agreed: bool = False, progress: Progress | None = None) -> Load:
    """Load every figure and relation of a fixture folder, in one transaction, with one audit event.

    Idempotent: a figure that is there already with the same fields counts as unchanged and is not written. A fixture
    with any problem is rejected whole: nothing is written but the record of the load, with every problem by file, line
    and field. Figures that the fixture does not hold stay. Relations are worked out again over all figures; one that
    does not hold is kept with both values. Where figures that are there would change, nothing is loaded without
    ``agreed``: the load lists the changes. Raises ``Refused`` when the folder is missing or the actor may not load.
    """
    decision = may_load(actor)
    reasons = list(decision.reasons)
    if not directory.is_dir():
        reasons.append(_("%(directory)s is not a folder; give the folder of the fixture.") % {"directory": directory})
    if reasons:
        raise Refused(reasons)
    found = parse(read_directory(directory), known=_known())
    load = Load(source=str(directory)[-200:], created_by=actor)
    return _finish(load, found, _plan(found).changes[:MAX_KEPT] if agreed else None, progress)


def _known() -> dict[str, Any]:
    return {figure.ident: figure.interval for figure in Figure.objects.all()}


@dataclass
class _Plan:
    """What a fixture would do to the figures that are there."""

    new: list[Figure] = field(default_factory=list)
    changed: list[Figure] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0


def _finish(load: Load, found: Fixture, agreed: list[dict[str, Any]] | None, progress: Progress | None) -> Load:
    """Write a checked fixture and end its load, or show what it would change where that was not ``agreed`` to.

    The row of the load is locked, so that it ends once.
    """
    total = len(found.rows) + len(found.relations)
    if progress is not None:
        progress(total // 2, total)
    with transaction.atomic():
        # One load at a time: the oldest load is the lock that every load takes first.
        Load.objects.select_for_update().order_by("pk").values_list("pk").first()
        if load.pk:
            load = Load.objects.select_for_update().get(pk=load.pk)
            if load.state != LoadState.WAITING:
                return load
        else:
            load.save()
        outcomes = _all_outcomes(found) if found.ok else []
        plan = _plan(found) if found.ok else _Plan()
        load.digest, load.changes = found.digest, plan.changes[:MAX_KEPT]
        load.added, load.changed, load.unchanged = len(plan.new), len(plan.changed), plan.unchanged
        load.problems = [problem.as_dict() for problem in found.problems[:MAX_KEPT]]
        load.relations = len(outcomes)
        load.disagreements = sum(not outcome.holds for outcome in outcomes)
        if not found.ok:
            load.state = LoadState.REJECTED
            load.rejected = len({(problem.file, problem.line) for problem in found.problems})
        elif plan.changes and load.changes != agreed:
            load.state = LoadState.ASKED if load.content else LoadState.DISCARDED
        else:
            _write_figures(load, plan)
            _write_relations(found, outcomes)
            load.state = LoadState.LOADED
        if load.state != LoadState.ASKED:
            load.content, load.finished_at = b"", timezone.now()
        load.save()
        _record_end(load, len(found.problems))
    if progress is not None:
        progress(total, total)
    return load


def _record_end(load: Load, problems: int) -> None:
    ends = {LoadState.LOADED: "loaded", LoadState.REJECTED: "rejected"}
    counts = {name: getattr(load, name) for name in ("added", "changed", "unchanged", "rejected")}
    record(
        f"figures.report.{ends.get(LoadState(load.state), 'shown')}",
        actor=load.created_by,
        target=load,
        data={
            "source": load.source,
            "digest": load.digest,
            **counts,
            "problems": problems,
            "relations": load.relations,
            "disagreements": load.disagreements,
        },
    )


def _plan(found: Fixture) -> _Plan:
    """Compare a fixture with the figures that are there; nothing is written."""
    present = {figure.ident: figure for figure in Figure.objects.select_for_update()} if found.rows else {}
    plan = _Plan()
    for row in found.rows:
        values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
        values["chapter"] = int(row.chapter)
        figure = present.get(row.id)
        if figure is None:
            plan.new.append(Figure(ident=row.id, position=_position(row.id), **values))
            continue
        different = {
            name: [str(getattr(figure, name)), str(value)]
            for name, value in values.items()
            if getattr(figure, name) != value
        }
        if not different:
            plan.unchanged += 1
            continue
        for name in different:
            setattr(figure, name, values[name])
        plan.changed.append(figure)
        plan.changes.append({"id": row.id, "fields": different})
    return plan


def _write_figures(load: Load, plan: _Plan) -> None:
    for figure in plan.new:
        figure.added_by = load
    for figure in plan.changed:
        figure.changed_by = load
    Figure.objects.bulk_create(plan.new, batch_size=200)
    Figure.objects.bulk_update(plan.changed, [*_FIELDS, "changed_by"], batch_size=200)


def _position(ident: str) -> int:
    """The order of the report out of the id: chapter, section, item, sub-item, ordinal, two or three digits each.

    A 专题 box (z) stands after the items of its section.
    """
    *parts, ordinal = ident.split("-")[1:]
    number = 0
    for part in (parts + ["0"] * 4)[:4]:
        number = number * 40 + (39 if part == "z" else int(part))
    return number * 1000 + int(ordinal)


def _all_outcomes(found: Fixture) -> list[Outcome]:
    """The fixture's relations and those loaded before, each worked out over the figures as they will be.

    A relation loaded before that can no longer be worked out is a problem of this fixture.
    """
    intervals = _known() | {row.id: row.interval() for row in found.rows}
    outcomes = [check(relation, intervals) for relation in found.relations]
    own = [relation.id for relation in found.relations]
    earlier = Relation.objects.exclude(ident__in=own).prefetch_related("members__figure")
    for relation in earlier:
        data = RelationData(
            relation.ident,
            relation.kind,
            {member.role: member.figure.ident for member in relation.members.all()},
            relation.left,
            relation.op,
            relation.right,
            relation.strength,
            relation.note_zh,
            relation.note_en,
        )
        try:
            outcomes.append(check(data, intervals))
        except RelationError as error:
            found.problems.append(
                Problem(
                    "",
                    0,
                    error.field,
                    stored(
                        _EARLIER,
                        {"id": relation.ident, "reason": error.message},
                    ),
                )
            )
    return outcomes


def _write_relations(found: Fixture, outcomes: list[Outcome]) -> None:
    """Write each relation whose definition or outcome is new or has changed; leaves the others untouched."""
    figures = dict(Figure.objects.values_list("ident", "pk"))
    present = {
        relation.ident: relation
        for relation in Relation.objects.select_for_update().prefetch_related("members__figure")
    }
    order = {relation.id: index for index, relation in enumerate(found.relations, 1)}
    for outcome in outcomes:
        data = outcome.relation
        values = {
            "kind": data.kind,
            "strength": data.strength,
            "left": data.left,
            "op": data.op,
            "right": data.right,
            "note_zh": data.note_zh,
            "note_en": data.note_en,
            "holds": outcome.holds,
            "main_id": figures[outcome.main],
            **{
                f"{side}_{end}": "" if value is None else str(value)
                for side, range_ in (("left", outcome.left), ("right", outcome.right))
                for end, value in (("value", range_.middle), ("low", range_.low), ("high", range_.high))
            },
        }
        relation = present.get(data.id)
        if data.id in order:
            values["position"] = order[data.id]
        members = [(role, figures[ident]) for role, ident in data.figures.items()]
        if relation is None:
            relation = Relation.objects.create(ident=data.id, **values)
        else:
            if any(getattr(relation, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(relation, name, value)
                relation.save()
            if [(member.role, member.figure_id) for member in relation.members.all()] == members:
                continue
            relation.members.all().delete()
        RelationFigure.objects.bulk_create(
            RelationFigure(relation=relation, role=role, position=position, figure_id=figure)
            for position, (role, figure) in enumerate(members)
        )


def run_job(job: Job, progress: Progress) -> dict[str, Any]:
    """The job's work: finish its upload."""
    load = run_upload(load_id=job.params["load"], agreed=job.params.get("agreed", False), progress=progress)
    return {"load": load.pk, "state": load.state}
