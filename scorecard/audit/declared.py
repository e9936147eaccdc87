"""Loading what the apps declare, once, in a process whose threads ask for it at the same moment."""

import threading

from django.utils.module_loading import autodiscover_modules


class Declared:
    """The module of one name in each app, loaded when somebody first asks. Who asks meanwhile waits until all are."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._lock = threading.RLock()
        self._begun = self._loaded = False

    def load(self) -> None:
        """Have every app's module loaded. A module that asks while it is loaded itself goes on with what is there."""
        if self._loaded:
            return
        with self._lock:
            if not self._begun:
                self._begun = True
                try:
                    autodiscover_modules(self._module)
                except BaseException:
                    self._begun = False
                    raise
                self._loaded = True
