"""A circular (通报) on paper, and a bank's copy of it. Always Chinese."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from assessments.letters.frame import official, signature
from assessments.models import Circular, CircularCopy, period_title
from assessments.readings.present import outcome_words, percent_words
from scorecard.documents.model import Block, Document, Heading, Paragraph, Table
from scorecard.words.formats import unit_after
from scorecard.words.language import in_language

Json = dict[str, Any]


def circular_document(letter: Circular | CircularCopy) -> Document:
    """The letter as it was issued: the office's with all rows, a copy with the bank's own."""
    with override("zh-hans"):
        body = letter.body
        period = period_title(body["period"]["year"], body["period"]["month"], body["period"]["kind"])
        title = _("Circular on the targets and the separate credit plans, %(period)s") % {"period": period}
        blocks = [*_blocks(body), signature(body, letter.issued_at)]
        return official(title, letter.number, letter.issued_at, body, letter.digest, blocks)


def _blocks(body: Json) -> Iterator[Block]:
    to = in_language(body["bank"]) if "bank" in body else _("All banks concerned")
    yield Paragraph(f"{to}{pgettext('letter', ':')}", "flush")
    ends = date.fromisoformat(body["period"]["ends"])
    words = _("How the targets and the separate credit plans stand on %(day)s is made known as follows.")
    yield Paragraph(words % {"day": f"{ends.year}年{ends.month}月{ends.day}日"})
    if body["text"]:
        yield Paragraph(body["text"])
    if body["city"]:
        yield Heading(_("The city"))
        rows = [
            (
                in_language(one["name"]),
                *_sides(one),
                outcome_words("missed" if one["counts_as_missed"] else one["state"]),
            )
            for one in body["city"]
        ]
        yield Table((_("Target"), _("Actual"), _("Required"), _("Outcome")), rows, (4.2, 1.4, 1.4, 1), figures=(1, 2))
    if counts := body["counts"]:
        met = "，".join(
            _("%(target)s %(count)d") % {"target": in_language(one["short"]), "count": counts["met"][one["id"]]}
            for one in body["targets"]
        )
        words = _("Of %(banks)d banks %(filed)d have filed; of these meet: %(met)s.")
        yield Paragraph(words % {"banks": counts["banks"], "filed": counts["filed"], "met": met})
    yield Heading(_("Your bank") if "bank" in body else _("The banks"))
    head = (_("Bank"), *(in_language(one["short"]) for one in body["targets"]), _("Credit plan"))
    lines = [
        (
            in_language(row["bank"]),
            *(outcome_words(row["targets"][one["id"]]) for one in body["targets"]),
            percent_words(row["plan"]) or "—",
        )
        for row in body["rows"]
    ]
    yield Table(head, lines, (3, *(1.3 for _one in body["targets"]), 1.6), figures=(len(head) - 1,))


def _sides(one: Json) -> tuple[str, str]:
    unit = unit_after(one["unit"])
    left, right = (f"{one[side]} {unit}" if one[side] else "—" for side in ("left", "right"))
    return left, right
