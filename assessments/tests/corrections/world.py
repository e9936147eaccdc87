"""A notified bank, two decision makers, and the steps that put its decision right."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from assessments import workflow
from assessments.models import Assessment, ReviewEntry
from assessments.objections.services import save_objection
from assessments.reviews.services.points import set_points
from assessments.tests.reviews.world import World, person
from assessments.tests.reviews.world import build as build_reviews
from assessments.workflow.payloads import DecisionPayload, GroundAnswer, ObjectionPayload
from banks.models import User

MISSED = {"sme_bal_end": "1000000"}
GROUND = "indicator:A1"


@dataclass
class Corrections:
    """The world of the reviews with a second decision maker, who takes no part until something is put right."""

    world: World
    other: User

    def perform(self, actor: User, name: str, assessment: Assessment, reason: str = "", **more: Any) -> Assessment:
        """One step, in a transaction of its own."""
        with transaction.atomic():
            workflow.perform(name, actor=actor, assessment_id=assessment.pk, reason=reason, **more)
        return self.world.again(assessment)

    def people(self, assessment: Assessment) -> dict[str, User]:
        return self.world.people[assessment.bank_id]

    def drafted(self, assessment: Assessment, **grounds: str) -> Assessment:
        """The preparer has written an objection."""
        texts = {name.replace("__", ":"): text for name, text in grounds.items()} or {GROUND: "材料已于当年报送。"}
        save_objection(
            actor=self.people(assessment)["preparer"],
            assessment_id=assessment.pk,
            statement="请复核A1得分。",
            grounds=texts,
            revision=0,
        )
        return self.world.again(assessment)

    def lodged(self, code: str = "B001", points: dict[str, tuple[str, str]] | None = None) -> Assessment:
        """Told with A1 lowered, and objected to."""
        assessment = self.drafted(self.notified(code, points))
        return self.perform(self.people(assessment)["signatory"], "lodge_objection", assessment)

    def notified(self, code: str = "B001", points: dict[str, tuple[str, str]] | None = None) -> Assessment:
        assessment = self.world.for_decision(code, points or {"A1": ("1", "材料不足。")}, **MISSED)
        self.world.decline_all(assessment)
        signer = self.world.signer(assessment)
        assessment = self.decide(signer, "decide", assessment)
        return self.perform(signer, "issue_notice", assessment)

    def decide(self, actor: User, name: str, assessment: Assessment, reason: str = "同意。") -> Assessment:
        found = assessment.rating_in_hand
        assert found is not None
        payload = DecisionPayload.read(found.grade_proposed, found.adjustment_proposed)
        return self.perform(actor, name, assessment, reason, payload=payload)

    def answered(self, assessment: Assessment, upheld: bool, reason: str = "经复核。") -> Assessment:
        """The other decision maker decides the objection."""
        payload = ObjectionPayload({GROUND: GroundAnswer(upheld, "答复：已核。")})
        name = "uphold_objection" if upheld else "refuse_objection"
        return self.perform(self.other, name, assessment, reason, payload=payload)

    def points(self, assessment: Assessment, points: str | None, reason: str = "") -> Assessment:
        """The officer's points for A1 after another look."""
        revision = ReviewEntry.objects.filter(version=assessment.version, indicator="A1").count()
        with transaction.atomic():
            set_points(
                actor=self.world.officer,
                assessment_id=assessment.pk,
                version=1,
                indicator="A1",
                revision=revision,
                points=points,
                reason=reason,
            )
        return self.world.again(assessment)

    def declined(self, assessment: Assessment, by: User | None = None) -> Assessment:
        """Every measure of the corrected rating declined."""
        from assessments.decisions.measures import decide_measure

        found = assessment.rating_in_hand
        assert found is not None
        for measure in found.measures.all():
            decide_measure(
                actor=by or self.other,
                measure_id=measure.pk,
                outcome="decline",
                reason="情节轻微，且已按要求完成整改，本次不采取该措施。",
            )
        return self.world.again(assessment)

    def corrected(self, assessment: Assessment, by: User | None = None) -> Assessment:
        """From an upheld objection to the corrected notice, by the decision maker who is assigned: the other one."""
        by = by or self.other
        assessment = self.points(assessment, None)
        assessment = self.perform(self.world.officer, "propose_correction", assessment)
        assessment = self.declined(assessment, by)
        assessment = self.decide(by, "decide_correction", assessment, "更正。")
        return self.perform(by, "issue_correction", assessment)


def build() -> Corrections:
    """An open round with a second decision maker."""
    return Corrections(build_reviews(), person("decider-2", "decision_maker"))
