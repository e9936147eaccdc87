"""What the pages of a review share: rows, sections, and what stands beside the list."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from assessments.models import Assessment, RoundState
from assessments.reviews.forms import CommentForm
from assessments.reviews.selectors import ReviewSheet, Row
from assessments.reviews.views import present
from assessments.reviews.views.assessment import acting
from assessments.scoring.runs import explain_run
from scorecard.access.roles import REVIEW_ROLES
from scorecard.engine.rulebook.model import BASIS_LABELS
from scorecard.ui.ids import typed_id
from scorecard.words.language import in_language, screen_language


def sections(sheet: ReviewSheet) -> list[dict[str, Any]]:
    """The sections with their points as they count now, each with its rows."""
    return [
        {
            "id": section.id,
            "label": in_language(section.name),
            "points": outcome.get("points"),
            "max": section.max,
            "rows": rows,
        }
        for section, outcome, rows in sheet.sections
    ]


# Which rows of a review are shown: those that need something, those without the evidence asked for, or all.
SHOWN = {"open": lambda row: not row.settled, "missing": lambda row: row.missing_evidence, "all": lambda row: True}


def folded(sheet: ReviewSheet, shown: str, keep: str = "") -> list[dict[str, Any]]:
    """The sections with the rows that are shown, and how many are folded away; ``keep`` names one that stays."""
    wanted = SHOWN[shown]
    found = []
    for section in sections(sheet):
        rows = [row for row in section["rows"] if wanted(row) or row.id == keep]
        found.append(section | {"rows": rows, "folded": len(section["rows"]) - len(rows)})
    return found


def row_context(sheet: ReviewSheet, row: Row, editable: bool, problem: dict[str, Any] | None = None) -> dict[str, Any]:
    """One row with its small drawing and, where points that were sent did not pass, with what was typed."""
    mine = problem if problem and problem["indicator"] == row.id else None
    return {
        "row": row,
        "dots": present.peer_dots(row),
        "editable": editable and bool(row.spec.judged_by),
        "problem": mine,
        "open_form": bool(mine) or row.open,
        "version": sheet.version.number if sheet.version else 0,
    }


def pane(request: HttpRequest, sheet: ReviewSheet, indicator: str, page: str) -> HttpResponse:
    """What one indicator depends on, alone, for the place beside the list."""
    row = sheet.row(indicator)
    if row is None:
        raise Http404
    context = {"assessment": sheet.assessment, "sheet": sheet, "pane_url": reverse(page, args=[sheet.assessment.pk])}
    return render(request, "supervisor/parts/pane.html", context | pane_context(request, sheet, row))


def pane_context(request: HttpRequest, sheet: ReviewSheet, row: Row) -> dict[str, Any]:
    """Narrative, figures, evidence, explanation and remarks of one indicator."""
    trace = None
    if sheet.run is not None:
        sheet.run.version.assessment = sheet.assessment
        found = explain_run(sheet.run).indicators[row.id].trace
        trace = found.to_json() if found else None
    lang = screen_language()
    return {
        "chosen": row,
        "facts": sheet.filed_facts(row.spec),
        "trace": trace,
        "first_file": next((file for file in row.evidence if file.shows_inline), None),
        "wanted": [text.get(lang) for text in row.spec.evidence],
        "guidance": row.spec.guidance.get(lang),
        "source": row.spec.source.to_json() if row.spec.source else None,
        "basis_word": BASIS_LABELS[row.spec.basis].get(lang) if row.spec.basis in BASIS_LABELS else "",
        "comment_form": CommentForm(initial={"indicator": row.id}, prefix="one"),
        "may_comment": may_comment(request, sheet.assessment),
    }


def may_comment(request: HttpRequest, assessment: Assessment) -> bool:
    """Whether the reader may write a remark: a reviewing role, in an open round."""
    return acting(request).holds(*REVIEW_ROLES) and assessment.round.state == RoundState.OPEN


def shown_number(request: HttpRequest, name: str) -> int:
    """A number that the page carried in a hidden field; -1, which nothing has, where it is not one."""
    number = typed_id(request.POST.get(name, ""))
    return -1 if number is None else number
