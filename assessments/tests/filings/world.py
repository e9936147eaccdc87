"""A small rulebook and the people around one filing, for tests of the bank's side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from assessments.filings.drafts import save_draft
from assessments.filings.fact_fields import by_field, field_name
from assessments.filings.forms import read_sent
from assessments.models import Assessment, FilingVersion, Round, RoundState, RulebookVersion
from assessments.rulebooks.cache import engine_rulebook
from banks.models import Bank, FactEntry, RoleGrant, User
from scorecard.engine import rulebook_from_json

PASSWORD = "correct horse battery 17"


def _t(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _fact(zh: str, en: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"label": _t(zh, en), "kind": kind, "source": "doc § 3", "basis": "reconstructed", **more}


def _indicator(
    section: str, zh: str, en: str, kind: str, low: str, high: str, rule: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "section": section,
        "name": _t(zh, en),
        "name_basis": "sourced",
        "type": kind,
        "min": low,
        "max": high,
        "rule": rule,
        "source": "doc § 5",
        "basis": "reconstructed",
        **more,
    }


RULEBOOK: dict[str, Any] = {
    "rulebook": {
        "code": "mini",
        "version": "1",
        "year": "2017",
        "title": _t("小型评价办法", "Small rulebook"),
        "basis": "reconstructed",
        "instrument": "doc",
        "total": {"min": "0", "max": "20"},
        "rounding": {"indicator": "2", "total": "2", "mode": "half_up", "basis": "reconstructed"},
    },
    "documents": {"doc": {"title": _t("关于测试的通知", "Notice on tests"), "number": "测〔2017〕1号"}},
    "properties": {"category": {"label": _t("机构类别", "category"), "kind": "text"}},
    "facts": {
        "bal": _fact("小微企业贷款余额", "SME loan balance", "amount", min="0"),
        "bal_prev": _fact(
            "小微企业贷款余额（上年同期）", "SME loan balance a year ago", "amount", min="0", carries_from="bal"
        ),
        "rate": _fact("经营单位审批占比", "share approved by branches", "ratio", min="0", max="1"),
        "policy": _fact(
            "定价制度等级",
            "pricing level",
            "level",
            options={"0": _t("无", "none"), "1": _t("有制度", "a rule"), "2": _t("有模型", "a model")},
        ),
        "flow": _fact(
            "流程措施",
            "process measures",
            "checklist",
            options={"promise": _t("限时承诺", "promise"), "online": _t("线上申请", "online")},
        ),
        "note": _fact("补充说明", "remark", "text", required="false"),
        "returns": _fact("退回次数", "returns", "count", unit="次", supplied_by="system"),
        "violations": _fact("查实件数", "findings", "count", unit="件", supplied_by="supervisor"),
    },
    "checks": {
        "bal_positive": {
            "severity": "error",
            "holds": "bal > 0",
            "message": _t("小微企业贷款余额应大于零。", "The SME loan balance must be above zero."),
            "source": "doc § 3",
            "basis": "reconstructed",
        },
        "bal_jump": {
            "severity": "warning",
            "holds": "bal <= bal_prev * 3",
            "message": _t(
                "余额超过上年三倍，请核对。", "The balance is more than three times last year's; look again."
            ),
            "source": "doc § 3",
            "basis": "reconstructed",
        },
    },
    "sections": {
        "A": {
            "name": _t("定价机制", "Pricing"),
            "name_basis": "sourced",
            "min": "0",
            "max": "8",
            "source": "doc § 5",
            "basis": "reconstructed",
        },
        "B": {
            "name": _t("推进情况", "Progress"),
            "name_basis": "sourced",
            "min": "0",
            "max": "8",
            "source": "doc § 5",
            "basis": "reconstructed",
        },
        "H": {
            "name": _t("监管评价", "Supervision"),
            "name_basis": "sourced",
            "min": "0",
            "max": "4",
            "source": "doc § 5",
            "basis": "reconstructed",
        },
    },
    "indicators": {
        "A1": _indicator(
            "A",
            "定价制度",
            "Pricing rule",
            "qualitative",
            "0",
            "4",
            {"kind": "levels", "fact": "policy", "points": {"0": "0", "1": "2", "2": "4"}},
        ),
        "A2": _indicator(
            "A",
            "流程优化",
            "Process",
            "qualitative",
            "0",
            "4",
            {
                "kind": "checklist",
                "fact": "flow",
                "items": {
                    "promise": {"label": _t("限时承诺", "promise"), "points": "2"},
                    "online": {"label": _t("线上申请", "online"), "points": "2"},
                },
            },
            not_applicable="share_out",
        ),
        "B1": _indicator(
            "B",
            "审批权限下放",
            "Delegation",
            "quantitative",
            "0",
            "4",
            {"kind": "curve", "x": "rate", "unit": "%", "points": [["0.3", "0"], ["0.8", "4"]]},
            evidence=[_t("授权书", "delegation letter")],
        ),
        "B2": _indicator(
            "B",
            "余额不低于上年",
            "Balance target",
            "quantitative",
            "0",
            "4",
            {"kind": "target", "target": "T1", "met": "4", "missed": "0"},
        ),
        "H1": _indicator(
            "H",
            "报送与合规",
            "Conduct",
            "quantitative",
            "0",
            "4",
            {
                "kind": "deductions",
                "start": "4",
                "floor": "0",
                "per": [
                    {"x": "returns", "unit": "次", "points": "0.5"},
                    {"x": "violations", "unit": "件", "points": "2"},
                ],
            },
        ),
    },
    "targets": {
        "T1": {
            "name": _t("余额不低于上年同期", "balance not lower than a year ago"),
            "left": "bal",
            "op": ">=",
            "right": "bal_prev",
            "unit": "万元",
            "lever": "bal",
            "source": "doc § 2",
            "basis": "sourced",
        }
    },
    "grades": [
        {
            "id": "good",
            "name": _t("良好", "Good"),
            "name_basis": "sourced",
            "min": "16",
            "source": "doc § 6",
            "basis": "reconstructed",
        },
        {
            "id": "pass",
            "name": _t("合格", "Pass"),
            "name_basis": "reconstructed",
            "min": "10",
            "source": "doc § 6",
            "basis": "reconstructed",
        },
        {
            "id": "fail",
            "name": _t("不合格", "Fail"),
            "name_basis": "reconstructed",
            "source": "doc § 6",
            "basis": "reconstructed",
        },
    ],
    "caps": [
        {
            "id": "targets",
            "name": _t("目标未完成", "target missed"),
            "when": "missed(T1)",
            "effect": "cap_grade",
            "to": "pass",
            "because": _t("未完成目标，最高为合格。", "A target is missed, so pass is the highest grade."),
            "source": "doc § 7",
            "basis": "sourced",
        }
    ],
}


def publish() -> RulebookVersion:
    """The small rulebook as a published version."""
    rulebook = rulebook_from_json(json.dumps(RULEBOOK, ensure_ascii=False))
    found = RulebookVersion.objects.filter(hash=rulebook.hash).first()
    return found or RulebookVersion.objects.create(
        code="mini",
        version="1",
        title_zh=rulebook.title.zh,
        title_en=rulebook.title.en,
        hash=rulebook.hash,
        content=rulebook.to_json(),
    )


def person(username: str, bank: Bank | None, *roles: str) -> User:
    """Somebody with these roles."""
    user = User(username=username, name=username, bank=bank)
    user.set_password(PASSWORD)
    user.save()
    for role in roles:
        RoleGrant.objects.create(user=user, role=role)
    return user


def bank(code: str = "B001") -> Bank:
    """A bank on the register."""
    return Bank.objects.create(
        code=code, name_zh=f"演示{code}银行", category="city", entity_kind="legal_entity", active_from="2000-01-01"
    )


@dataclass
class World:
    """One open round, one bank with its three people, and its assessment."""

    round: Round
    bank: Bank
    assessment: Assessment
    preparer: User
    reviewer: User
    signatory: User
    officer: User

    def facts(self, **values: str) -> None:
        """Put current facts of the round's year straight into the store."""
        for fact, value in values.items():
            before = FactEntry.objects.filter(bank=self.bank, period=self.round.period, fact=fact).count()
            FactEntry.objects.create(
                bank=self.bank, period=self.round.period, fact=fact, revision=before + 1, value=value, source="carried"
            )

    def again(self) -> Assessment:
        """The assessment as it is now."""
        self.assessment = Assessment.objects.select_related("round__rulebook", "bank", "version").get(
            pk=self.assessment.pk
        )
        return self.assessment


