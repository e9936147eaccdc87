"""The steps that are taken on many cases at once, in the order of a case; handing over what has left the first review
comes last.
"""

from assessments.many import final, first, handing
from assessments.many.declared import ManyStep
from banks.models import User

STEPS: dict[str, ManyStep] = {step.name: step for step in (*first.STEPS, *final.STEPS, *handing.STEPS)}


def steps_of(actor: User) -> list[ManyStep]:
    """The steps that one of the actor's roles takes."""
    return [step for step in STEPS.values() if actor.holds(*step.roles)]
