"""Trying a changed rulebook on a past round, and drafting its next version.

A trial reads what a round's scores depend on (each bank's current version, with the inputs of its reviewed run where
there is one, else of its system run), scores it under the round's own rulebook and under the changed one, and keeps
both side by side. It writes nothing but itself. ``Trial.result``, points as exact text::

    engine, before, after        the engine's version, the hashes of both rulebooks
    banks                        one row a bank, in the order of the register:
        assessment, bank, code, zh, en, category, version, kind     whose score, and of which kind
        before, after            {total, before, grade, caps}: points, grade before and after caps, caps that acted
        indicators               {indicator: [before, after]} of those whose points differ; null where there are none
        shared                   {section: [before, after]} of the points shared out for what does not apply, where
                                 they differ
        targets                  {target: [before, after]} of those whose outcome differs
    failures                     banks whose version could not be scored: {bank, zh, en}
"""

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.access import get_round
from assessments.models import RoundState, RulebookVersion
from assessments.models.trials import Trial
from assessments.rounds.parameters.selectors import set_texts, with_values
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import installed_rulebooks
from assessments.trials.draft import changes_text, draft_data, extension_data, to_yaml
from assessments.trials.draft_cases import draft_cases
from assessments.trials.entries import gather
from assessments.trials.scoring import score_entries
from assessments.trials.selectors import get_trial
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.engine import ENGINE_VERSION, Change, Rulebook, Text, lint
from scorecard.engine.declarations.source import from_plain
from scorecard.engine.errors import RulebookError
from scorecard.engine.lint.load import load_rulebook
from scorecard.engine.reading.reader import read_rulebook
from scorecard.engine.whatif.diff import Difference, diff
from scorecard.engine.whatif.simulate import patched
from scorecard.engine.whatif.tuning import Problem, tune
from scorecard.jobs.models import Job
from scorecard.jobs.progress import Progress
from scorecard.jobs.services import enqueue
from scorecard.words.language import screen_language

TRIAL_JOB = "assessments.run_trial"
# Those who work on cases and decide may try; second reviewers and auditors read (issue: What-if).
CREATE_ROLES = frozenset({Role.CASE_OFFICER, Role.DECISION_MAKER})
NAME_LENGTH, NOTE_LENGTH = 80, 2000


