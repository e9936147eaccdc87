"""A notice on paper (评价结果通知书): the words of the page, set as an official letter.

Always Chinese: the Chinese text is the notice. Everything comes from the frozen body, so that a later change of names
or rules changes no letter.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from assessments.decisions.letters import annex, notice_digest
from assessments.letters.frame import official, signature
from assessments.models import Notice
from assessments.rounds.working_days import objection_words
from scorecard.documents.model import Annex, Block, Document, Heading, Paragraph, Table
from scorecard.words.formats import BASES, moment, show, unit_after, unit_name
from scorecard.words.language import in_language
from scorecard.words.sources import clause, provenance

Json = dict[str, Any]


def notice_document(notice: Notice) -> Document:
    """The letter as it was sent."""
    with override("zh-hans"):
        body = notice.body
        year = {"year": body["round"]["year"]}
        if body.get("replaces"):
            title = _(
                "Corrected notice of the result of the %(year)s assessment of financial services to small and micro "
                "enterprises"
            )
        else:
            title = _(
                "Notice of the result of the %(year)s assessment of financial services to small and micro enterprises"
            )
        blocks = [*_letter(notice, body), *_annexes(body)]
        return official(title % year, notice.number, notice.issued_at, body, notice_digest(notice), blocks)


def _letter(notice: Notice, body: Json) -> Iterator[Block]:
    scope = _("(%(scope)s)") % {"scope": in_language(body["bank"]["scope"])} if body["bank"].get("scope") else ""
    yield Paragraph(f"{in_language(body['bank'])}{scope}{pgettext('letter', ':')}", "flush")
    if body.get("replaces"):
        words = _("This notice replaces notice %(number)s of %(at)s, which no longer holds.")
        at = moment(parse_datetime(body["replaces"]["issued_at"]))
        yield Paragraph(words % {"number": body["replaces"]["number"], "at": at})
    yield Paragraph(_opening(body))
    yield from _points(body)
    yield from _targets(body)
    yield from _grade(body)
    yield Heading(_("4. Adjustment of the supervisory rating"))
    yield Paragraph(_adjustment(body["adjustment"]))
    yield from _measures(body)
    yield Heading(_("6. Objection"))
    yield Paragraph(
        objection_words(notice.appeal_until)
        + _(
            "It is written on the page “Objection” of this system, with grounds and documents, and signed by the "
            "signatory."
        )
        + _("Confirming the receipt of this notice does not give up that right.")
    )
    names = [_("Where the rules of this notice were read")]
    if body.get("items"):
        names.append(_("Points by indicator, and what would have brought more"))
    yield Paragraph(
        _("Annexes: %(names)s") % {"names": "\n".join(f"{place}. {name}" for place, name in enumerate(names, start=1))}
    )
    yield signature(body, notice.issued_at)


def _opening(body: Json) -> str:
    year = body["round"]["year"]
    if body.get("unfiled"):
        return _(
            "Within the time given your bank submitted nothing for the assessment of its financial services to small "
            "and micro enterprises in %(year)s. You are hereby notified of the result."
        ) % {"year": year}
    version = body["version"]
    words = {"year": year, "number": version["number"], "at": moment(parse_datetime(version["submitted_at"]))}
    if instrument := body["rulebook"]["instrument"]:
        return _(
            "Under %(instrument)s your bank's financial services to small and micro enterprises in %(year)s have been "
            "assessed on version %(number)s of your filing, submitted on %(at)s. You are hereby notified of the result."
        ) % (words | {"instrument": in_language(instrument)})
    book = {"rulebook": in_language(body["rulebook"]["title"]), "version": body["rulebook"]["version"]}
    return _(
        "Under the rulebook “%(rulebook)s” (version %(version)s) your bank's financial services to small and micro "
        "enterprises in %(year)s have been assessed on version %(number)s of your filing, submitted on %(at)s. You are "
        "hereby notified of the result."
    ) % (words | book)


def _bare(value: Any, *, sign: bool = False) -> str:
    written = show(value, "", None if sign else 2, sign=sign)
    return written.text if written is not None else "—"


def _points(body: Json) -> Iterator[Block]:
    yield Heading(_("1. Points"))
    if body.get("unfiled"):
        yield Paragraph(_("None: nothing was submitted."))
        return
    points = body["points"]
    words = _("Your bank reaches %(total)s points of %(max)s.") % {
        "total": _bare(points["total"]),
        "max": points["max"],
    }
    if points.get("same"):
        words += _(
            "It scored itself on items of %(top)s points and gave itself %(own)s; the same items have %(same)s points "
            "here."
        ) % {"top": points["self_max"], "own": _bare(points["self"]), "same": _bare(points["same"])}
    elif points.get("self"):
        words += _("Its own score was %(own)s points.") % {"own": _bare(points["self"])}
    yield Paragraph(words)
    rows = [(in_language(one["name"]), _bare(one["points"]), str(one["max"])) for one in body["sections"]]
    rows.append((_("Total"), _bare(points["total"]), str(points["max"])))
    yield Table((pgettext("rulebook", "Section"), _("Points"), _("Maximum")), rows, (4, 1, 1), figures=(1, 2))


def _targets(body: Json) -> Iterator[Block]:
    yield Heading(_("2. Targets"))
    if body.get("unfiled"):
        yield Paragraph(_("Not known: nothing was submitted."))
        return
    rows = []
    for target in body["targets"]:
        unit = unit_after(target["unit"])
        gap = unit_name("pp") if target["unit"] == "%" else unit
        name = "\n".join(filter(None, (in_language(target["name"]), clause(target["source"]))))
        if not target["left"]:
            name += f"\n{in_language(target['reason'])}"
        figures = [f"{target[side]} {unit}" if target[side] else "—" for side in ("left", "right")]
        margin = f"{target['margin']} {gap}" if target["margin"] else "—"
        rows.append((name, *figures, margin, _outcome(target)))
    head = (_("Target"), _("Actual"), _("Required"), _("Margin"), _("Outcome"))
    yield Table(head, rows, (3, 1.5, 1.5, 1.9, 1.1), figures=(1, 2, 3))


def _outcome(target: Json) -> str:
    if target["counts_as_missed"]:
        return _("missed")
    words = {"met": _("met"), "not_applicable": _("not applicable")}
    return words.get(target["state"], _("not known"))


def _marked(words: str, basis: str) -> str:
    """Words with the basis of what they rest on, where it is not the supervisor's own."""
    return f"{words}（{BASES[basis].word}）" if basis and basis != "sourced" else words


