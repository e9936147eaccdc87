"""Builds the demonstration by taking the product's own steps: services and workflow, person by person.

All or nothing, in one transaction. Nothing writes a state: each bank comes to where it stands by the steps that lead
there, under the guards that everybody is under, at the moments of a story that ends now (see ``clock``).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from assessments.demo import banks as demo
from assessments.demo import words
from assessments.demo.calendars import Calendar, calendars
from assessments.demo.clock import Clock, told_by
from assessments.demo.meeting_story import SittingDown
from assessments.demo.messages import forget_reminders, tell_people
from assessments.demo.money import claim_compensation, facts_of, suspend_partner
from assessments.demo.people import create_people_and_banks
from assessments.demo.reading_story import tell_readings, tell_year
from assessments.demo.stages import RECALLED, SENT_BACK, Stage, stages
from assessments.demo.tech import on_file, year_ends
from assessments.demo.tokens import grant_tokens
from assessments.demo.trial import try_weights
from assessments.models import Assessment, Round
from assessments.rounds.services import close_round, create_round, open_round
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import installed_rulebooks, publish_rulebook
from banks.models import Bank, User
from scorecard.access.decisions import Refused

RULEBOOK = ("shanghai-2017", "3")
#: The method was revised in 2016 and in 2017 and its earlier texts are not public; this one says what it is.
EARLIER = ("shanghai-earlier", "2")
ROUND_CODE = "sh-{year}"
# Who filed in the first year.
PILOT = ("DC01", "DC02", "DC03", "DL01", "DL04", "DJ01", "DJ03", "DJ05", "DP01", "DR01", "DV01", "DV03", "DF05", "DF07")
# Facts that a bank which has only begun has not answered yet.
STILL_OPEN = ("ec_factor", "ftp_discount_bp", "train_hours", "renewed_bal", "d3_items", "f2_items")


class NotEmpty(Refused):
    """The database holds banks already; the demonstration goes into an empty one only."""


def is_there() -> bool:
    """Whether the demonstration has been built: its last round is there (all came in one transaction)."""
    return Round.objects.filter(code=ROUND_CODE.format(year=demo.YEARS[-1])).exists()


def build(seed: int = 2017, *, say: Callable[[str], None] = lambda text: None) -> None:
    """Build everything. Raises ``NotEmpty`` where the database holds banks of somebody else's."""
    if Bank.objects.exists() or User.objects.exists():
        raise NotEmpty(["The database holds banks or people already; the demonstration goes into an empty one."])
    rounds = calendars(timezone.now())
    with transaction.atomic(), told_by(Clock(rounds[0].opens - timedelta(days=230))) as clock:
        _Years(seed, rounds, clock, say).tell()


class _Years(SittingDown):
    """The three years, told in order."""

    def tell(self) -> None:
        """People and banks, the rulebook, then year after year."""
        self.people, self.rows = create_people_and_banks(self.banks)
        self.say(f"{len(self.banks)} banks and their people")
        named = {False: EARLIER, True: RULEBOOK}
        versions = {
            last: publish_rulebook(actor=self.people.admin, code=code, version=version)
            for last, (code, version) in named.items()
        }
        self.money_schemes()
        for calendar in self.rounds:
            self.year = calendar.year
            self.version = versions[calendar.year == demo.YEARS[-1]]
            self.rulebook = engine_rulebook(self.version)
            tell_year(self.people, self.banks, self.rows, versions[True], calendar, self.clock)
            forget_reminders()
            if calendar.closes is None:
                self.running_round(calendar)
            else:
                self.finished_round(calendar)
            if calendar.closes is not None:
                forget_reminders()
            self.say(f"round {calendar.year}")
        try_weights(Round.objects.get(code=ROUND_CODE.format(year=demo.YEARS[-2])), self.people.officers[0])
        claim_compensation(self.people)
        suspend_partner(self.people)
        grant_tokens(self.people)
        tell_readings(self.people, self.banks, self.rows, versions[True])
        self.say("readings")
        self.score()
        tell_people(timezone.now())
        self.say("messages")

    def money_schemes(self) -> None:
        """Every installed scheme is published, and some banks have figures for them on file; so are the standards of
        sci-tech sub-branches, and the figures of their goal.
        """
        for code, version in installed_rulebooks():
            if code.startswith(("money-", "tech-")):
                publish_rulebook(actor=self.people.admin, code=code, version=version)
        tech = year_ends(self.banks)
        for self.year in demo.YEARS:
            self.record({code: facts_of(code, self.year) | on_file(tech, code, self.year) for code in self.rows})

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
        following = next(one for one in self.rounds if one.year > calendar.year)
        self.live_on(calendar, following.opens - timedelta(days=25))

    def running_round(self, calendar: Calendar) -> None:
        """The year that is under way: every state of the workflow, some banks sent back on their way."""
        cases = self.plan_round(calendar)
        where = stages([bank.code for bank in self.banks if bank.code in cases])
        self.choose(where)
        facts: dict[str, demo.Facts] = {}
        for code, stage in where.items():
            own = self.by_code[code].facts[str(self.year)]
            begun = {fact: ("unanswered", "") if fact in STILL_OPEN else pair for fact, pair in own.items()}
            known = {fact: pair for fact, pair in own.items() if fact in demo.RETURNED}
            back = SENT_BACK.get(code)
            facts[code] = known if stage == Stage.UNTOUCHED else begun if stage == Stage.BEGUN and not back else own
        self.record(facts)
        order = sorted(where, key=lambda code: (code == self.last_told, -where[code], code))
        moments = self.moments(calendar.opens + timedelta(days=3), timezone.localtime(self.now()), len(order))
        for code, moment in zip(order, moments, strict=True):
            self.clock.reach(moment)
            self.bring_to(code, cases[code], where[code])
            self.put_right(code, cases[code])
            self.meet(code, cases)
        self.score_round()

    def now(self) -> datetime:
        """The present, in which the story ends: an hour ago, so that nothing lies ahead."""
        return self.rounds[-1].deadline - timedelta(days=12, hours=18)

    @staticmethod
    def moments(start: datetime, end: datetime, count: int) -> list[datetime]:
        """So many moments from start to end, evenly spread."""
        return [start + (end - start) * place / max(1, count) for place in range(count)]

    def pass_within(self, code: str, case: Assessment, stage: Stage) -> None:
        """To the reviewer and on to the signatory; one bank takes back each once and passes it on again."""
        ways = [("pass_to_reviewer", "preparer", "recall_from_reviewer")]
        if stage >= Stage.SIGNING:
            ways.append(("pass_to_signatory", "reviewer", "recall_from_signatory"))
        for step, who, back in ways:
            self.step(step, code, who, case)
            if code == RECALLED:
                self.step(back, code, who, case)
                self.step(step, code, who, case)

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
            self.pass_within(code, case, stage)
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
