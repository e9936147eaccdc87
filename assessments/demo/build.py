"""Builds the demonstration by taking the product's own steps: services and workflow, person by person.

All or nothing, in one transaction. Nothing writes a state: each bank comes to where it stands by the steps that lead
there, under the guards that everybody is under, at the moments of a story that ends now (see ``clock``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.demo import generator as demo
from assessments.demo import words
from assessments.demo.clock import Clock, told_by
from assessments.demo.money import facts_of
from assessments.demo.stages import SENT_BACK, Stage, stages
from assessments.demo.trial import try_weights
from assessments.filings.drafts import DraftChange, save_draft
from assessments.filings.evidence import add_evidence
from assessments.filings.selectors import Draft, check_key, get_draft
from assessments.models import REPORT, Assessment, Measure, Round, RulebookVersion
from assessments.reviews.selectors import needs_view
from assessments.reviews.services.comments import write_comment
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.reviews.services.points import set_points
from assessments.reviews.services.returns import return_filing
from assessments.rounds.services import close_round, create_round, open_round
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import installed_rulebooks, publish_rulebook
from assessments.scoring.rounds import request_round_scoring
from assessments.scoring.runs import outcome_of
from assessments.workflow.payloads import DecisionPayload
from assessments.workflow.step import Payload
from banks.models import Bank, FactSource, User
from banks.services.banks import create_bank
from banks.services.facts import record_many
from banks.services.people import create_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.demo import password
from scorecard.engine import Rulebook, evaluate
from scorecard.jobs.models import Job, JobState
from scorecard.jobs.services import run as run_job

RULEBOOK = ("shanghai-2017", "1")
ROUND_CODE = "sh-{year}"
SUPERVISORS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("officer1", "演示主监管员甲", (Role.CASE_OFFICER,)),
    ("officer2", "演示主监管员乙", (Role.CASE_OFFICER,)),
    ("officer3", "演示主监管员丙", (Role.CASE_OFFICER,)),
    ("second1", "演示复审人甲", (Role.SECOND_REVIEWER,)),
    ("second2", "演示复审人乙", (Role.SECOND_REVIEWER,)),
    ("decider", "演示审定人", (Role.DECISION_MAKER,)),
    ("auditor", "演示审计员", (Role.AUDITOR,)),
)
BANK_PEOPLE = (
    ("preparer", "填报人", Role.BANK_PREPARER),
    ("reviewer", "复核人", Role.BANK_REVIEWER),
    ("signatory", "签发人", Role.BANK_SIGNATORY),
)
# Who filed in the first year.
PILOT = ("DC01", "DC02", "DC03", "DL01", "DL04", "DJ01", "DJ03", "DJ05", "DP01", "DR01", "DV01", "DV03", "DF05", "DF07")
# Facts that a bank which has only begun has not answered yet.
STILL_OPEN = ("ec_factor", "ftp_discount_bp", "train_hours", "renewed_bal", "d3_items", "f2_items")


class NotEmpty(Refused):
    """The database holds banks already; the demonstration goes into an empty one only."""


@dataclass(frozen=True)
class Calendar:
    """When a round of the story was opened, filed, reviewed and closed. ``closes`` is None for the one that runs."""

    year: int
    opens: datetime
    deadline: datetime
    review: datetime
    closes: datetime | None


def calendars(now: datetime) -> list[Calendar]:
    """Three rounds, a year apart; the last is open, its filing deadline twelve days ahead at 17:00 in Shanghai."""
    evening = timezone.localtime(now).replace(hour=17, minute=0, second=0, microsecond=0)

    def day(offset: int) -> datetime:
        return evening + timedelta(days=offset)

    found = [
        Calendar(2017 - back, day(-40 - 365 * back), day(12 - 365 * back), day(70 - 365 * back), day(140 - 365 * back))
        for back in (2, 1)
    ]
    return [*found, Calendar(2017, day(-40), day(12), day(70), None)]


@dataclass
class People:
    """Everybody of the demonstration."""

    admin: User
    supervisors: dict[str, User] = field(default_factory=dict)
    bank: dict[str, dict[str, User]] = field(default_factory=dict)  # bank code → preparer, reviewer, signatory

    @property
    def officers(self) -> list[User]:
        """The case officers."""
        return [self.supervisors[f"officer{number}"] for number in (1, 2, 3)]


def is_there() -> bool:
    """Whether the demonstration has been built: its last round is there (all came in one transaction)."""
    return Round.objects.filter(code=ROUND_CODE.format(year=demo.YEARS[-1])).exists()


def build(seed: int = 2017, *, say: Callable[[str], None] = lambda text: None) -> None:
    """Build everything. Raises ``NotEmpty`` where the database holds banks of somebody else's."""
    if Bank.objects.exists() or User.objects.exists():
        raise NotEmpty(["The database holds banks or people already; the demonstration goes into an empty one."])
    rounds = calendars(timezone.now())
    with transaction.atomic(), told_by(Clock(rounds[0].opens - timedelta(days=30))) as clock:
        _Story(seed, rounds, clock, say).tell()


