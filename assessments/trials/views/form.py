"""The form of a trial: choose a past round and a version of its rulebook, change numbers, start."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeVar, overload

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from assessments.access import visible_rounds
from assessments.filings.views.common import acting
from assessments.models import Assessment, Round, RulebookVersion
from assessments.models.trials import Trial
from assessments.rounds.parameters.selectors import set_texts, with_values
from assessments.rounds.selectors import published_rulebooks
from assessments.rulebooks.cache import engine_rulebook
from assessments.trials.selectors import get_trial
from assessments.trials.services import TrialFaulty, start_trial
from assessments.trials.views.fields import FIELD, error_items, field_groups
from scorecard.access.decisions import Refused
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.whatif.tunables import Tunable, tunables
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language

_Row = TypeVar("_Row", Round, RulebookVersion)


@require_http_methods(["GET", "POST"])
def trial_create(request: HttpRequest) -> HttpResponse:
    """Choose a past round, change numbers of its rulebook, and start the trial.

    The selects (``next_…``) name what to show next, the hidden fields what the numbers on the page belong to: where
    they differ, the page turns and keeps what was typed. A trial runs on what was asked for, never on something else.
    """
    rounds = _rounds(request)
    if not rounds:
        return render(request, "trials/none.html")
    sent, model = (request.POST if request.method == "POST" else request.GET), _copied(request)
    posted = request.method == "POST"
    lacking = posted and not any(sent.get(name) for name in ("round", "next_round"))
    turning = "show" in sent or any(
        sent.get(f"next_{of}", sent.get(of)) != sent.get(of) for of in ("round", "rulebook")
    )
    wanted = sent.get("next_round") or sent.get("round") or (str(model.round_id) if model else "")
    round_ = _chosen(rounds, wanted, posted and not lacking) or rounds[0]
    versions = list(published_rulebooks(acting(request)).filter(code=round_.rulebook.code).order_by("-published_at"))
    wanted = sent.get("next_rulebook") or sent.get("rulebook") or (str(model.rulebook_id) if model else "")
    strict = posted and not turning and not lacking
    version = _chosen(versions, wanted, strict) or _chosen(versions, str(round_.rulebook_id), True)
    year = set_texts(round_)
    rulebook = with_values(engine_rulebook(version), year)
    typed = _typed_in(sent) if posted else _from_model(model, rulebook)
    problems: dict[str, str] = {}
    reasons: list[Any] = []
    status = 200
    if lacking:
        reasons, status = [_("Choose the round to try the numbers on.")], 422
    elif posted and turning:
        _warn_of_lost(request, rulebook, typed)
        if "show" not in sent:
            reasons = [_("The round or the rulebook was changed. Check its numbers below, then start the trial.")]
    elif posted:
        try:
            trial = _started(request, round_, version, typed)
            messages.success(request, _("The trial is started. Its result stays on this page."))
            return redirect("trial-detail", trial.pk)
        except TrialFaulty as error:
            status, (problems, reasons) = 422, _said(error)
        except Refused as error:
            reasons, status = list(error.reasons), 409
    context = {
        "rounds": rounds,
        "round": round_,
        "versions": versions,
        "version": version,
        "groups": [group for group in field_groups(rulebook, typed, problems, year) if group["entries"]],
        "name": sent.get("name", ""),
        "note": sent.get("note", ""),
        "name_error": problems.get("name", ""),
        "note_error": problems.get("note", ""),
        "errors": error_items(rulebook, problems, reasons),
        "scored": round_.taking_part.filter(version__isnull=False).count(),
    }
    return render(request, "trials/form.html", context, status=status)


def _started(request: HttpRequest, round_: Round, version: RulebookVersion, typed: Mapping[str, str]) -> Trial:
    """Start the trial that the form asks for."""
    name, note = request.POST.get("name", ""), request.POST.get("note", "")
    return start_trial(
        actor=acting(request), round_id=round_.pk, rulebook_id=version.pk, name=name, note=note, typed=typed
    )


def _said(error: TrialFaulty) -> tuple[dict[str, str], list[Any]]:
    """What is wrong with the numbers, by path, and what is wrong with none of them."""
    problems: dict[str, str] = {}
    reasons: list[Any] = []
    for problem in error.problems:
        sentence = f"{in_language(problem.message)} {in_language(problem.remedy)}"
        if problem.path:
            problems[problem.path] = sentence
        else:
            reasons.append(sentence)
    return problems, reasons


def _rounds(request: HttpRequest) -> list[Round]:
    """The rounds in which a bank has submitted."""
    submitted = Exists(Assessment.objects.taking_part().filter(round=OuterRef("pk"), version__isnull=False))
    found = visible_rounds(acting(request)).filter(submitted).select_related("rulebook")
    return list(found.defer("rulebook__content"))


@overload
def _chosen(rows: Sequence[_Row], pk: str, strict: Literal[True]) -> _Row: ...
@overload
def _chosen(rows: Sequence[_Row], pk: str, strict: bool) -> _Row | None: ...
def _chosen(rows: Sequence[_Row], pk: str, strict: bool) -> _Row | None:
    """The row of this number; where there is none, 404 or nothing."""
    found = next((row for row in rows if str(row.pk) == pk), None)
    if found is None and strict:
        raise Http404
    return found


def _copied(request: HttpRequest) -> Trial | None:
    """The trial whose numbers the form starts from, where the address names one."""
    pk = typed_id(request.GET.get("from", ""))
    return get_trial(acting(request), pk) if pk is not None else None


def _typed_in(sent: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by path."""
    return {key.removeprefix(FIELD): sent[key] for key in sent if key.startswith(FIELD)}


def _warn_of_lost(request: HttpRequest, rulebook: Rulebook, typed: Mapping[str, str]) -> None:
    """Say how many of the typed numbers the rulebook has no place for."""
    known = tunables(rulebook)
    if gone := [path for path in typed if typed[path].strip() and path not in known]:
        messages.warning(
            request,
            ngettext(
                "%(count)d typed number has no place in this version and is left out.",
                "%(count)d typed numbers have no place in this version and are left out.",
                len(gone),
            )
            % {"count": len(gone)},
        )


def _from_model(model: Trial | None, rulebook: Rulebook) -> dict[str, str]:
    """The chosen values of another trial as they are typed."""
    if model is None:
        return {}
    known = tunables(rulebook)
    return {path: _typed(known[path], value) for path, value in model.overlay["chosen"].items() if path in known}


def _typed(tunable: Tunable, stored: str) -> str:
    return plain(Decimal(stored) * 100) if tunable.form == "percent" else stored
