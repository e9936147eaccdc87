"""The page of the outcome study of a closed round."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from assessments.access import get_round
from assessments.models import Round
from assessments.rounds.views import round_context
from assessments.seeing import outcome
from assessments.seeing.outcome import AnyLine, Study
from assessments.seeing.study import BANDWIDTH, DRAWS, LEAST, SEED
from assessments.seeing.targets import TargetLine, lines_of_targets
from assessments.seeing.views.files import picture_response
from banks.models import User
from banks.views.common import actor_of
from scorecard.audit.reading import record_reading
from scorecard.audit.services import record
from scorecard.charts.pictures import markup
from scorecard.charts.scatter import Dot, Limit, Scatter
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.exports import export_response
from scorecard.words.formats import rounded
from scorecard.words.language import in_language

LIST = "outcome study"
# So many dots are drawn; the estimate is of all.
DRAWN = 200
# Decimals in the file: totals have fewer, distances to a target any number.
DIGITS = 4


@require_GET
def round_outcome(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Did banks with a measure change otherwise in the year after than banks just on the other side of a line?"""
    actor = actor_of(request)
    round_ = get_round(actor, pk)
    rulebook = outcome.rulebook_of(round_)
    after = outcome.next_round(actor, round_) if round_.is_closed else None
    measures = outcome.measures_of(actor, round_) if after is not None else {}
    line = _chosen_line(request, rulebook)
    code = request.GET.get("measure", "")
    code = code if code in measures else next(iter(measures), "")
    study = (
        outcome.study_of(actor, round_, after, line, code) if after is not None and line is not None and code else None
    )
    kind = request.GET.get("_picture") or request.GET.get("_export") or ""
    if study is not None and line is not None and kind in ("svg", "png", "xlsx", "csv"):
        return _file(actor, round_, kind, study, line, rulebook)
    record_reading("assessments.list.read", actor=actor, name=LIST, target=round_)
    context: dict[str, Any] = round_context(request, round_) | {
        "after": after,
        "study": study,
        "lines": [(one.key, _line_words(rulebook, one), one == line) for one in _lines(rulebook)],
        "of_target": isinstance(line, TargetLine),
        "measures": [(name, _measure_words(rulebook, name), n, name == code) for name, n in measures.items()],
        "bandwidth": BANDWIDTH,
        "least": LEAST,
        "draws": DRAWS,
        "seed": SEED,
        "drawn": DRAWN,
    }
    if study is not None and line is not None:
        context |= {"finding": finding(study, line), "sides": list(sides(study))}
        if study.treated or study.others:
            picture = _picture(actor, study, line, rulebook)
            context["drawing"] = markup(picture.layout(), picture.finding)
    return render(request, "seeing/outcome.html", context)


def _lines(rulebook: Rulebook) -> list[AnyLine]:
    return [*outcome.lines_of(rulebook), *lines_of_targets(rulebook)]


def _chosen_line(request: HttpRequest, rulebook: Rulebook) -> AnyLine | None:
    asked = request.GET.get("line", "")
    return next((one for one in _lines(rulebook) if one.key == asked), outcome.default_line(rulebook))


def _line_words(rulebook: Rulebook, line: AnyLine) -> str:
    if isinstance(line, TargetLine):
        return _("target %(target)s just met") % {"target": in_language(rulebook.targets[line.target].short)}
    words = {"grade": in_language(rulebook.grade(line.grade).name), "at": f"{line.at:f}"}
    return _("%(grade)s from %(at)s points") % words


def _measure_words(rulebook: Rulebook, code: str) -> str:
    spec = rulebook.measures.get(code)
    return in_language(spec.name) if spec is not None else code


def finding(study: Study, line: AnyLine) -> str:
    """What the comparison says, or that it cannot say anything."""
    found = study.estimate
    if found.difference is None or found.low is None or found.high is None:
        counts = {"a": found.treated.banks, "b": found.others.banks, "least": LEAST}
        return (
            _("Too few to say: %(a)d banks with the measure, %(b)d beyond the line; each side needs %(least)d.")
            % counts
        )
    unit = _("%(n)s percentage points") if isinstance(line, TargetLine) else _("%(n)s points")
    words = {"low": _signed(found.low), "high": _signed(found.high), "d": unit % {"n": _signed(found.difference)}}
    if not found.tells:
        return _("No difference can be told: %(d)s (95%% interval from %(low)s to %(high)s).") % words
    if found.difference > 0:
        return _("Banks with the measure improved more, by %(d)s (95%% interval from %(low)s to %(high)s).") % words
    return _("Banks with the measure improved less, by %(d)s (95%% interval from %(low)s to %(high)s).") % words


def _signed(value: float | Decimal) -> str:
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return f"{rounded(exact, 2):+.2f}".replace("-", "−")


def sides(study: Study) -> Iterator[tuple[str, int, str, str]]:
    """Each side: words, banks, mean change, fitted change at the line."""
    for words, side in (
        (_("with the measure, its side of the line"), study.estimate.treated),
        (_("without it, the other side"), study.estimate.others),
    ):
        yield (
            words,
            side.banks,
            "—" if side.mean is None else _signed(side.mean),
            "—" if side.at_line is None else _signed(side.at_line),
        )


def _picture(actor: User, study: Study, line: AnyLine, rulebook: Rulebook) -> Scatter:
    across, up = _("distance of the total to the line (points)"), _("change of the total in the year after (points)")
    if isinstance(line, TargetLine):
        across = _("distance to the target (percentage points)")
        up = _("change of the distance in the year after (percentage points)")
        at = _line_words(rulebook, line)
    else:
        at = _("line at %(at)s points") % {"at": f"{line.at:f}"}
    dots = [
        Dot(
            float(one.distance),
            float(one.change),
            f"{case.bank_name} · {_signed(one.distance)} · {_signed(one.change)}",
            reverse("bank-dossier", args=[case.bank_id]),
        )
        for one, case in outcome.named(actor, outcome.drawn(study, DRAWN))
    ]
    return Scatter(
        finding=finding(study, line),
        across=across,
        up=up,
        ends=(-float(BANDWIDTH), float(BANDWIDTH), -40.0, 40.0),
        dots=dots,
        limits=[
            Limit(0.0, at, upright=True),
            Limit(0.0, _("no change")),
        ],
    )


def _file(actor: User, round_: Round, kind: str, study: Study, line: AnyLine, rulebook: Rulebook) -> HttpResponseBase:
    members = [*study.treated, *study.others]
    record(
        "assessments.list.exported",
        actor=actor,
        target=round_,
        data={"kind": kind, "rows": len(members), "list": LIST},
    )
    name = _("Outcome study of %(round)s") % {"round": round_.title}
    if kind in ("svg", "png"):
        picture = _picture(actor, study, line, rulebook)
        return picture_response(kind, name, picture.layout(), picture.finding, round_.title)
    head = [
        _("Bank"),
        _("Bank code"),
        _("Category"),
        _("Distance to the line"),
        _("With the measure"),
        _("Change in the year after"),
    ]
    rows = (
        [
            case.bank_name,
            case.bank.code,
            case.category_words,
            rounded(one.distance, DIGITS),
            pgettext("measure", "yes") if one.measured else pgettext("measure", "no"),
            rounded(one.change, DIGITS),
        ]
        for one, case in outcome.named(actor, members)
    )
    return export_response(kind, name, head, rows)