class _Story:
    """The three years, told in order."""

    def __init__(self, seed: int, rounds: Sequence[Calendar], clock: Clock, say: Callable[[str], None]) -> None:
        self.rounds, self.clock, self.say = rounds, clock, say
        self.banks = demo.generate(seed)
        self.by_code = {bank.code: bank for bank in self.banks}
        self.rows: dict[str, Bank] = {}
        self.random = Random(seed)  # noqa: S311  # nosec B311 - invented figures, nothing secret
        self.people: People
        self.rulebook: Rulebook
        self.version: RulebookVersion
        self.year = 0
        self.round: Round

    def tell(self) -> None:
        """People and banks, the rulebook, then year after year."""
        self.people_and_banks()
        self.say(f"{len(self.banks)} banks and their people")
        self.version = publish_rulebook(actor=self.people.admin, code=RULEBOOK[0], version=RULEBOOK[1])
        self.rulebook = engine_rulebook(self.version)
        self.money_schemes()
        for calendar in self.rounds:
            self.year = calendar.year
            if calendar.closes is None:
                self.running_round(calendar)
            else:
                self.finished_round(calendar)
            self.say(f"round {calendar.year}")
        try_weights(Round.objects.get(code=ROUND_CODE.format(year=demo.YEARS[-2])), self.people.officers[0])
        self.score()

    def money_schemes(self) -> None:
        """Every installed scheme is published, and some banks have figures for them on file."""
        for code, version in installed_rulebooks():
            if code.startswith("money-"):
                publish_rulebook(actor=self.people.admin, code=code, version=version)
        for self.year in demo.YEARS:
            self.record({code: facts_of(code, self.year) for code in self.rows})

    # --- People, banks, figures --------------------------------------------------------------------------------------

    def people_and_banks(self) -> None:
        """One password hash for all: the demonstration's password is printed on its sign-in page."""
        encoded = make_password(password())
        admin = create_person(
            actor=None, username="admin", name="演示管理员", roles=[Role.ADMINISTRATOR], encoded_password=encoded
        )
        self.people = People(admin)
        for username, name, roles in SUPERVISORS:
            self.people.supervisors[username] = create_person(
                actor=admin, username=username, name=name, roles=roles, encoded_password=encoded
            )
        for bank in self.banks:
            self.rows[bank.code] = create_bank(actor=admin, values=self.register_values(bank))
        for bank in self.banks:
            self.people.bank[bank.code] = {
                key: create_person(
                    actor=admin,
                    username=f"{bank.code.lower()}-{key}",
                    name=f"演示{title}{bank.code}",
                    roles=[role],
                    bank=self.rows[bank.code],
                    encoded_password=encoded,
                )
                for key, title, role in BANK_PEOPLE
            }

    def register_values(self, bank: demo.DemoBank) -> dict[str, Any]:
        """The bank's entry with dates and linked objects."""
        values = dict(bank.values)
        for name in ("active_from", "active_to"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        values["head_office"] = self.rows[bank.head_office] if bank.head_office else None
        values["case_officer"] = self.people.officers[bank.officer]
        return values

    def record(self, facts: Mapping[str, demo.Facts]) -> None:
        """Record figures of this year, by bank code."""
        batch = {(self.rows[code].pk, str(self.year)): values for code, values in facts.items() if values}
        if batch:
            record_many(actor=self.people.admin, batch=batch, source=FactSource.DEMO)

    # --- Rounds ------------------------------------------------------------------------------------------------------

    def plan_round(self, calendar: Calendar) -> dict[str, Assessment]:
        """Plan and open the round; its assessments by bank code."""
        self.clock.reach(calendar.opens - timedelta(days=20))
        planned = create_round(
            actor=self.people.admin,
            code=ROUND_CODE.format(year=calendar.year),
            year=calendar.year,
            title_zh=f"{calendar.year}年度小微企业金融服务评价（演示）",
            title_en=f"Assessment of SME financial services {calendar.year} (demonstration)",
            rulebook=self.version,
            opens_at=calendar.opens,
            filing_deadline=calendar.deadline,
            review_deadline=calendar.review,
        )
        self.clock.reach(calendar.opens)
        self.round = open_round(actor=self.people.admin, round_id=planned.pk)
        rows = Assessment.objects.filter(round=self.round).select_related("bank", "round__rulebook")
        return {row.bank.code: row for row in rows.order_by("bank__code")}

    def finished_round(self, calendar: Calendar) -> None:
        """A year that is over: filed, reviewed, decided and told; then the round was closed.

        The first year was a pilot: every bank's figures are known, some banks filed.
        """
        cases = self.plan_round(calendar)
        self.record({code: self.by_code[code].facts[str(self.year)] for code in cases})
        pilot = self.year == demo.YEARS[0]
        order = [code for code in cases if not pilot or code in PILOT]
        filing = self.moments(calendar.opens + timedelta(days=2), calendar.deadline - timedelta(days=1), len(order))
        for code, moment in zip(order, filing, strict=True):
            self.clock.reach(moment)
            self.fill_in(code, cases[code])
            self.submit(code, cases[code])
        review = self.moments(calendar.deadline, calendar.review - timedelta(days=5), len(order))
        for code, moment in zip(order, review, strict=True):
            self.clock.reach(moment)
            self.first_review(code, cases[code])
            self.pass_on(code, cases[code])
            self.decide(code, cases[code])
            self.tell_bank(code, cases[code])
        self.score_round()
        self.clock.reach(calendar.closes or calendar.review)
        reason = words.PILOT_REASON if pilot else ""
        close_round(actor=self.people.admin, round_id=self.round.pk, reason=reason)

    def running_round(self, calendar: Calendar) -> None:
        """The year that is under way: every state of the workflow, some banks sent back on their way."""
        cases = self.plan_round(calendar)
        where = stages([bank.code for bank in self.banks if bank.code in cases])
        facts: dict[str, demo.Facts] = {}
        for code, stage in where.items():
            own = self.by_code[code].facts[str(self.year)]
            begun = {fact: ("unanswered", "") if fact in STILL_OPEN else pair for fact, pair in own.items()}
            known = {fact: pair for fact, pair in own.items() if fact in demo.RETURNED}
            back = SENT_BACK.get(code)
            facts[code] = known if stage == Stage.UNTOUCHED else begun if stage == Stage.BEGUN and not back else own
        self.record(facts)
        order = sorted(where, key=lambda code: (-where[code], code))
        moments = self.moments(calendar.opens + timedelta(days=3), timezone.localtime(self.now()), len(order))
        for code, moment in zip(order, moments, strict=True):
            self.clock.reach(moment)
            self.bring_to(code, cases[code], where[code])
        self.score_round()

    def now(self) -> datetime:
        """The present, in which the story ends: an hour ago, so that nothing lies ahead."""
        return self.rounds[-1].deadline - timedelta(days=12, hours=18)

    @staticmethod
    def moments(start: datetime, end: datetime, count: int) -> list[datetime]:
        """So many moments from start to end, evenly spread."""
        return [start + (end - start) * place / max(1, count) for place in range(count)]

    def bring_to(self, code: str, case: Assessment, stage: Stage) -> None:
        """Take the steps that lead to the stage, and the detour of a bank that was sent back."""
        back = SENT_BACK[code][0] if code in SENT_BACK else ""
        if stage >= Stage.BEGUN or back:
            self.fill_in(code, case, half=stage == Stage.BEGUN and not back)
        if back in ("send_back_to_preparer", "refuse_signature"):
            self.step("pass_to_reviewer", code, "preparer", case)
            if back == "refuse_signature":
                self.step("pass_to_signatory", code, "reviewer", case)
            who = "signatory" if back == "refuse_signature" else "reviewer"
            self.step(back, code, who, case, words.SEND_BACK_REASONS[back])
        elif back in ("refuse", "return_for_correction"):
            self.submit(code, case)
            if back == "return_for_correction":
                self.first_review(code, case, only=3)
            self.give_back(case, back)
            if stage >= Stage.CHECKING:
                self.mend(code, case)
        if stage >= Stage.CHECKING:
            self.step("pass_to_reviewer", code, "preparer", case)
        if stage >= Stage.SIGNING:
            self.step("pass_to_signatory", code, "reviewer", case)
        if stage >= Stage.WAITING:
            self.step("submit", code, "signatory", case)
            self.score()
        if stage >= Stage.FIRST:
            whole = stage >= Stage.SECOND or back in ("send_back_to_officer", "send_back_undecided")
            self.first_review(code, case, only=None if whole else 0 if stage == Stage.FIRST else 6)
        if back in ("send_back_to_officer", "send_back_undecided"):
            self.officer_step("pass_to_second", case)
            if back == "send_back_undecided":
                self.second_step("confirm", case)
                self.decider_step(back, case, words.SEND_BACK_REASONS[back])
            else:
                self.second_step(back, case, words.SEND_BACK_REASONS[back])
        if stage >= Stage.SECOND:
            self.officer_step("pass_to_second", case)
        if stage >= Stage.DECISION:
            self.second_step("confirm", case)
        if stage >= Stage.HALF_DECIDED:
            self.measures(case, only=1 if stage == Stage.HALF_DECIDED else None)
        if stage >= Stage.DECIDED:
            self.decision(case)
        if stage >= Stage.NOTIFIED:
            self.decider_step("issue_notice", case)
        if stage >= Stage.ACKNOWLEDGED:
            self.step("acknowledge", code, "signatory", case)

    # --- The bank ----------------------------------------------------------------------------------------------------

    def fill_in(self, code: str, case: Assessment, *, half: bool = False) -> None:
        """Answers with narratives, own points, the report; evidence from the banks that visitors look at."""
        preparer = self.people.bank[code]["preparer"]
        case.refresh_from_db()
        draft = get_draft(case)
        change = self.answers(code, draft, half=half)
        save_draft(actor=preparer, assessment_id=case.pk, revision=case.revision, change=change)
        if code in (demo.CAPPED, "DC03", "DL01", "DJ03") and self.year == 2017:
            for indicator in ("A1", "B1", "C1"):
                content = ContentFile(pdf(f"{code} {indicator} {self.year}"), name=f"演示材料-{indicator}.pdf")
                add_evidence(actor=preparer, assessment_id=case.pk, indicator=indicator, upload=content)

    def answers(self, code: str, draft: Draft, *, half: bool) -> DraftChange:
        """What the bank says: near the system's points, the weaker banks a little above them."""
        narratives: dict[str, str] = {}
        own_points: dict[str, Decimal | None] = {}
        claims: dict[str, bool] = {}
        total = Decimal(0)
        exact = code in (demo.CAPPED, *demo.EXCELLENT)
        provisional = evaluate(self.rulebook, draft.case, explain=False)
        for page in draft.plan.pages:
            if half and page.id in ("D", "E", "F"):
                continue
            for item in page.items:
                if not item.asked:
                    continue
                spec = item.indicator
                result = provisional.indicators[spec.id]
                if item.claim and result.system_points is None and not half:
                    claims[spec.id], narratives[spec.id] = True, words.not_applicable(spec)
                    continue
                points = result.system_points if result.system_points is not None else max(spec.min, Decimal(0))
                if not exact and self.random.random() < 0.12:
                    points = min(spec.max, points + Decimal("0.5"))
                total += points
                own_points[spec.id] = points
                if item.narrative:
                    narratives[spec.id] = words.narrative(self.rulebook, spec, dict(draft.case.facts))
        if not half:
            narratives[REPORT] = words.report(self.by_code[code].values["name_zh"], self.year, total)
            for finding in provisional.checks:
                narratives[check_key(finding).id] = words.explanation()
        return DraftChange(narratives=narratives, own_points=own_points, claims=claims)

    def submit(self, code: str, case: Assessment) -> None:
        """Preparer, reviewer, signatory; then the worker's part."""
        self.step("pass_to_reviewer", code, "preparer", case)
        self.step("pass_to_signatory", code, "reviewer", case)
        self.step("submit", code, "signatory", case)
        self.score()

    def mend(self, code: str, case: Assessment) -> None:
        """Correct a figure after a return, so that the new version differs."""
        case.refresh_from_db()
        entry = get_draft(case).entry("renewed_bal")
        amount = int(entry.value) * 97 // 100 if entry and entry.value else 0
        preparer = self.people.bank[code]["preparer"]
        change = DraftChange(facts={"renewed_bal": Decimal(amount)})
        save_draft(actor=preparer, assessment_id=case.pk, revision=case.revision, change=change)

    def step(self, name: str, code: str, who: str, case: Assessment, reason: str = "") -> None:
        """One step of the bank."""
        workflow.perform(name, actor=self.people.bank[code][who], assessment_id=case.pk, reason=reason)

    def score(self) -> None:
        """Do the work that has been queued, and what that queues in turn, as the worker would."""
        while waiting := list(Job.objects.filter(state=JobState.QUEUED).order_by("pk").values_list("pk", flat=True)):
            for job_id in waiting:
                if (outcome := run_job(job_id)) not in ("done", "waiting"):
                    raise RuntimeError(f"Job {job_id} ended as {outcome}: {Job.objects.get(pk=job_id).error}")

    def score_round(self) -> None:
        """Score the whole round, rank the banks within their categories, and compute the city's figures."""
        request_round_scoring(actor=self.people.officers[0], round_id=self.round.pk)
        self.score()

    # --- The supervisor ----------------------------------------------------------------------------------------------

    def officer(self, case: Assessment) -> User:
        """The officer in charge of the bank."""
        return self.people.officers[self.by_code[case.bank.code].officer]

    def second(self, case: Assessment) -> User:
        """The two second reviewers share the banks."""
        return self.people.supervisors["second1" if case.bank_id % 2 else "second2"]

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
        decider = self.people.supervisors["decider"]
        workflow.perform(name, actor=decider, assessment_id=case.pk, reason=reason, payload=payload)

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
        looked_at = 0
        for spec in self.rulebook.indicators.values():
            system = outcomes[spec.id]["system"]
            waits = outcomes[spec.id]["state"] in ("pending", "undefined")
            if not (needs_view(spec) or waits):
                continue
            points, reason = self.view(code, spec.id, system, waits)
            set_points(
                actor=officer,
                assessment_id=case.pk,
                version=version,
                indicator=spec.id,
                revision=0,
                points=points,
                reason=reason,
            )
            looked_at += 1
            if only is not None and looked_at >= only:
                break
        if code in ("DC09", "DJ06", "DC04"):
            text = "请说明当年培训学时的统计口径。"
            write_comment(actor=officer, assessment_id=case.pk, indicator="E2", text=text, for_bank=True)

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
        decider = self.people.supervisors["decider"]
        rows: Iterable[Measure] = Measure.objects.filter(rating__assessment=case).order_by("id")
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

    def decision(self, case: Assessment) -> None:
        """The grade and the adjustment that the rules give."""
        case.refresh_from_db()
        rating = case.rating
        self.decider_step(
            "decide",
            case,
            words.DECIDE_REASON,
            DecisionPayload.read(rating.grade_proposed, rating.adjustment_proposed),
        )

    def tell_bank(self, code: str, case: Assessment) -> None:
        """The notice, and that the bank has read it."""
        self.decider_step("issue_notice", case)
        self.step("acknowledge", code, "signatory", case)


def pdf(text: str) -> bytes:
    """A one-page PDF that says that it is a demonstration. ``text`` is plain ASCII."""
    stream = f"BT /F1 18 Tf 72 760 Td (DEMONSTRATION - fictitious document) Tj 0 -32 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )
