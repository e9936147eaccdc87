"""Which event of the trail tells of a step: its number is the number of the step's receipt (docs/trail.md)."""

from assessments.models import Assessment, StepRecord
from assessments.workflow.machine import TRANSITIONS
from scorecard.audit.models import Event


def event_number(step: StepRecord) -> int | None:
    """The number of the event that sealed the step; None of one that was taken before events sealed rows."""
    events = Event.objects.filter(
        object_type=Assessment._meta.label_lower,
        object_id=str(step.assessment_id),
        event=TRANSITIONS[step.transition].event,
        seals__contains=f'"assessments.steprecord":{{"{step.pk}":',
    )
    return events.values_list("seq", flat=True).first()