def _grade(body: Json) -> Iterator[Block]:
    grade = body["grade"]
    yield Heading(_("3. Grade"))
    if unfiled := body.get("unfiled"):
        yield Paragraph(_marked(f"{in_language(unfiled['because'])}{clause(unfiled['source'])}", unfiled["basis"]))
    else:
        yield Paragraph(_("By its points the grade would be %(grade)s.") % {"grade": in_language(grade["before"])})
    for cap in grade["caps"]:
        words = _("Under %(clause)s the grade is limited from %(before)s to %(after)s.")
        known = {
            "clause": clause(cap["source"]),
            "before": in_language(cap["from"]),
            "after": in_language(cap["to"]),
        }
        yield Paragraph(in_language(cap["because"]) + words % known)
    decided = _("The grade decided is %(grade)s.") % {"grade": in_language(grade["decided"])}
    if grade["lowered"]:
        decided += _("It is lower than the %(proposed)s that the rules give; the reason stands below.") % {
            "proposed": in_language(grade["proposed"])
        }
    yield Paragraph(decided)
    yield Paragraph(f"{_('Reason of the decision')}{_(': ')}{body['reason']}")


def _adjustment(found: Json | None) -> str:
    if not found:
        return _("No clause adjusts the supervisory rating.")
    change = _("%(change)s points.") % {"change": _bare(found["points"], sign=True)}
    return f"{in_language(found['label'])}{_(': ')}{change}{in_language(found['because'])}{clause(found['source'])}"


