"""The Celery application. Brokers and queues are configured in ``scorecard.settings``.

Nothing in the product runs a task eagerly: a separate worker process does the work, over a folder on disk
when no broker is configured and over Redis when ``CELERY_BROKER_URL`` says so.
"""

import os

from celery import Celery
from celery.signals import setup_logging

from scorecard.jobs import folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")


@setup_logging.connect
def keep_the_projects_logging(**kwargs: object) -> None:
    """A receiver of this signal is how Celery is told to leave loggers alone: ``LOGGING`` says how lines look."""


folder.take_over()
app = Celery("scorecard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
