"""What a notice does to the register: it enters its measures, and a corrected one carries, replaces or lifts those of
the notice before it (``docs/measures.md``, A corrected notice).

``enter`` is an effect of the workflow: it runs inside its transaction, with the assessment locked, after the notice is
written. The event of the step seals what it writes (``workflow.sealed``).
"""

from typing import Any

from django.utils import timezone

from assessments.measures.table import CARRIED, ENTERED, NOT_HELD, REPLACED
from assessments.models import LiveMeasure, LiveState, Measure, MeasureState, MeasureStep, Rating
from assessments.workflow.step import AnyStep

HELD = (MeasureState.ACCEPTED, MeasureState.CHANGED)


def enter(step: AnyStep) -> dict[str, Any]:
    """Enter what the notice that holds now has decided; what it does to each entry stands in the event."""
    rating = step.assessment.rating
    if rating is None:
        return {}
    told = list(rating.measures.filter(state__in=HELD).order_by("id"))
    before = _entries(rating.replaces)
    notice = rating.notice.number
    done: dict[str, list[str]] = {}
    kept: dict[str, LiveMeasure] = {}
    for code, live in before.items():
        same = next((one for one in told if one.code == code), None)
        if same is not None and _said(same) == _said(live.measure):
            live.measure = same
            live.save(update_fields=["measure"])
            name = CARRIED
            kept[code] = live
        else:
            name = NOT_HELD if same is None else REPLACED
            if not live.binds(timezone.localdate(step.now)):
                continue
            live.state = LiveState.LIFTED if same is None else LiveState.REPLACED
            live.save(update_fields=["state"])
        _note(step, live, name, notice)
        done.setdefault(name, []).append(code)
    for measure in told:
        if measure.code in kept:
            continue
        earlier = before.get(measure.code)
        live = LiveMeasure.objects.create(
            assessment=step.assessment,
            measure=measure,
            replaces=earlier,
            owner=earlier.owner if earlier is not None else step.assessment.officer,
            from_day=timezone.localdate(step.now),
        )
        _note(step, live, ENTERED, notice)
        done.setdefault(ENTERED, []).append(measure.code)
    return {"register": done} if done else {}


def _entries(rating: Rating | None) -> dict[str, LiveMeasure]:
    """The entries of a rating that was told before, by the code of the measure."""
    if rating is None:
        return {}
    rows = LiveMeasure.objects.filter(measure__rating=rating).select_related("measure", "owner").order_by("pk")
    return {live.measure.code: live for live in rows.select_for_update(of=("self",))}


def _said(measure: Measure) -> tuple[str, list[str], str]:
    """What binds the bank of a measure: its actions and its content."""
    return measure.tool, sorted(measure.options), measure.content


def _note(step: AnyStep, live: LiveMeasure, name: str, notice: str) -> None:
    MeasureStep.objects.create(live=live, name=name, data={"notice": notice}, actor=step.actor, at=step.now)
