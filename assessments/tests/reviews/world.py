"""A submitted filing under the real rulebook, and the people on both sides of it, for tests of the supervisor's
work.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from assessments import workflow
from assessments.decisions import measures
from assessments.filings.submission import digest
from assessments.models import Assessment, Evidence, Filing, FilingVersion, Review, Round, RoundState, RulebookVersion
from assessments.reviews.services.points import View, give_views, system_points
from assessments.rulebooks import cache as rulebook_cache
from assessments.scoring.runs import score_version
from assessments.workflow.payloads import DecisionPayload
from banks.models import Bank, FactEntry, RoleGrant, User
from scorecard.engine import load_rulebook
from scorecard.engine.rulebook.rulebook import Rulebook

PASSWORD = "a long enough pass phrase 17"

# Every figure at its best: 100 points, all three targets met.
BEST: dict[str, str] = {
    "sme_bal_end": "1200000",
    "sme_bal_prev": "1000000",
    "all_bal_end": "5500000",
    "all_bal_prev": "5000000",
    "sme_hh_end": "5000",
    "sme_hh_prev": "4500",
    "applied": "6000",
    "approved": "5500",
    "applied_prev": "5000",
    "approved_prev": "4500",
    "sme_npl_end": "6000",
    "all_npl_end": "50000",
    "plan_increment": "180000",
    "risk_priced_bal": "1100000",
    "sme_rate": "0.05",
    "sme_rate_prev": "0.052",
    "ftp_discount_bp": "60",
    "ec_factor": "0.7",
    "branch_approved_share": "0.9",
    "mean_days": "2",
    "kpi_weight": "0.12",
    "tolerance_pp": "2.5",
    "exempt_cases": "3",
    "sme_staff": "400",
    "credit_staff": "1000",
    "train_hours": "60",
    "train_cover": "1",
    "due_bal": "300000",
    "renewed_bal": "200000",
    "tax_bal": "80000",
    "tax_bal_prev": "40000",
    "a1_level": "4",
    "b1_level": "4",
    "c1_level": "3",
    "c4_items": "green_channel;online;promise",
    "d2_level": "3",
    "d3_items": "rule;scope;used",
    "f1_level": "3",
    "f2_items": "pboc;platform;shared",
    "f3_level": "2",
    "g6_items": "agreement;connected",
    "g7_level": "2",
    "g8_level": "2",
}
SUPERVISOR = {"returns": "0", "late_days": "0", "fee_violations": "0", "open_findings": "0"}


@cache
def rulebook() -> Rulebook:
    """The rulebook of Shanghai 2017 as it stands in the repository."""
    return load_rulebook(settings.RULEBOOK_DIR / "shanghai-2017" / "3")


def publish() -> RulebookVersion:
    """That rulebook as a published version."""
    book = rulebook()
    rulebook_cache.forget()
    return RulebookVersion.objects.get_or_create(
        hash=book.hash,
        defaults={
            "code": book.code,
            "version": book.version,
            "title_zh": book.title.zh,
            "title_en": book.title.en,
            "content": book.to_json(),
        },
    )[0]


def person(username: str, *roles: str, bank: Bank | None = None) -> User:
    """Somebody with these roles."""
    user = User(username=username, name=username, bank=bank)
    user.set_password(PASSWORD)
    user.save()
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in roles)
    return User.objects.get(pk=user.pk)


@dataclass
class World:
    """One open round, its supervisors, and one bank after another with a submitted filing."""

    round: Round
    officer: User
    officer_2: User
    second: User
    decider: User
    auditor: User
    people: dict[int, dict[str, User]] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()  # the indicators for which the banks upload a file

    def bank(self, code: str, category: str = "city") -> Bank:
        """A bank with its three people."""
        bank = Bank.objects.create(
            code=code,
            name_zh=f"演示{code}银行",
            name_en=f"Demo Bank {code}",
            category=category,
            entity_kind="legal_entity",
            active_from="2000-01-01",
        )
        self.people[bank.pk] = {
            "preparer": person(f"{code}-preparer", "bank_preparer", bank=bank),
            "reviewer": person(f"{code}-reviewer", "bank_reviewer", bank=bank),
            "signatory": person(f"{code}-signatory", "bank_signatory", bank=bank),
        }
        return bank

    def submitted(self, code: str = "B001", category: str = "city", **facts: str) -> Assessment:
        """A bank's submitted and scored filing, waiting for acceptance; ``facts`` differ from the best."""
        bank = Bank.objects.filter(code=code).first() or self.bank(code, category)
        assessment = Assessment.objects.create(
            round=self.round, bank=bank, filing_state=Filing.SUBMITTED, review_state=Review.WAITING
        )
        self.freeze(assessment, 1, **facts)
        return self.again(assessment)

    def freeze(self, assessment: Assessment, number: int, **facts: str) -> FilingVersion:
        """One more version, scored by the system."""
        filed = BEST | facts
        content: dict[str, Any] = {
            "facts": {name: {"state": "value", "value": value} for name, value in filed.items()},
            "history": {},
            "bank_properties": {
                "category": assessment.bank.category,
                "entity": assessment.bank.entity_kind,
                "differentiated": False,
            },
            "answers": {
                name: {
                    "narrative": f"{spec.name.zh}：已按要求落实。",
                    "self_points": f"{spec.max:f}",
                    "not_applicable": False,
                }
                for name, spec in rulebook().indicators.items()
                if spec.section != "H"
            },
            "evidence": self.files(assessment),
            "report": "全年自评总结。",
            "explanations": {},
            "self_total": "85",
        }
        people = self.people[assessment.bank_id]
        version = FilingVersion.objects.create(
            assessment=assessment,
            number=number,
            digest=digest(content),
            prepared_by=people["preparer"],
            checked_by=people["reviewer"],
            signed_by=people["signatory"],
            submitted_at=timezone.now(),
            **content,
        )
        assessment.version, assessment.system_run, assessment.reviewed_run = version, None, None
        assessment.save()
        score_version(version_id=version.pk, kind="system")
        return version

    def files(self, assessment: Assessment) -> list[int]:
        """A file for each of ``evidence``."""
        made = [
            Evidence.objects.create(
                assessment=assessment,
                indicator=name,
                name=f"{name}.pdf",
                size=3,
                sha256="0" * 64,
                content_type="application/pdf",
                uploaded_by=self.people[assessment.bank_id]["preparer"],
            )
            for name in self.evidence
        ]
        return [file.pk for file in made]

    def again(self, assessment: Assessment) -> Assessment:
        """The assessment as it is now."""
        return Assessment.objects.select_related(
            "round__rulebook", "bank", "version", "system_run", "reviewed_run", "officer"
        ).get(pk=assessment.pk)

    def give_facts(self, assessment: Assessment, **values: str) -> None:
        """The supervisor's figures straight into the store."""
        for fact, value in (SUPERVISOR | values).items():
            before = FactEntry.objects.filter(bank=assessment.bank, period=self.round.period, fact=fact).count()
            FactEntry.objects.create(
                bank=assessment.bank,
                period=self.round.period,
                fact=fact,
                revision=before + 1,
                value=value,
                source="system",
            )

    def accepted(self, code: str = "B001", category: str = "city", **facts: str) -> Assessment:
        """In the first review of ``officer``."""
        assessment = self.submitted(code, category, **facts)
        workflow.perform("accept", actor=self.officer, assessment_id=assessment.pk)
        return self.again(assessment)

    def agree(self, assessment: Assessment, *, but: Collection[str] = (), **points: tuple[str, str]) -> Assessment:
        """The officer's view of every indicator that asks for judgement; ``points`` maps some to points and reason,
        ``but`` are those that have been looked at.
        """
        number = assessment.version.number if assessment.version else 0
        asked = [n for n, spec in rulebook().indicators.items() if n in points or spec.type != "quantitative"]
        asked = [n for n in asked if n not in but]
        waiting = [n for n in asked if n not in points and system_points(assessment, n) is None]
        for names in ([n for n in asked if n not in waiting], waiting):  # these compare with the points of the others
            views = [View(n, 0, *points.get(n, (None, ""))) for n in names]
            if views:
                give_views(actor=self.officer, assessment_id=assessment.pk, version=number, views=views)
        return self.again(assessment)

    def second_review(
        self, code: str = "B001", points: dict[str, tuple[str, str]] | None = None, **facts: str
    ) -> Assessment:
        """Reviewed by ``officer`` and passed on."""
        assessment = self.accepted(code, **facts)
        self.give_facts(assessment)
        assessment = self.agree(assessment, **(points or {}))
        workflow.perform("pass_to_second", actor=self.officer, assessment_id=assessment.pk)
        return self.again(assessment)

    def for_decision(
        self, code: str = "B001", points: dict[str, tuple[str, str]] | None = None, **facts: str
    ) -> Assessment:
        """Confirmed by ``second``, with a proposed rating."""
        assessment = self.second_review(code, points, **facts)
        workflow.perform("confirm", actor=self.second, assessment_id=assessment.pk)
        return self.again(assessment)

    def signer(self, assessment: Assessment) -> User:
        """The decision maker who is assigned."""
        return assessment.decision_maker or self.decider

    def decline_all(self, assessment: Assessment) -> None:
        """Every proposed measure declined."""
        for measure in assessment.rating.measures.all():
            measures.decide_measure(
                actor=self.signer(assessment),
                measure_id=measure.pk,
                outcome="decline",
                reason="情节轻微，且已按要求完成整改，本次不采取该措施。",
            )

    def decided(self, code: str = "B001", grade: str = "", adjustment: str | None = None, **facts: str) -> Assessment:
        """Decided as proposed, or with the grade and adjustment given."""
        assessment = self.for_decision(code, None, **facts)
        self.decline_all(assessment)
        found = assessment.rating
        payload = DecisionPayload.read(
            grade or found.grade_proposed, found.adjustment_proposed if adjustment is None else adjustment
        )
        workflow.perform(
            "decide",
            actor=self.signer(assessment),
            assessment_id=assessment.pk,
            reason="同意核评意见。",
            payload=payload,
        )
        return self.again(assessment)

    def notified(self, code: str = "B001", **facts: str) -> Assessment:
        """With its notice sent."""
        assessment = self.decided(code, **facts)
        workflow.perform("issue_notice", actor=self.signer(assessment), assessment_id=assessment.pk)
        return self.again(assessment)


def another_round(code: str = "sh-2017", year: int = 2017) -> Round:
    """An open round whose filing deadline is ahead."""
    now = timezone.now()
    return Round.objects.create(
        code=code,
        year=year,
        title_zh=f"{year} 年度评价",
        title_en=f"Round of {year}",
        rulebook=publish(),
        state=RoundState.OPEN,
        opens_at=now - timedelta(days=5),
        filing_deadline=now + timedelta(days=5),
        review_deadline=now + timedelta(days=30),
    )


def build() -> World:
    """That round with the supervisor's people."""
    return World(
        another_round(),
        officer=person("officer", "case_officer"),
        officer_2=person("officer-2", "case_officer"),
        second=person("second", "second_reviewer"),
        decider=person("decider", "decision_maker"),
        auditor=person("auditor", "auditor"),
    )
