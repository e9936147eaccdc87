"""The small world of the fault runs: one open round, one open quarter, a few banks whose filings lack their last hand.

    python scripts/fault_world.py BANKS

fills the migrated database that the environment names, seals what it made, and prints who and what there is as JSON.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def ready() -> None:
    """Start Django in this process."""
    sys.path[:0] = [str(ROOT)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scorecard.settings.dev")
    import django

    django.setup()


def main() -> None:
    """Build it."""
    ready()
    from django.db import transaction

    with transaction.atomic():
        made = build(int(sys.argv[1]))
    print(json.dumps(made))


def build(banks: int) -> dict[str, Any]:
    """The world: supervisors, the round, the quarter, and each bank with its people and its nearly complete draft."""
    from assessments.models import Assessment
    from assessments.tests.readings.world import period_of
    from assessments.tests.reviews.world import PASSWORD, build, person
    from scorecard.audit.comparison import seal_unknown

    world = build()
    person("decider-2", "decision_maker")
    period = period_of(world, 2017, 9)
    found: list[dict[str, Any]] = []
    for number in range(banks):
        code = f"F{number:03d}"
        bank = world.bank(code)
        case = Assessment.objects.create(round=world.round, bank=bank, officer=world.officer)
        _fill_in(world.people[bank.pk]["preparer"], case)
        found.append({"bank": bank.pk, "case": case.pk, "code": code})
    seal_unknown(None)
    return {"password": PASSWORD, "period": period.pk, "round": world.round.pk, "banks": found}


def _fill_in(preparer: Any, case: Any) -> None:
    """Everything that the rulebook asks of the bank, saved as a draft by its preparer."""
    from decimal import Decimal

    from django.http import QueryDict

    from assessments.filings.drafts import DraftChange, save_draft
    from assessments.filings.fact_fields import fact_field
    from assessments.filings.forms import read_sent
    from assessments.models import REPORT
    from assessments.rulebooks.cache import engine_rulebook
    from assessments.tests.reviews.world import BEST

    rulebook = engine_rulebook(case.round.rulebook)
    typed = QueryDict(mutable=True)
    for fact, text in BEST.items():
        spec = rulebook.facts[fact]
        if spec.kind == "checklist":
            typed.setlist(fact_field(fact), text.split(";"))
        else:
            typed[fact_field(fact)] = f"{Decimal(text) * 100:f}" if spec.unit == "%" or spec.kind == "ratio" else text
    own = [name for name, spec in rulebook.indicators.items() if spec.section != "H"]
    facts = read_sent(rulebook, typed)
    if facts.errors:
        raise SystemExit(f"The figures of the world are not read: {facts.errors}")
    change = DraftChange(
        facts=facts.change.facts,
        narratives=dict.fromkeys(own, "Carried out as the rulebook asks.") | {REPORT: "The year as a whole."},
        own_points=dict.fromkeys(own, Decimal("2")),
    )
    saved = save_draft(actor=preparer, assessment_id=case.pk, revision=0, change=change)
    if saved.errors:
        raise SystemExit(f"The draft of the world is refused: {saved.errors}")


if __name__ == "__main__":
    main()
