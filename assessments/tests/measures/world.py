"""A bank that missed its targets, told with measures, and the steps of the register on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from assessments.decisions.measures import decide_measure
from assessments.demo.pdf import pdf
from assessments.measures import machine
from assessments.measures.filings import add_document, save_filing
from assessments.measures.selectors import filing_in_hand
from assessments.measures.steps import Days
from assessments.models import Assessment, LiveMeasure, Obligation, Rating
from assessments.tests.corrections.world import MISSED, Corrections
from assessments.tests.corrections.world import build as build_corrections
from banks.models import User

WHY = "情节轻微，且已按要求完成整改，本次不采取该措施。"


def later(days: int) -> date:
    """So many days after today."""
    return timezone.localdate() + timedelta(days=days)


@dataclass
class Register:
    """The world of the corrections, whose measures are taken."""

    base: Corrections
    counter: list[int] = field(default_factory=lambda: [0])

    def measures(self, rating: Rating, who: User, taken: Mapping[str, Mapping[str, Any]]) -> None:
        """Take these measures, with what is said of each, and decline the others."""
        for measure in rating.measures.all():
            if measure.code in taken:
                listed = list(measure.proposal.get("options") or {})
                said = {"outcome": "accept", "options": listed[:1]} | dict(taken[measure.code])
                decide_measure(actor=who, measure_id=measure.pk, reason="同意采取。", **said)
            else:
                decide_measure(actor=who, measure_id=measure.pk, outcome="decline", reason=WHY)

    def told(
        self, code: str = "B001", taken: tuple[str, ...] = ("access", "accountability", "inspection"), **facts: str
    ) -> Assessment:
        """A bank with its notice, and these measures in the register."""
        base = self.base
        assessment = base.world.for_decision(code, {"A1": ("1", "材料不足。")}, **(MISSED | facts))
        found = assessment.rating_in_hand
        assert found is not None
        signer = base.world.signer(assessment)
        self.measures(found, signer, {name: {} for name in taken})
        assessment = base.decide(signer, "decide", base.world.again(assessment))
        return base.perform(signer, "issue_notice", assessment)

    def live(self, assessment: Assessment, code: str) -> LiveMeasure:
        """The newest entry of one measure."""
        return LiveMeasure.objects.filter(assessment=assessment, measure__code=code).latest("pk")

    def take(self, name: str, live: LiveMeasure, actor: User, **more: Any) -> LiveMeasure:
        """One step, in a transaction of its own."""
        with transaction.atomic():
            machine.take(name, actor=actor, live_id=live.pk, **({"reason": "理由"} | more))
        return LiveMeasure.objects.get(pk=live.pk)

    def running(self, live: LiveMeasure, *, ends: int | None = 60, **days: int) -> LiveMeasure:
        """With its days set: due in 30, each obligation as given."""
        told = Days(later(30), later(ends) if ends else None, {kind: later(n) for kind, n in days.items()})
        return self.take("set_days", live, self.base.world.officer, told=told)

    def owed(self, live: LiveMeasure, kind: str) -> Obligation:
        return live.obligations.get(kind=kind)

    def drafted(self, obligation: Obligation) -> Obligation:
        """The preparer has written and added a file."""
        preparer = self.base.people(obligation.live.assessment)["preparer"]
        draft = filing_in_hand(obligation)
        revision = draft.revision if draft else 0
        with transaction.atomic():
            save_filing(actor=preparer, obligation_id=obligation.pk, text="拟问责结果。", revision=revision)
        self.counter[0] += 1
        upload = ContentFile(pdf(f"obligation {self.counter[0]}"), name="材料.pdf")
        add_document(actor=preparer, obligation_id=obligation.pk, upload=upload)
        return Obligation.objects.get(pk=obligation.pk)

    def filed(self, obligation: Obligation) -> Obligation:
        self.drafted(obligation)
        signatory = self.base.people(obligation.live.assessment)["signatory"]
        self.take("file_obligation", obligation.live, signatory, obligation_id=obligation.pk, reason="")
        return Obligation.objects.get(pk=obligation.pk)

    def accepted(self, obligation: Obligation) -> Obligation:
        self.filed(obligation)
        self.take("accept_obligation", obligation.live, self.base.world.officer, obligation_id=obligation.pk)
        return Obligation.objects.get(pk=obligation.pk)


def build() -> Register:
    return Register(build_corrections())
