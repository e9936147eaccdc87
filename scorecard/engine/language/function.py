"""The declaration of an expression function: all that the engine knows of one stands in its class.

The files of `functions/` bring one family each; a function is there as soon as its class is declared. Parser, checker,
exact evaluation, words, dependencies, tunables and lowering ask `FUNCTIONS`, none knows a function by name.
"""

from __future__ import annotations

from typing import Any, ClassVar

from scorecard.engine.values.text import EMPTY, Text

#: Every function by its name. What each does is in docs/rules.md.
FUNCTIONS: dict[str, Function] = {}


class Function:
    """One function of the language. Nodes are those of `syntax.py`; `call` is the node of one use of it.

    fewest, most  how many arguments it takes
    ids           what its arguments name, when they are no values: "target", "points" (indicators, sections, parts) or
                  "grade"
    of_fact       whether its first argument is the name of a fact
    said          its words, with {0} for its arguments, or {0}, {1} … for each
    unit          the unit of its value where its own words say it
    passes        whether its value has the unit of its arguments
    pure          whether its value follows from its arguments alone
    of_total      whether it reads the total or the grade
    decides       whether it has a value where its argument has none
    of_peers      whether it compares its argument with the peer group
    """

    name: ClassVar[str] = ""
    fewest: ClassVar[int] = 1
    most: ClassVar[int] = 1
    ids: ClassVar[str] = ""
    of_fact: ClassVar[bool] = False
    said: ClassVar[Text] = EMPTY
    unit: ClassVar[str | None] = None
    passes: ClassVar[bool] = False
    pure: ClassVar[bool] = False
    decides: ClassVar[bool] = False
    of_total: ClassVar[bool] = False
    of_peers: ClassVar[bool] = False

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if cls.name:
            FUNCTIONS[cls.name] = cls()

    def problem(self, call: Any) -> Text | None:
        """Return what is wrong with the form of a call beyond the number of its arguments."""
        return None

    def values(self, call: Any) -> tuple[Any, ...]:
        """Return the arguments that are values."""
        return () if self.ids else call.args

    def type(self, checker: Any, call: Any) -> Any:
        """Return the type of its value (`types.Type`). Raises ExpressionError when arguments do not fit."""
        raise NotImplementedError

    def compile(self, call: Any) -> Any:
        """Return the closure that gives its exact value in a context (`exact.Compiled`)."""
        raise NotImplementedError

    def words(self, call: Any, say: Any, zh: bool, outer: int) -> str | None:
        """Return a call in words where `said` does not do; `say(node, outer)` gives the words of an argument."""
        return None

    def unit_of(self, call: Any) -> str | None:
        """Return the unit of its value where that is known without its arguments."""
        return self.unit

    def span(self, rulebook: Any, call: Any) -> tuple[Any, Any, bool]:
        """Return the lowest and the highest value (None without end), and whether values are whole numbers."""
        return None, None, False

    def lower(self, builder: Any, call: Any, years: int) -> Any:
        """Return its value in a program (`lowering`) so many years back; None when it has no form there."""
        return None
