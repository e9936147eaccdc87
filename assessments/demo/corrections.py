"""The story after the decision: objections upheld and refused, an error of the authority, a decision taken back.

Every step of ``docs/corrections.md`` is taken by some bank.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from django.core.files.base import ContentFile

from assessments import workflow
from assessments.demo import words
from assessments.demo.pdf import pdf
from assessments.demo.stages import NAMED, SENT_BACK, Stage
from assessments.demo.supervisor_side import BothSides
from assessments.models import Assessment, Objection, ReviewEntry
from assessments.objections.services import add_document, save_objection
from assessments.reviews.selectors import needs_view
from assessments.reviews.services.points import set_points
from assessments.scoring.runs import outcome_of
from assessments.workflow.payloads import DecisionPayload, GroundAnswer, ObjectionPayload
from assessments.workflow.step import Payload
from banks.models import User

DECIDERS = ("decider", "decider2")


class PuttingRight(BothSides):
    """Steps that put a decision right; the other decision maker confirms what the one who is assigned asks."""

    last_told: str
    ways: dict[str, Callable[[str, Assessment], None]]

    def choose(self, where: Mapping[str, Stage]) -> None:
        """One bank for each way that a decision takes after it was signed, of those that nobody is led to."""
        free = [code for code in sorted(where) if code not in NAMED and code not in SENT_BACK]
        told = [code for code in free if where[code] == Stage.ACKNOWLEDGED]
        told += [code for code in free if where[code] == Stage.NOTIFIED]
        undecided = next(code for code in free if where[code] == Stage.DECISION)
        decided = next(code for code in free if where[code] == Stage.DECIDED)
        self.last_told = told[-1]  # its notice goes out last, so that it may still object
        ways = (self.upheld, self.refused, self.own_error)
        self.ways = dict(zip(told, ways, strict=False)) | {undecided: self.taken_back, decided: self.kept}

    def put_right(self, code: str, case: Assessment) -> None:
        """What comes after the decision of this bank, where anything does."""
        if code in self.ways:
            self.ways[code](code, case)

    def other(self, case: Assessment) -> User:
        """The decision maker who is not assigned."""
        people = [self.people.supervisors[name] for name in DECIDERS]
        return next(person for person in people if person != self.decider(case))

    def act(self, actor: User, name: str, case: Assessment, reason: str = "", payload: Payload | None = None) -> None:
        """One step of a supervisor."""
        workflow.perform(name, actor=actor, assessment_id=case.pk, reason=reason, payload=payload)
        case.refresh_from_db()

    def objected_to(self, case: Assessment) -> tuple[str, Decimal]:
        """The first indicator of judgement that a person may still give more points, and the most that it takes."""
        run = case.rating.run if case.rating else None
        outcomes = outcome_of(run)["indicators"] if run is not None else {}
        for spec in self.rulebook.indicators.values():
            points = outcomes.get(spec.id, {}).get("points")
            if needs_view(spec) and points is not None and Decimal(points) < spec.max:
                return spec.id, spec.max
        raise RuntimeError(f"{case} has every point that a person may give.")

    def lodge(self, code: str, case: Assessment) -> str:
        """The preparer writes the objection and adds a file, the signatory lodges it; the indicator it is about."""
        case.refresh_from_db()
        indicator, _most = self.objected_to(case)
        preparer = self.people.bank[code]["preparer"]
        save_objection(
            actor=preparer,
            assessment_id=case.pk,
            statement=words.OBJECTION_STATEMENT,
            grounds={f"indicator:{indicator}": words.OBJECTION_GROUND},
            revision=0,
        )
        upload = ContentFile(pdf(f"objection {code}"), name="异议佐证材料.pdf")
        add_document(actor=preparer, assessment_id=case.pk, upload=upload)
        self.step("lodge_objection", code, "signatory", case)
        case.refresh_from_db()
        return indicator

    def answer(self, case: Assessment, *, upheld: bool) -> None:
        """The decision maker who took no part decides every ground alike."""
        text = words.GROUND_UPHELD if upheld else words.GROUND_REFUSED
        found = Objection.objects.get(notice__rating=case.rating)
        payload = ObjectionPayload({ground.subject: GroundAnswer(upheld, text) for ground in found.grounds.all()})
        self.act(self.decider(case), "uphold_objection" if upheld else "refuse_objection", case, text, payload)

    def upheld(self, code: str, case: Assessment) -> None:
        """Upheld, examined again, sent back once, decided anew, and told by a notice that replaces the first."""
        indicator = self.lodge(code, case)
        self.answer(case, upheld=True)
        self.officer_step("propose_correction", case)
        case.refresh_from_db()
        self.act(self.decider(case), "send_correction_back", case, words.CORRECTION_BACK)
        entry = ReviewEntry.objects.filter(version=case.version, indicator=indicator).order_by("-revision").first()
        set_points(
            actor=self.officer(case),
            assessment_id=case.pk,
            version=self.version_in_hand(case),
            indicator=indicator,
            revision=entry.revision if entry else 0,
            points=self.rulebook.indicators[indicator].max,
            reason=words.GROUND_UPHELD,
        )
        self.officer_step("propose_correction", case)
        case.refresh_from_db()
        self.measures(case)
        found = case.rating_in_hand
        if found is None:
            raise RuntimeError(f"{case} has no corrected rating.")
        payload = DecisionPayload.read(found.grade_proposed, found.adjustment_proposed)
        self.act(self.decider(case), "decide_correction", case, words.CORRECTED_REASON, payload)
        self.act(self.decider(case), "issue_correction", case)

    def refused(self, code: str, case: Assessment) -> None:
        """Refused: the notice holds."""
        self.lodge(code, case)
        self.answer(case, upheld=False)

    def own_error(self, code: str, case: Assessment) -> None:
        """Asked once and let stand; asked again, confirmed, examined, and found to be right as it was."""
        self.act(self.decider(case), "ask_correction", case, words.ERROR_ASKED)
        self.act(self.other(case), "keep_notice", case, words.ERROR_KEPT)
        self.act(self.decider(case), "ask_correction", case, words.ERROR_ASKED)
        self.act(self.other(case), "confirm_correction", case, words.ERROR_CONFIRMED)
        self.officer_step("propose_correction", case)
        case.refresh_from_db()
        self.act(self.decider(case), "close_unchanged", case, words.ERROR_UNCHANGED)

    def taken_back(self, code: str, case: Assessment) -> None:
        """Decided, asked back by who decided, confirmed by the other: it is to be decided anew."""
        self.measures(case)
        self.decision(case)
        self.act(self.decider(case), "ask_taking_back", case, words.TAKING_BACK_ASKED)
        self.act(self.other(case), "take_back", case, words.TAKING_BACK_CONFIRMED)

    def kept(self, code: str, case: Assessment) -> None:
        """Asked back, and let stand."""
        self.act(self.decider(case), "ask_taking_back", case, words.TAKING_BACK_ASKED)
        self.act(self.other(case), "keep_decision", case, words.TAKING_BACK_KEPT)
