"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.production")

# Load the Celery application with the web process: a web process that publishes must know the broker.
from scorecard.celery import app as celery_app
from scorecard.operations.start import check_at_start

application = get_wsgi_application()
check_at_start()

__all__ = ["application", "celery_app"]
