"""Writing that something of a case is to be told, in the transaction of what happens. Whom it reaches and in which
words is said above (``assessments.messages``); here is only what happened, to which bank, in which round.
"""

from typing import Any

from assessments.models import Assessment, Round, StepRecord
from scorecard.inbox.services import tell


def title_of(round_: Round) -> dict[str, str]:
    """A round's title in both languages."""
    return {"zh": round_.title_zh, "en": round_.title_en}


def name_of(case: Assessment) -> dict[str, str]:
    """The bank's name in both languages, as its round says it."""
    if case.kept_name_zh:
        return {"zh": case.kept_name_zh, "en": case.kept_name_en}
    return {"zh": case.bank.name_zh, "en": case.bank.name_en}


def about(case: Assessment) -> dict[str, Any]:
    """What every message about a case holds."""
    return {"assessment": case.pk, "round": case.round_id, "title": title_of(case.round), "bank": name_of(case)}


def tell_of(kind: str, case: Assessment, key: str, **data: Any) -> None:
    """Something of a case is to be told now, once for each key."""
    tell(kind, key=key, bank_id=case.bank_id, data={**about(case), **data})


def tell_step(case: Assessment, step: StepRecord) -> None:
    """A step of the workflow is to be told to whom it concerns."""
    tell_of("assessments.step", case, f"step:{step.pk}", step=step.pk, transition=step.transition)