def build(code: str = "B001") -> World:
    """A bank in an open round whose deadline is ahead."""
    now = timezone.now()
    round_, _ = Round.objects.get_or_create(
        code="r2017",
        defaults={
            "year": 2017,
            "title_zh": "2017 年度评价",
            "title_en": "Round of 2017",
            "rulebook": publish(),
            "state": RoundState.OPEN,
            "opens_at": now - timedelta(days=5),
            "filing_deadline": now + timedelta(days=5),
            "review_deadline": now + timedelta(days=30),
        },
    )
    the_bank = bank(code)
    officer = User.objects.filter(username="officer").first() or person("officer", None, "case_officer")
    assessment = Assessment.objects.create(round=round_, bank=the_bank, officer=officer)
    return World(
        round_,
        the_bank,
        Assessment.objects.select_related("round__rulebook", "bank", "version").get(pk=assessment.pk),
        person(f"prep-{code}", the_bank, "bank_preparer"),
        person(f"check-{code}", the_bank, "bank_reviewer"),
        person(f"sign-{code}", the_bank, "bank_signatory"),
        officer,
    )


COMPLETE = {"bal": "12000", "bal_prev": "10000", "rate": "0.55", "policy": "1", "flow": "online;promise"}


@dataclass(frozen=True)
class Posted:
    """What came of a save, as the page tells it: by the names of the fields."""

    revision: int
    written: tuple[str, ...]
    errors: dict[str, str]


def post_fields(
    actor: User,
    assessment: Assessment,
    revision: int,
    *,
    facts: Mapping[str, str] | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
) -> Posted:
    """Save texts as an autosave sends them: through the form's readers and the service."""
    letters = {"narrative": "n", "self_points": "s", "not_applicable": "x"}
    data = QueryDict(mutable=True)
    for fact, text in (facts or {}).items():
        data[f"f-{fact}"] = text
    for indicator, parts in (answers or {}).items():
        for part, value in parts.items():
            data[f"{letters[part]}-{indicator}"] = str(value)
    sent = read_sent(engine_rulebook(assessment.round.rulebook), data)
    saved = save_draft(actor=actor, assessment_id=assessment.pk, revision=revision, change=sent.change)
    return Posted(saved.revision, tuple(map(field_name, saved.written)), by_field(sent.errors | saved.errors))


def signed_with(world: World, *evidence: int, facts: Mapping[str, Any] | None = None) -> FilingVersion:
    """A signed version with these files and facts."""
    number = FilingVersion.objects.filter(assessment=world.assessment).count() + 1
    return FilingVersion.objects.create(
        assessment=world.assessment,
        number=number,
        prepared_by=world.preparer,
        checked_by=world.reviewer,
        signed_by=world.signatory,
        evidence=list(evidence),
        facts=dict(facts or {}),
        digest="0" * 64,
        submitted_at=timezone.now(),
    )
