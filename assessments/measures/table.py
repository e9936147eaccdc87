"""The steps of a measure in the register as data (``docs/measures.md``)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.measures import effects, guards
from assessments.measures.steps import Days, Handing, MeasureTransition
from assessments.models import BINDING, OWED, LiveState, ObligationState
from scorecard.access.roles import Role

OFFICER = frozenset({Role.CASE_OFFICER})
RUNNING = (LiveState.RUNNING,)

ROWS = (
    MeasureTransition(
        "set_days",
        _("Set the days"),
        _("The bank reads at once by when the measure is to be fulfilled, what it has to file, and by when."),
        OFFICER,
        (LiveState.UNSET,),
        effects.set_days,
        end=LiveState.RUNNING,
        guards=(guards.binds, guards.the_owner, guards.days_right),
        told=Days,
    ),
    MeasureTransition(
        "extend",
        _("Extend"),
        _("The bank reads the later days and the reason at once."),
        OFFICER,
        RUNNING,
        effects.extend,
        guards=(guards.binds, guards.the_owner, guards.days_later),
        told=Days,
        reason=True,
    ),
    MeasureTransition(
        "hand_measure",
        _("Hand to another officer"),
        _("The officer whom you choose owns the measure from now on. The bank does not read it."),
        frozenset({Role.CASE_OFFICER, Role.DECISION_MAKER}),
        BINDING,
        effects.hand,
        guards=(guards.binds, guards.the_owner_or_the_head, guards.another_officer),
        told=Handing,
        reason=True,
        read=False,
    ),
    MeasureTransition(
        "file_obligation",
        _("Sign and file"),
        _("You file this for your bank. It goes to the supervisor and can no longer be changed."),
        frozenset({Role.BANK_SIGNATORY}),
        RUNNING,
        effects.file,
        obligation=OWED,
        moved=ObligationState.FILED,
        guards=(guards.binds, guards.earlier_accepted, guards.written, guards.not_the_writer),
        signature=True,
        done=_("It has been filed with the supervisor."),
    ),
    MeasureTransition(
        "accept_obligation",
        pgettext_lazy("obligation", "Accept"),
        _("What the bank filed is accepted; the bank reads it and your reason at once."),
        OFFICER,
        RUNNING,
        effects.accept,
        obligation=(ObligationState.FILED,),
        moved=ObligationState.ACCEPTED,
        guards=(guards.binds, guards.the_owner),
        reason=True,
    ),
    MeasureTransition(
        "return_obligation",
        _("Return to the bank"),
        _("The bank reads your reason at once and files again. The due day stays as it is; extend it where needed."),
        OFFICER,
        RUNNING,
        effects.give_back,
        obligation=(ObligationState.FILED,),
        moved=ObligationState.RETURNED,
        guards=(guards.binds, guards.the_owner),
        reason=True,
        danger=True,
    ),
    MeasureTransition(
        "fulfil",
        _("Confirm that it is fulfilled"),
        _("The measure is fulfilled and binds the bank no longer; the bank reads it and your reason at once."),
        OFFICER,
        RUNNING,
        effects.nothing,
        end=LiveState.FULFILLED,
        guards=(guards.binds, guards.the_owner, guards.all_accepted),
        reason=True,
        signature=True,
    ),
    MeasureTransition(
        "lift",
        _("Lift the measure"),
        _("The measure ends now and binds the bank no longer; the bank reads it and your reason at once."),
        frozenset({Role.DECISION_MAKER}),
        BINDING,
        effects.nothing,
        end=LiveState.LIFTED,
        guards=(guards.binds,),
        reason=True,
        signature=True,
        danger=True,
    ),
)
TABLE = {row.name: row for row in ROWS}

# Records of the register that are no step of a person on it: what a corrected notice does to an entry.
CARRIED, REPLACED, NOT_HELD, ENTERED = "carried", "replaced", "not_held", "entered"
BY_NOTICE = {
    ENTERED: _("Entered with the notice"),
    CARRIED: _("Goes on under the corrected notice"),
    REPLACED: _("Replaced by the corrected notice"),
    NOT_HELD: _("Lifted: the corrected notice does not hold it"),
}
