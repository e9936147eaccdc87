"""The workflow as data: states with what they allow, and one row per transition. See ``docs/workflow.md``."""

from .machine import available, capabilities, check, perform
from .table import TRANSITIONS, Transition

__all__ = ["TRANSITIONS", "Transition", "available", "capabilities", "check", "perform"]
