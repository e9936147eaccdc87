"""What every process of an installation does first: look whether its settings are safe, and say what is not."""

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, Tags, run_checks
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)


def check_at_start() -> None:
    """Run the checks of a deployment. A warning is a line in the log; errors are raised together, in words."""
    if not settings.START_CHECKS:
        return
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    for one in found:
        if one.level < ERROR:
            logger.warning("%s %s (%s)", one.msg, one.hint or "", one.id)
    errors = [one for one in found if one.level >= ERROR]
    if errors:
        words = "\n".join(f"  {one.msg}\n    {one.hint or ''} ({one.id})" for one in errors)
        raise ImproperlyConfigured(f"Scorecard does not start with these settings:\n{words}")


def check_or_end(**kwargs: Any) -> None:
    """The same for Celery, which would go on after an exception of a receiver: ends with 78 (``EX_CONFIG``), at which
    the service manager does not start the process again."""
    try:
        check_at_start()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(78)
