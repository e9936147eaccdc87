"""A trial that the demonstration shows: two weights exchanged, the total stays; on the last round that is over."""

from assessments.models import Round, Trial
from assessments.trials.services import start_trial
from banks.models import User

NAME = "提高无还本续贷权重"
NOTE = "无还本续贷率由3分提高到5分，限时承诺与流程优化由3分降为1分，总分不变；看上一年度各行得分和等次如何变化。"
TYPED = {"indicators.G5.max": "5", "indicators.C4.max": "1"}


def try_weights(round_: Round, officer: User) -> Trial:
    """Start the trial; its job waits to be run."""
    return start_trial(
        actor=officer, round_id=round_.pk, rulebook_id=round_.rulebook_id, name=NAME, note=NOTE, typed=TYPED
    )
