"""The pages of an archive: plain HTML that needs nothing beside it, one page for each case and an index."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.archives.contents import given
from assessments.measures.table import BY_NOTICE, TABLE
from assessments.models import (
    Assessment,
    Evidence,
    FilingVersion,
    LiveMeasure,
    Notice,
    Objection,
    ObligationFiling,
    Rating,
    ScoreRun,
    StepRecord,
)
from assessments.workflow import TRANSITIONS
from scorecard.words.language import in_language

STYLE = SafeString(
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.5}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}pre{white-space:pre-wrap;background:#f4f4f4;padding:.5rem}"
)


def page(title: str, body: Iterable[SafeString], language: str) -> str:
    """A whole page."""
    inside = SafeString("").join(body)
    return format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title><style>{}</style></head>'
        "<body><h1>{}</h1>{}</body></html>\n",
        language, title, STYLE, title, inside,
    )  # fmt: skip


def table(head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> SafeString:
    """A table of texts; cells that are HTML already stay it."""
    heads = format_html_join("", "<th>{}</th>", ((cell,) for cell in head))
    lines = format_html_join(
        "", "<tr>{}</tr>", ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows)
    )
    return format_html("<table><tr>{}</tr>{}</table>", heads, lines)


def section(title: Any, inside: SafeString) -> SafeString:
    """A part of a page under its head."""
    return format_html("<h2>{}</h2>{}", title, inside)


def _at(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else "—"


def _written(value: Any) -> SafeString:
    """Structured content as text that can be read: names and values, line by line."""
    return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=1, default=str))


def index_page(title: str, cases: Iterable[tuple[str, Assessment]], files: Mapping[str, int], language: str) -> str:
    """The first page: every case, every table, and how the archive is checked."""
    rows = (
        (
            format_html('<a href="{}">{}</a>', name, case.round),
            case.bank.code,
            case.bank,
            case.get_filing_state_display(),
            case.get_review_state_display(),
        )
        for name, case in cases
    )
    data = ((format_html('<a href="{}">{}</a>', name, name), count) for name, count in files.items())
    checked = _(
        "Every file's SHA-256 stands in manifest.json. python3 check_archive.py --keys KEYS holds the files against it "
        "and each event of trail/receipts.jsonl against the signed checkpoint; KEYS holds the public keys that the "
        "authority publishes."
    )
    return page(
        title,
        [
            section(_("Cases"), table([_("Round"), _("Bank code"), _("Bank"), _("Filing"), _("Review")], rows)),
            section(_("Tables"), table([_("File"), _("Rows")], data)),
            section(_("How to check this archive"), format_html("<p>{}</p>", checked)),
        ],
        language,
    )


def case_page(case: Assessment, evidence: Iterable[tuple[str, Evidence]], language: str) -> str:
    """One case, from what was filed to the letter and what was objected."""
    versions = FilingVersion.objects.filter(assessment=case).order_by("number").select_related("signed_by")
    runs = ScoreRun.objects.filter(assessment=case).order_by("pk")
    ratings = Rating.objects.filter(assessment=case).order_by("pk").select_related("decided_by")
    notices = Notice.objects.filter(rating__assessment=case).order_by("pk").select_related("issued_by")
    objections = given(Objection).filter(notice__rating__assessment=case).order_by("pk")
    measures = LiveMeasure.objects.filter(assessment=case).order_by("pk").select_related("measure")
    steps = StepRecord.objects.filter(assessment=case).order_by("pk").select_related("actor")
    parts = [
        section(
            _("Steps"),
            table(
                [_("Time"), _("Step"), _("Person"), _("Reason")],
                ((_at(one.at), _title(one.transition), one.actor, one.reason) for one in steps),
            ),
        ),
        *(
            section(
                _("Version %(number)s") % {"number": one.number},
                format_html(
                    "<p>{} · {} · SHA-256 {}</p>{}{}", _at(one.submitted_at), one.signed_by, one.digest,
                    _written(one.facts), _written(one.answers),
                ),
            )
            for one in versions
        ),
        section(
            _("Evidence"),
            table(
                [_("File"), _("Indicator"), _("Bytes"), "SHA-256"],
                ((format_html('<a href="../{}">{}</a>', name, one.name), one.indicator, one.size, one.sha256)
                 for name, one in evidence),
            ),
        ),
        section(
            _("Scores"),
            table(
                [_("Time"), _("Kind"), _("Points"), _("Grade"), _("Targets"), _("Rulebook")],
                ((_at(one.created_at), one.get_kind_display(), one.total, one.grade, one.targets, one.rulebook_hash)
                 for one in runs),
            ),
        ),
        section(
            _("Decisions"),
            table(
                [_("Time"), _("Points"), _("Grade"), _("Reason"), _("Person")],
                ((_at(one.decided_at), one.points, one.grade, one.reason, one.decided_by) for one in ratings),
            ),
        ),
        *(section(f"{_('Notice')} {one.number}", format_html("<p>{} · {}</p>{}", _at(one.issued_at), one.issued_by,
                                                             _written(one.body))) for one in notices),
        *(section(f"{_('Objection')} {one.number}", format_html("<p>{}</p><p>{} {}</p>", one.statement, one.outcome,
                                                                one.reason)) for one in objections),
        *(_measure(one) for one in measures),
    ]  # fmt: skip
    return page(f"{case.bank} · {case.round}", parts, language)


def _measure(live: LiveMeasure) -> SafeString:
    """A measure of the register: its days, what the bank filed, and its steps."""
    name = in_language(live.measure.proposal.get("label")) or live.measure.code
    filings = given(ObligationFiling).filter(obligation__live=live).select_related("obligation", "filed_by")
    days = ((_("Due day"), live.due_on or "—"), (_("Binds until"), live.ends_on or "—"))
    filed = (
        (
            one.obligation.get_kind_display(),
            _at(one.filed_at),
            one.filed_by,
            one.text,
            one.get_outcome_display(),
            one.reason,
        )
        for one in filings.order_by("filed_at")
    )
    steps = (
        (_at(one.at), _measure_title(one.name), one.actor, one.reason) for one in live.steps.select_related("actor")
    )
    return section(
        f"{_('Measure')} {name} · {live.get_state_display()}",
        format_html(
            "{}{}{}", table([], days),
            table([_("Kind"), _("Filed at"), _("Person"), _("Content"), _("Outcome"), _("Reason")], filed),
            table([_("Time"), _("Step"), _("Person"), _("Reason")], steps),
        ),
    )  # fmt: skip


def _measure_title(name: str) -> str:
    return str(TABLE[name].title if name in TABLE else BY_NOTICE.get(name, name))


def _title(name: str) -> str:
    return str(TRANSITIONS[name].title) if name in TRANSITIONS else name
