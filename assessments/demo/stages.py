"""How far each demonstration bank has come in the open round. Every state of the workflow has some banks."""

from enum import IntEnum

from assessments.demo import banks as demo


class Stage(IntEnum):
    """Steps along the way; a bank at a stage has taken all the steps before it."""

    UNTOUCHED = 0  # only what the supervisor knows and what was carried forward
    BEGUN = 1  # half filled in, some figures unanswered
    COMPLETE = 2  # ready to be passed on
    CHECKING = 3
    SIGNING = 4
    WAITING = 5
    FIRST = 6
    HALF_REVIEWED = 7
    SECOND = 8
    DECISION = 9
    HALF_DECIDED = 10
    DECIDED = 11
    NOTIFIED = 12
    ACKNOWLEDGED = 13


# Banks that a visitor is led to, or whose stage matters to what they show.
NAMED = {
    demo.VISITOR: Stage.UNTOUCHED,
    "DC03": Stage.COMPLETE,
    demo.CAPPED: Stage.NOTIFIED,
    demo.NEW: Stage.FIRST,
    demo.NO_SME: Stage.HALF_REVIEWED,
    demo.MISSES_ALL: Stage.DECISION,
    "DV03": Stage.ACKNOWLEDGED,  # on the edge in all three targets
    "DL01": Stage.ACKNOWLEDGED,
    "DJ03": Stage.DECISION,
    "DL04": Stage.HALF_DECIDED,
    "DF07": Stage.DECIDED,
}
# Sent back once: by the reviewer, by the signatory, by the officer before and after acceptance, by the second reviewer,
# by the decision maker. The stage is where the bank stands now.
SENT_BACK = {
    "DJ04": ("send_back_to_preparer", Stage.COMPLETE),
    "DR03": ("refuse_signature", Stage.BEGUN),
    "DV08": ("refuse", Stage.BEGUN),
    "DF03": ("return_for_correction", Stage.COMPLETE),
    "DJ10": ("return_for_correction", Stage.WAITING),
    "DJ06": ("send_back_to_officer", Stage.HALF_REVIEWED),
    "DC09": ("send_back_undecided", Stage.FIRST),
}
# Took back what it had passed on, once from the reviewer and once from the signatory, and passed it on again.
RECALLED = "DJ03"
# Everybody else, in turn: a round whose deadline is near has most of its banks on the way.
IN_TURN = (
    Stage.WAITING,
    Stage.FIRST,
    Stage.BEGUN,
    Stage.HALF_REVIEWED,
    Stage.SECOND,
    Stage.CHECKING,
    Stage.WAITING,
    Stage.DECISION,
    Stage.SIGNING,
    Stage.FIRST,
    Stage.DECIDED,
    Stage.COMPLETE,
    Stage.NOTIFIED,
    Stage.ACKNOWLEDGED,
)


def stages(codes: list[str]) -> dict[str, Stage]:
    """The stage of each bank of the open round."""
    found: dict[str, Stage] = {}
    turn = 0
    for code in codes:
        if code in NAMED:
            found[code] = NAMED[code]
        elif code in SENT_BACK:
            found[code] = SENT_BACK[code][1]
        else:
            found[code] = IN_TURN[turn % len(IN_TURN)]
            turn += 1
    return found
