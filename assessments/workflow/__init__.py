"""The workflow as data: states with what they allow, and one row per transition. See ``docs/workflow.md``.

``step``, ``payloads``, ``duties`` and ``machine`` are at the bottom of the app; ``table`` with ``guards`` and
``effects`` is above every service that a step calls, and is given to the machine at the start.
"""

from .machine import TRANSITIONS, available, capabilities, check, perform, shown
from .step import Transition

__all__ = ["TRANSITIONS", "Transition", "available", "capabilities", "check", "perform", "shown"]