class TrialFaulty(Refused):
    """What was typed cannot be tried: ``problems`` says for each field what is wrong and what mends it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        language = screen_language()
        super().__init__([f"{p.message.get(language)} {p.remedy.get(language)}" for p in problems])


# --- Starting --------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_trial(
    *,
    actor: User,
    round_id: int,
    rulebook_id: int,
    name: str,
    note: str = "",
    typed: Mapping[str, str] | None = None,
) -> Trial:
    """Keep a trial and queue its job; refuses with every reason at once (``TrialFaulty`` names the fields).

    ``typed`` maps paths of ``scorecard.engine.whatif.tuning`` to what was typed; blank and unchanged ones change
    nothing. The rulebook is the round's own or another published version of the same method: facts must mean the same.
    """
    if not actor.holds(*CREATE_ROLES):
        raise Refused([_("Only case officers and decision makers try changed rulebooks.")])
    round_ = get_round(actor, round_id)
    version = RulebookVersion.objects.filter(pk=rulebook_id).first()
    reasons = []
    if round_.state == RoundState.PLANNED or not round_.taking_part.filter(version__isnull=False).exists():
        reasons.append(_("No bank has submitted in this round; there is nothing to try a rulebook on."))
    if version is None or version.code != round_.rulebook.code:
        reasons.append(_("Choose a published version of the rulebook under which the round runs."))
    if reasons or version is None:
        raise Refused(reasons)
    year = set_texts(round_)
    tuning = tune(with_values(engine_rulebook(version), year), typed or {})
    problems = [*_naming(name, note), *tuning.problems]
    if problems:
        raise TrialFaulty(problems)
    trial = Trial.objects.create(
        round=round_,
        rulebook=version,
        name=name.strip(),
        note=note.strip(),
        overlay={
            "chosen": dict(tuning.chosen),
            "changes": [[change.path, change.value] for change in tuning.changes],
            "year": year,
        },
        created_by=actor,
    )
    data = {"round": round_.code, "rulebook": version.hash, "name": trial.name, "chosen": dict(tuning.chosen)}
    record("assessments.trial.started", actor=actor, target=trial, data=data)
    _queue(trial, actor)
    return trial


def _naming(name: str, note: str) -> Iterator[Problem]:
    if not name.strip():
        yield Problem(
            "name",
            Text("请给试算起一个名称。", "The trial needs a name."),
            Text(f"名称不超过 {NAME_LENGTH} 个字。", f"Give it one of at most {NAME_LENGTH} characters."),
        )
    elif len(name.strip()) > NAME_LENGTH:
        yield Problem(
            "name",
            Text("名称过长。", "The name is too long."),
            Text(f"请缩短至 {NAME_LENGTH} 个字以内。", f"Shorten it to {NAME_LENGTH} characters."),
        )
    if len(note.strip()) > NOTE_LENGTH:
        yield Problem(
            "note",
            Text("说明过长。", "The note is too long."),
            Text(f"请缩短至 {NOTE_LENGTH} 字以内。", f"Shorten it to {NOTE_LENGTH} characters."),
        )


def _queue(trial: Trial, actor: User) -> None:
    trial.job = enqueue(TRIAL_JOB, key=str(trial.pk), params={"trial": trial.pk}, actor=actor)
    trial.save(update_fields=["job"])


@transaction.atomic
def run_again(*, actor: User, trial_id: int) -> Trial:
    """Queue the job of a trial that has no result once more, after one that could not be finished."""
    if not actor.holds(*CREATE_ROLES):
        raise Refused([_("Only case officers and decision makers try changed rulebooks.")])
    get_trial(actor, trial_id)
    trial = Trial.objects.select_for_update(of=("self",)).select_related("job").get(pk=trial_id)
    if trial.result is not None:
        raise Refused([_("This trial has its result already, and a result never changes. Start another one.")])
    if trial.job is None or not trial.job.active:
        _queue(trial, actor)
    return trial


# --- The job ---------------------------------------------------------------------------------------------------------


def run_trial(job: Job, progress: Progress) -> dict[str, Any]:
    """Score every bank under both rulebooks and keep the result; a trial that has one is left as it is."""
    trial = Trial.objects.select_related("round__rulebook", "rulebook").get(pk=job.params["trial"])
    if trial.result is not None:
        return {"trial": trial.pk}
    before, after = engine_rulebook(trial.round.rulebook), trial_rulebook(trial)
    entries = gather(trial.round, before)
    progress.update(0, len(entries))
    rows, failures = score_entries(entries, before, after, progress.update, tried=_tried(trial))
    result = {
        "engine": ENGINE_VERSION,
        "before": before.hash,
        "after": after.hash,
        "banks": rows,
        "failures": [{"bank": bank.pk, "zh": bank.name_zh, "en": bank.name_en} for bank in failures],
    }
    _keep(trial.pk, job, result)
    progress.update(len(entries))
    return {"trial": trial.pk}


@transaction.atomic
def _keep(trial_id: int, job: Job, result: dict[str, Any]) -> None:
    """Write the result, once: of two runs the first one's stays."""
    trial = Trial.objects.select_for_update().get(pk=trial_id)
    if trial.result is not None:
        return
    rows = result["banks"]
    trial.result = result
    trial.scored = len(rows)
    trial.moved = sum(row["before"]["total"] != row["after"]["total"] for row in rows)
    trial.regraded = sum(row["before"]["grade"] != row["after"]["grade"] for row in rows)
    trial.finished_at = timezone.now()
    trial.save(update_fields=["result", "scored", "moved", "regraded", "finished_at"])
    data = {"banks": trial.scored, "moved": trial.moved, "regraded": trial.regraded, "after": result["after"]}
    record("assessments.trial.computed", actor=job.created_by, target=trial, data=data)


def trial_rulebook(trial: Trial) -> Rulebook:
    """The rulebook that is tried: the published version with the kept changes."""
    return patched(engine_rulebook(trial.rulebook), _changes(trial))