def _measures(body: Json) -> Iterator[Block]:
    yield Heading(_("5. Measures"))
    if not body["measures"]:
        yield Paragraph(_("No measure is taken."))
    for place, measure in enumerate(body["measures"], start=1):
        name = in_language(measure["label"])
        if measure["options"]:
            name += _(": ") + _("; ").join(in_language(option) for option in measure["options"])
        lines = [f"{place}. {name}{pgettext('letter', '.')}{measure['content']}"]
        lines.append(f"{_('Reason')}{_(': ')}{measure['reason']}")
        if measure["needs_filing"]:
            lines.append(_("Your bank files its proposal with the supervisor before it acts on it."))
        yield Paragraph("\n".join(filter(None, (*lines, clause(measure["source"])))))
    if declined := body.get("declined"):
        yield Paragraph(_("Measures that a clause requires and that are not taken here:"))
        for measure in declined:
            words = f"{in_language(measure['label'])}{_(': ')}{measure['reason']}"
            yield Paragraph(f"{words}{clause(measure['source'])}")


def _annexes(body: Json) -> Iterator[Block]:
    book = {"rulebook": in_language(body["rulebook"]["title"]), "version": body["rulebook"]["version"]}
    words = _("The points were worked out by “%(rulebook)s” (version %(version)s).") % book
    basis = body["rulebook"]["basis"]
    if basis and basis != "sourced":
        words = _marked(words, basis) + _(
            "Points, weights and grade bands of this rulebook that are marked as reconstructed or proposed are not the "
            "supervisor's own published figures."
        )
    yield Annex(_("Annex %(number)d") % {"number": 1}, _("Where the rules of this notice were read"))
    yield Paragraph(words)
    rows = [
        (in_language(row["name"]), provenance(row["source"]), str(BASES[row["basis"]].word) if row["basis"] else "")
        for row in annex(body)
    ]
    head = (pgettext("letter", "Rule"), _("Carried out under, and read in"), _("Basis"))
    yield Table(head, rows, (2.4, 4.6, 1.2))
    yield from record_of(body)
    if items := body.get("items"):
        yield Annex(_("Annex %(number)d") % {"number": 2}, _("Points by indicator, and what would have brought more"))
        yield Table(
            (_("Indicator"), _("Points"), _("Maximum"), _("What would have brought more")),
            [
                (
                    f"{one['id']} {in_language(one['name'])}",
                    _bare(one["points"]) if one["points"] not in (None, "") else "—",
                    _marked(str(one["max"]), one["basis"]),
                    "\n".join(in_language(more) for more in one["more"]) or "—",
                )
                for one in items
            ],
            (2.6, 0.9, 1.8, 3.8),
            figures=(1,),
        )


def record_of(body: Json) -> Iterator[Block]:
    """What ties the letter to the filing, the rulebook, the score and the trail."""
    rows = []
    if version := body.get("version"):
        name = _("version %(number)s") % {"number": version["number"]}
        rows.append((f"{_('Filing')} {name}", version["digest"]))
    if book := body.get("rulebook"):
        rows.append((f"{_('Rulebook')} {book['code']}/{book['version']}", book["hash"]))
    if run := body.get("run"):
        rows.append((_("Score run"), run["key"]))
    if trail := body.get("trail"):
        rows.append((_("Audit trail up to event %(seq)s") % {"seq": trail["seq"]}, trail["hash"]))
        if known := trail.get("checkpoint"):
            rows.append((_("Checkpoint %(size)s of the trail") % {"size": known["size"]}, known["root"]))
    yield Table((_("Record"), "SHA-256"), rows, (2.4, 5.8), codes=(1,))
