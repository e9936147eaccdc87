"""Test settings of the worker processes: the product's, and the kinds of job that only the tests have."""

from scorecard.settings.test import *
from scorecard.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "scorecard.tests.processes.kinds"]
