"""What beat asks for by itself. The tasks hold no rule: they call a service."""

from celery import shared_task


@shared_task(name="assessments.verify_nightly", ignore_result=True)
def verify_nightly() -> None:
    """Queue the verification of the trail and of the data."""
    from assessments.trail.services import request_verification

    request_verification(actor=None)


@shared_task(name="assessments.retention_nightly", ignore_result=True)
def retention_nightly() -> None:
    """Queue the removal of what is kept no longer."""
    from assessments.retention.services import request_retention

    request_retention()
