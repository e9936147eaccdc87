"""The story as the supervisors take part in it: both reviews, measures, the decision, the notice."""

from collections.abc import Iterable
from decimal import Decimal

from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.demo import banks as demo
from assessments.demo import words
from assessments.demo.bank_side import BankSide
from assessments.models import Assessment, Measure
from assessments.reviews.selectors import needs_view
from assessments.reviews.services.comments import write_comment
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.reviews.services.points import View, give_views
from assessments.reviews.services.returns import return_filing
from assessments.reviews.services.targets import decide_targets
from assessments.scoring.runs import outcome_of, undecided_targets
from assessments.workflow.payloads import DecisionPayload
from assessments.workflow.step import Payload
from banks.models import User

WAITING = ("pending", "undefined")


class BothSides(BankSide):
    """The steps of case officers, second reviewers and the decision maker, beside those of the bank."""

    def officer(self, case: Assessment) -> User:
        """The officer in charge of the bank."""
        return self.people.officers[self.by_code[case.bank.code].officer]

    def second(self, case: Assessment) -> User:
        """The second reviewer who is assigned."""
        case.refresh_from_db(fields=["second_reviewer"])
        return case.second_reviewer or self.people.supervisors["second1"]

    def decider(self, case: Assessment) -> User:
        """The decision maker who is assigned."""
        case.refresh_from_db(fields=["decision_maker"])
        return case.decision_maker or self.people.supervisors["decider"]

    @staticmethod
    def version_in_hand(case: Assessment) -> int:
        """The number of the version that the supervisor has before them."""
        if case.version is None:
            raise RuntimeError(f"{case} has not been submitted.")
        return case.version.number

    def officer_step(self, name: str, case: Assessment, reason: str = "") -> None:
        """One step of the case officer."""
        workflow.perform(name, actor=self.officer(case), assessment_id=case.pk, reason=reason)

    def second_step(self, name: str, case: Assessment, reason: str = "") -> None:
        """One step of the second reviewer."""
        workflow.perform(name, actor=self.second(case), assessment_id=case.pk, reason=reason)

    def decider_step(self, name: str, case: Assessment, reason: str = "", payload: Payload | None = None) -> None:
        """One step of the decision maker."""
        workflow.perform(name, actor=self.decider(case), assessment_id=case.pk, reason=reason, payload=payload)

    def give_back(self, case: Assessment, name: str) -> None:
        """Return a filing with a reason; the bank may submit again until the round's own deadline."""
        case.refresh_from_db()
        return_filing(
            actor=self.officer(case),
            assessment_id=case.pk,
            name=name,
            reason=words.SEND_BACK_REASONS[name],
            due_at=None,
            seen_version=self.version_in_hand(case),
        )

    def first_review(self, code: str, case: Assessment, *, only: int | None = None) -> None:
        """Accept, give the supervisor's figures, look at each indicator that asks for it (or at some of them).

        ``only`` 0 stops after the acceptance.
        """
        officer = self.officer(case)
        self.officer_step("accept", case)
        if only == 0:
            return
        case.refresh_from_db()
        version = self.version_in_hand(case)
        given = self.by_code[code].given[str(self.year)]
        values = {fact: given[fact][1] for fact in ("fee_violations", "open_findings")}
        set_supervisor_facts(actor=officer, assessment_id=case.pk, version=version, values=values, seen={})
        case.refresh_from_db()
        run = case.reviewed_run
        outcomes = outcome_of(run)["indicators"] if run is not None else {}
        views: list[View] = []
        for spec in self.rulebook.indicators.values():
            waits = outcomes[spec.id]["state"] in WAITING
            if waits and views:  # what compares with the others' points has some when those are given
                give_views(actor=officer, assessment_id=case.pk, version=version, views=views)
                views = []
            waits = waits and self.still_waits(case, spec.id)
            if not (needs_view(spec) or waits):
                continue
            points, reason = self.view(code, spec.id, outcomes[spec.id]["system"], waits)
            views.append(View(spec.id, points=points, reason=reason))
            if only is not None and len(views) >= only:
                break
        if views:
            give_views(actor=officer, assessment_id=case.pk, version=version, views=views)
        if only is None:
            self.decide_targets(case, version)
        if code in ("DC09", "DJ06", "DC04"):
            text = "请说明当年培训学时的统计口径。"
            write_comment(actor=officer, assessment_id=case.pk, indicator="E2", text=text, for_bank=True)

    @staticmethod
    def still_waits(case: Assessment, indicator: str) -> bool:
        """Whether points are missing also once the indicators before have theirs: H5 compares with all of them."""
        case.refresh_from_db()
        run = case.reviewed_run
        return run is None or outcome_of(run)["indicators"][indicator]["state"] in WAITING

    def decide_targets(self, case: Assessment, version: int) -> None:
        """A bank without last year's figures has nothing to compare with: its targets are not applicable."""
        case.refresh_from_db()
        if case.reviewed_run is None:
            return
        names = undecided_targets(outcome_of(case.reviewed_run))
        decisions = dict.fromkeys(names, ("not_applicable", words.NO_BASE_REASON))
        decide_targets(actor=self.officer(case), assessment_id=case.pk, version=version, decisions=decisions, seen={})

    def view(self, code: str, indicator: str, system: str | None, waits: bool) -> tuple[str | None, str]:
        """Agree mostly; now and then one point less where the papers do not bear it out."""
        if waits or system is None:
            lowest = self.rulebook.indicators[indicator].min
            return str(max(lowest, Decimal(0))), words.NO_POINTS_REASON
        steady = code in (demo.CAPPED, *demo.EXCELLENT)
        if not steady and Decimal(system) >= 2 and self.random.random() < 0.08:
            return str(Decimal(system) - 1), words.LOWER_POINTS_REASON
        return None, ""

    def pass_on(self, code: str, case: Assessment) -> None:
        """First review done, second review done."""
        self.officer_step("pass_to_second", case)
        self.second_step("confirm", case)

    def decide(self, code: str, case: Assessment) -> None:
        """Measures one by one, then the rating."""
        self.measures(case)
        self.decision(case)

    def measures(self, case: Assessment, *, only: int | None = None) -> None:
        """Accept what the clauses propose; decline some that are optional, with a reason."""
        decider = self.decider(case)
        case.refresh_from_db()
        rows: Iterable[Measure] = Measure.objects.filter(rating=case.rating_in_hand).order_by("id")
        for measure in list(rows)[:only]:
            options = list(measure.proposal.get("options") or {})
            declined = measure.proposal.get("case_by_case", False) and self.random.random() < 0.4
            decide_measure(
                actor=decider,
                measure_id=measure.pk,
                outcome="decline" if declined else "accept",
                reason=words.MEASURE_DECLINE_REASON if declined else words.MEASURE_ACCEPT_REASON,
                options=[] if declined else options[:1],
            )

    def decision(self, case: Assessment, reason: str = words.DECIDE_REASON) -> None:
        """The grade and the adjustment that the rules give."""
        case.refresh_from_db()
        rating = case.rating
        self.decider_step(
            "decide",
            case,
            reason,
            DecisionPayload.read(rating.grade_proposed, rating.adjustment_proposed),
        )

    def tell_bank(self, code: str, case: Assessment) -> None:
        """The notice, and that the bank has read it."""
        self.decider_step("issue_notice", case)
        self.step("acknowledge", code, "signatory", case)