def trial_diff(trial: Trial) -> Difference:
    """What a trial changes, from the published version with the values that were set for the round when it began."""
    base = with_values(engine_rulebook(trial.rulebook), trial.overlay.get("year", {}))
    return diff(base, patched(base, _changes(trial)))


def _tried(trial: Trial) -> frozenset[str]:
    """The values of the year that the trial changes: they count in place of those that the scores depend on."""
    return frozenset(change.path.split(".")[1] for change in _changes(trial) if change.path.startswith("parameters."))


def _changes(trial: Trial) -> tuple[Change, ...]:
    return tuple(Change(path, value) for path, value in trial.overlay["changes"])


# --- The draft -------------------------------------------------------------------------------------------------------


def next_version(code: str, version: str) -> str:
    """The next version: the first whole number above the base's that is neither published nor installed."""
    taken = {v for c, v in installed_rulebooks() if c == code}
    taken |= set(RulebookVersion.objects.filter(code=code).values_list("version", flat=True))
    number = int(version) + 1 if version.isdecimal() else 1
    while str(number) in taken:
        number += 1
    return str(number)


def build_draft(*, actor: User, trial_id: int) -> tuple[str, bytes]:
    """The next version of the tried rulebook as a ZIP of files that lint clean; returns name and content.

    It extends the published version where that is installed as it was published, else it is written in full. Every
    changed entry has the basis "proposed" and the trial as its source. An administrator puts the folder among the
    installed rulebooks and publishes it; nothing is published here.
    """
    trial = get_trial(actor, trial_id)
    changes = _changes(trial)
    if not changes:
        raise Refused([_("This trial changes nothing, so there is no next version to draft.")])
    base = engine_rulebook(trial.rulebook)
    version = next_version(base.code, base.version)
    name = f"trial-{trial.pk}"
    heading = Text(f"规则试算第{trial.pk}号“{trial.name}”", f"Trial {trial.pk} of the rules: {trial.name}")
    day = timezone.localtime(trial.created_at).date().isoformat()
    data = draft_data(base, changes, version=version, document=name, title=heading, date=day)
    whole, problems = read_rulebook(from_plain(data))
    if problems:
        raise Refused([problem.get(screen_language()) for problem in problems])
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / base.code / version
        folder.mkdir(parents=True)
        files = _draft_files(base, whole, data)
        files["CHANGES.md"] = changes_text(base, whole, heading, trial.note)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        source = _installed(base)
        if source is not None:
            (Path(place) / base.code / base.version).symlink_to(source, target_is_directory=True)
        findings = lint(folder)
        if findings:
            raise Refused([finding.get(screen_language()) for finding in findings])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            # A fixed time: the same trial gives the same bytes.
            info = zipfile.ZipInfo(f"{base.code}/{version}/{path}", (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
    record("assessments.trial.drafted", actor=actor, target=trial, data={"code": base.code, "version": version})
    return f"{base.code}-{version}-draft.zip", content.getvalue()


def _installed(base: Rulebook) -> Path | None:
    """The folder of the published version, where it is installed with the very content that was published."""
    folder = Path(settings.RULEBOOK_DIR) / base.code / base.version
    if not any(folder.glob("*.yaml")):
        return None
    try:
        return folder.resolve() if load_rulebook(folder).hash == base.hash else None
    except RulebookError:
        return None  # what is installed there now is no rulebook; the published content is all that counts


def _draft_files(base: Rulebook, whole: Rulebook, data: dict[str, Any]) -> dict[str, str]:
    source = _installed(base)
    files = {"rulebook.yaml": to_yaml(data if source is None else extension_data(base, data))}
    folder = source or _with_cases(base)
    for cases in draft_cases(folder, whole) if folder is not None else ():
        files[cases.name] = cases.text()
    return files


def _with_cases(base: Rulebook) -> Path | None:
    """The folder whose worked cases a draft takes that is written in full: the version's own where other content is
    installed under its name, else the newest version of the same method that is installed.
    """
    versions = [version for code, version in installed_rulebooks() if code == base.code]
    newest = sorted(versions, key=lambda v: (v == base.version, int(v) if v.isdecimal() else -1, v))
    return Path(settings.RULEBOOK_DIR) / base.code / newest[-1] if newest else None
