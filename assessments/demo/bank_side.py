"""The story as the banks' people take part in it: fill in, pass on, submit, correct."""

from decimal import Decimal

from django.core.files.base import ContentFile

from assessments import workflow
from assessments.demo import banks as demo
from assessments.demo import words
from assessments.demo.pdf import pdf
from assessments.demo.story import Story
from assessments.filings.drafts import DraftChange, save_draft
from assessments.filings.evidence import add_evidence
from assessments.filings.selectors import Draft, check_key, get_draft
from assessments.models import REPORT, Assessment
from scorecard.engine import evaluate


class BankSide(Story):
    """The steps of a bank's preparer, reviewer and signatory."""

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
        provisional = evaluate(self.rulebook, draft.scoring_input, explain=False)
        for page in draft.form_pages.pages:
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
                    narratives[spec.id] = words.narrative(self.rulebook, spec, dict(draft.scoring_input.facts))
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
