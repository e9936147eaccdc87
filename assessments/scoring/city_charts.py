"""Pictures of the city's figures of a round, for its page and for the draft of the report."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scorecard.charts import Chart, Dumbbell, Pair
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.words.language import in_language


def target_chart(rulebook: Rulebook, content: Mapping[str, Any], **drawn: Any) -> Chart | None:
    """Both sides of each target of the city as a whole; None where no target has both."""
    kept = content["targets"]
    pairs = [
        Pair(
            label=in_language(target.short),
            left=city["left"],
            right=city["right"],
            left_label=_("this year"),
            right_label=_("to be reached"),
            unit="fraction" if target.unit in ("%", "fraction") else target.unit,
            met={"met": True, "missed": False}.get(city["state"]),
            margin=city["margin"],
        )
        for name, target in rulebook.targets.items()
        if name in kept and (city := kept[name]["city"])["left"] is not None and city["right"] is not None
    ]
    if not pairs:
        return None
    finding = ngettext(
        "The city as a whole meets %(met)d of %(count)d target.",
        "The city as a whole meets %(met)d of %(count)d targets.",
        len(pairs),
    )
    met = sum(pair.met is True for pair in pairs)
    return Dumbbell(finding=finding % {"met": met, "count": len(pairs)}, pairs=pairs, **drawn)
