"""The filings of the measured round: some thousands of distinct ones, encoded as submission encodes them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scorecard.engine import Rulebook
from scorecard.words.pinyin import initials, sort_key

POOL = 5_000  # distinct filings; a larger round repeats them with other figures of the supervisor


@dataclass(frozen=True)
class Filing:
    """One filing as the tables hold it: facts, history, properties and answers as JSON texts, and the encoded form."""

    texts: tuple[str, str, str, str]
    category: str
    digest: str
    layout: str
    body: bytes


def pool_of(rulebook: Rulebook, count: int) -> list[Filing]:
    from assessments.filings.scoring_input import build_input
    from assessments.rulebooks.stored_values import to_stored
    from assessments.scoring.bulk.encoding import layout_of
    from scorecard.audit.services import canonical
    from scorecard.commands.synthetic import synthetic_frame
    from scorecard.engine.arrays.frames import read_frame

    layout = layout_of(rulebook)
    frame = synthetic_frame(rulebook, count)
    columns = read_frame(rulebook, frame)
    rng = np.random.default_rng(3)
    found = []
    for row in range(count):
        case = columns.case(row)
        facts = {
            fact: dict(zip(("state", "value"), to_stored(case.facts[fact]), strict=True))
            for fact, spec in rulebook.facts.items()
            if spec.supplied_by == "bank" and fact in case.facts
        }
        history = {
            f"-{years}": {
                target: {"state": "value", "value": "true" if rng.random() < 0.8 else "false"}
                for target in rulebook.targets
            }
            for years in range(1, int(rng.integers(0, 4)))
        }
        category = str(case.bank["category"])
        properties = {"category": category, "entity": "legal_entity", "differentiated": bool(rng.random() < 0.1)}
        answers = {
            name: {
                "narrative": "",
                "self_points": str(round(float(spec.max) * rng.random(), 1)),
                "not_applicable": False,
            }
            for name, spec in rulebook.indicators.items()
        }
        texts = tuple(canonical(part) for part in (facts, history, properties, answers))
        case = build_input(rulebook, facts=facts, history=history, properties=properties, answers=answers)
        digest = hashlib.sha256("".join(texts).encode()).hexdigest()
        found.append(Filing(texts, category, digest, layout.hash, layout.encode(case)))  # type: ignore[arg-type]
    return found


ASSESSMENT_COLUMNS = (
    "id round_id bank_id created_at filing_state review_state revision touched return_reason leaving kept_name_zh"
    " kept_name_sort kept_name_en kept_category kept_kind kept_officer correction_state"
)
BANK_COLUMNS = (
    "id code name_zh name_sort name_initials name_en short_name category entity_kind head_office_name uscc licence_code"
    " pboc_code contact_name contact_phone contact_email active_from differentiated revision created_at updated_at"
)


def bank_row(pk: int, category: str, now: Any) -> tuple[Any, ...]:
    name = f"测速银行{pk}"
    return (
        pk,
        f"P{pk}",
        name,
        sort_key(name),
        initials(name),
        f"Bank {pk}",
        name,
        category[:20],
        "legal_entity",
        *[""] * 7,
        "2000-01-01",
        False,
        0,
        now,
        now,
    )


def insert(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    from assessments.scoring.bulk.sql import insert_rows

    insert_rows(table, names.split(), rows)
