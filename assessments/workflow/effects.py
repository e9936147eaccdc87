"""What a transition writes beside the two states."""

from assessments.workflow.step import Step


def stamp_preparer(step: Step) -> None:
    """The preparer passes the draft on; earlier checks and signatures fall away."""
    here = step.assessment
    here.prepared_by, here.checked_by, here.signed_by = step.actor, None, None


def stamp_checker(step: Step) -> None:
    """The reviewer has checked."""
    step.assessment.checked_by = step.actor


def clear_check(step: Step) -> None:
    """Sent back inside the bank: who prepared stays on record, the check falls away."""
    here = step.assessment
    here.checked_by, here.signed_by = None, None


def freeze_and_score(step: Step) -> None:
    """Freeze a version of what is signed and queue its scoring, in the same transaction."""
    from assessments.filings.submission import freeze_version

    step.assessment.signed_by = step.actor
    freeze_version(step)


def take_case(step: Step) -> None:
    """The officer who accepts has the case."""
    step.assessment.officer = step.actor


def return_to_bank(step: Step) -> None:
    """Back to the bank for correction: a new version will follow, this one is kept (product.md, A year, 5)."""
    here = step.assessment
    here.return_reason, here.returned_at = step.reason, step.now
    here.due_at = step.extra.get("due_at") or here.due_at
    here.prepared_by = here.checked_by = here.signed_by = None
    here.reviewed_by = here.second_by = None
    here.reviewed_run = None


def stamp_first_review(step: Step) -> None:
    """The officer passes the case on."""
    here = step.assessment
    here.reviewed_by, here.second_by = step.actor, None


def reopen_first_review(step: Step) -> None:
    """Sent back to the officer: the first review is to be done again."""
    here = step.assessment
    here.reviewed_by, here.second_by = None, None


def propose_rating(step: Step) -> None:
    """The second reviewer confirms; the rating and its measures are proposed by rule."""
    from assessments.decisions.ratings import propose

    step.assessment.second_by = step.actor
    propose(step)


def withdraw_proposal(step: Step) -> None:
    """The decision maker sends the case back: the proposed rating and its measures go, the trail keeps them."""
    from assessments.decisions.ratings import withdraw

    withdraw(step)


def decide_rating(step: Step) -> None:
    """Write the decided grade and adjustment."""
    from assessments.decisions.ratings import decide

    decide(step)


def issue_notice(step: Step) -> None:
    """Freeze the letter to the bank."""
    from assessments.decisions.ratings import issue

    issue(step)


def acknowledge_notice(step: Step) -> None:
    """The bank has read its notice."""
    from assessments.decisions.ratings import acknowledge

    acknowledge(step)
