"""One bank that submits, is sent back and submits again, by the product's own steps."""

from django.core.files.uploadedfile import SimpleUploadedFile

from assessments.demo.pdf import pdf
from assessments.filings.evidence import add_evidence
from assessments.models import FilingVersion
from assessments.tests.filings.world import COMPLETE, World, post_fields
from assessments.workflow import perform

NARRATIVE = "建立了差别定价制度。对 #重点# 客户给予优惠；*不良率* 上升的除外。"


def answers(narrative: str = NARRATIVE) -> dict[str, dict[str, str]]:
    """What the bank says of the indicators of the small rulebook."""
    return {
        "A1": {"self_points": "2", "narrative": narrative},
        "A2": {"self_points": "4", "narrative": "已建立流程。"},
        "B1": {"self_points": "2", "narrative": "按户数推进。"},
        "B2": {"self_points": "4", "narrative": "余额增长。"},
        "_report": {"narrative": "全年自评总结。\n第二段。"},
    }


def fill(world: World, narrative: str = NARRATIVE, **facts: str) -> None:
    """Every figure and answer, by the preparer."""
    found = post_fields(
        world.preparer,
        world.again(),
        world.assessment.revision,
        facts=COMPLETE | {"rate": "55"} | facts,
        answers=answers(narrative),
    )
    assert not found.errors, found.errors


def attach(world: World, name: str = "定价办法.pdf", text: str = "pricing") -> None:
    """One file for A1."""
    file = SimpleUploadedFile(name, pdf(text), "application/pdf")
    add_evidence(actor=world.preparer, assessment_id=world.assessment.pk, indicator="A1", upload=file)


def submit(world: World) -> FilingVersion:
    """The three steps of the bank's people; the version that the signatory signed."""
    pk = world.assessment.pk
    perform("pass_to_reviewer", actor=world.preparer, assessment_id=pk)
    perform("pass_to_signatory", actor=world.reviewer, assessment_id=pk)
    perform("submit", actor=world.signatory, assessment_id=pk)
    version = FilingVersion.objects.select_related("prepared_by", "checked_by", "signed_by").get(
        assessment=pk, number=world.again().versions.count()
    )
    version.assessment = world.again()
    return version


def send_back(world: World, reason: str = "请核对贷款余额。") -> None:
    """The officer accepts and returns."""
    perform("accept", actor=world.officer, assessment_id=world.assessment.pk)
    perform("return_for_correction", actor=world.officer, assessment_id=world.assessment.pk, reason=reason)
