"""What a notice says, in both languages, as plain data. Pages draw it; nothing here writes."""

import hashlib
from collections.abc import Mapping
from datetime import UTC
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from assessments.decisions.measures import is_required
from assessments.decisions.unfiled import rated_outcome, unfiled_rule
from assessments.models import Assessment, Measure, MeasureState, Notice, Rating, ScoreRun
from assessments.scoring.differences import sides
from assessments.scoring.runs import NotReproduced, explain_run
from assessments.scoring.same_items import same_items
from scorecard.audit.services import canonical
from scorecard.engine import show_pair
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.numbers import plain
from scorecard.engine.values.rational import Fraction
from scorecard.words.language import in_both

Json = dict[str, Any]


def letter(rating: Rating, rulebook: Rulebook) -> Json:
    """Everything that the letter says, in both languages, as plain data; also the preview before it is sent."""
    here, run = rating.assessment, rating.run
    outcome, filed = rated_outcome(rating), run is not None
    grades = {grade.id: grade.name.to_json() for grade in rulebook.grades}
    return {
        "bank": {
            "code": here.bank.code,
            "zh": here.bank.name_zh,
            "en": here.bank.name_en or here.bank.name_zh,
            "scope": _scope_words(here),
        },
        "round": {
            "code": here.round.code,
            "year": here.round.year,
            "zh": here.round.title_zh,
            "en": here.round.title_en or here.round.title_zh,
        },
        "rulebook": {
            "code": rulebook.code,
            "version": rulebook.version,
            "hash": rulebook.hash,
            "title": rulebook.title.to_json(),
            "basis": rulebook.basis,
            "instrument": _instrument(rulebook),
            "documents": [document.cite.to_json() for document in rulebook.documents.values()],
        },
        **(_filed_words(rating, run, outcome) if run is not None else {"version": None, "run": None, "points": None}),
        "unfiled": None if filed else _unfiled_words(rulebook),
        "sections": _section_words(rulebook, outcome) if filed else [],
        "items": _item_words(rulebook, outcome, run) if run is not None else [],
        "grade": {
            "before": grades[rating.grade_before],
            "proposed": grades[rating.grade_proposed],
            "decided": grades[rating.grade] if rating.grade else None,
            "lowered": bool(rating.grade) and rating.grade != rating.grade_proposed,
            "source": source.to_json() if (source := rulebook.grade(rating.grade_before).source) else None,
            "basis": rulebook.grade(rating.grade_before).basis,
            "caps": [
                {**cap, "from": grades.get(cap["from"], cap["from"]), "to": grades.get(cap["to"], cap["to"])}
                for cap in outcome["grade"]["applied"]
                if filed
            ],
        },
        "targets": [
            target_words(rulebook, name, found) for name, found in outcome["targets"].items() if run is not None
        ],
        "adjustment": _adjustment_words(rating, outcome),
        "measures": [
            measure_words(measure)
            for measure in sorted(rating.measures.all(), key=attrgetter("pk"))
            if measure.state in (MeasureState.ACCEPTED, MeasureState.CHANGED)
        ],
        "declined": _declined_words(rating),
        "reason": rating.reason,
        "decided_at": rating.decided_at.isoformat() if rating.decided_at else "",
        "basis": _bases(outcome),
    }


def notice_digest(notice: Notice) -> str:
    """What stands on a letter beside its number: SHA-256 over all that it says, frozen when it was sent."""
    told = {
        "number": notice.number,
        "body": notice.body,
        "issued_at": notice.issued_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "appeal_until": notice.appeal_until.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _scope_words(here: Assessment) -> Json:
    """What the bank's figures cover, in both languages."""
    return in_both(lambda: here.scope_words)


def _filed_words(rating: Rating, run: ScoreRun, outcome: Mapping[str, Any]) -> Json:
    """What only a bank has that filed: the version that was assessed, its run, and points."""
    version = run.version
    return {
        "version": {
            "number": version.number,
            "digest": version.digest,
            "submitted_at": version.submitted_at.isoformat(),
        },
        "run": {"key": run.key, "engine": run.engine_version},
        "points": {"total": rating.points, "max": outcome["max"], **_own_score(version.self_total, outcome)},
    }


def _unfiled_words(rulebook: Rulebook) -> Json | None:
    """The rule by which a bank is rated that filed nothing, with its basis: it may not be the supervisor's own."""
    rule = unfiled_rule(rulebook)
    if rule is None:
        return None
    return {
        "name": rule.name.to_json(),
        "because": rule.because.to_json(),
        "source": rule.source.to_json() if rule.source else None,
        "basis": rule.basis,
    }


def _own_score(self_total: str, outcome: Mapping[str, Any]) -> Json:
    """The bank's own score with the points of the same items; it scores a part of the items alone."""
    same = same_items(outcome)
    if not self_total or same is None:
        return {"self": self_total}
    return {"self": self_total, "self_max": plain(same.top), "same": plain(same.points)}


def _instrument(rulebook: Rulebook) -> Json | None:
    """The document under which the whole assessment is carried out, as a letter cites it."""
    document = rulebook.documents.get(rulebook.instrument)
    return document.cite.to_json() if document else None


def annex(body: Json) -> list[Json]:
    """Every rule that a letter cites or takes points from, with where it was read and on what basis.

    The letter itself names the instrument alone: it cannot stand on a report that was published later. Worked out of
    the frozen body, so that letters sent before annexes were drawn have one too. Where rules that follow one another
    were read in one place, the first says it for all: ``span`` is their number, 0 for the others.
    """
    grade, rows = body["grade"], []
    if unfiled := body.get("unfiled"):
        rows.append({"name": unfiled["name"], "source": unfiled["source"], "basis": unfiled["basis"]})
    for section in body["sections"]:
        rows.append({"name": section["name"], "source": section.get("source"), "basis": section["basis"]})
    if not unfiled:
        rows.append({"name": grade["before"], "source": grade.get("source"), "basis": grade["basis"]})
    for target in body["targets"]:
        rows.append({"name": target["short"], "source": target["source"], "basis": target["basis"]})
    for cap in grade["caps"]:
        rows.append({"name": cap["because"], "source": cap["source"], "basis": cap["basis"]})
    if adjustment := body["adjustment"]:
        rows.append({"name": adjustment["label"], "source": adjustment["source"], "basis": adjustment["basis"]})
    for measure in (*body["measures"], *body.get("declined", ())):
        rows.append({"name": measure["label"], "source": measure["source"], "basis": measure["basis"]})
    for _source, alike in groupby(rows, key=itemgetter("source")):
        first, *others = alike
        first["span"] = 1 + len(others)
        for row in others:
            row["span"] = 0
    return rows


def _declined_words(rating: Rating) -> list[Json]:
    """What a clause requires is not dropped in silence: the letter names it, with the reason."""
    every = sorted(rating.measures.all(), key=attrgetter("pk"))
    declined = [measure for measure in every if measure.state == MeasureState.DECLINED]
    return [measure_words(measure) for measure in declined if is_required(measure.proposal)]


def _section_words(rulebook: Rulebook, outcome: Mapping[str, Any]) -> list[Json]:
    return [
        {
            "id": section.id,
            "name": section.name.to_json(),
            "points": outcome["sections"][section.id]["points"],
            "max": outcome["sections"][section.id]["max"],
            "source": section.source.to_json() if section.source else None,
            "basis": section.basis,
        }
        for section in rulebook.top_sections
    ]


def _item_words(rulebook: Rulebook, outcome: Mapping[str, Any], run: ScoreRun) -> list[Json]:
    """Each indicator with its points and what would have brought more, as the page of the result says it.

    A run that this engine does not give again has its points alone.
    """
    try:
        explained = explain_run(run).indicators
    except NotReproduced:
        explained = {}
    found = []
    for name, told in outcome["indicators"].items():
        spec = rulebook.indicators[name]
        more = explained[name].improve if name in explained else ()
        found.append(
            {
                "id": name,
                "name": spec.name.to_json(),
                "points": told["points"],
                "max": told["max"],
                "basis": spec.basis,
                "more": [step.text.to_json() for step in more],
            }
        )
    return found


def target_words(rulebook: Rulebook, name: str, found: Mapping[str, Any]) -> Json:
    """One target with both sides as they are printed: two sides that differ are never printed alike."""
    spec = rulebook.targets[name]
    data: Json = {
        "id": name,
        "name": spec.name.to_json(),
        "short": spec.short.to_json(),
        "unit": found["unit"],
        "op": found["op"],
        "state": found["state"],
        "counts_as_missed": found["counts_as_missed"],
        "reason": found["reason"],
        "left": "",
        "right": "",
        "margin": "",
        "source": found["source"],
        "basis": found["basis"],
    }
    if found["left"] is not None and found["right"] is not None:
        left, right = Fraction(found["left"]), Fraction(found["right"])
        data["left"], data["right"] = sides(left, right, found["unit"])
        places = len(data["left"].partition(".")[2])
        scale = 100 if found["unit"] == "%" else 1
        data["margin"] = show_pair((left - right) * scale, 0, places, grouping=True)[0]
    return data


def measure_words(measure: Measure) -> Json:
    """One measure as decided, in both languages, with the clause that proposed it."""
    proposal = measure.proposal
    listed = proposal.get("options") or {}
    return {
        "code": measure.code,
        "tool": measure.tool,
        "state": str(measure.state),
        "label": proposal["label"],
        "because": proposal["because"],
        # An option that only repeats the measure's own name is not said twice.
        "options": [
            listed[option]
            for option in measure.options
            if option in listed and listed[option]["zh"] != proposal["label"]["zh"]
        ],
        "content": measure.content,
        "reason": measure.reason,
        "source": proposal.get("source"),
        "basis": proposal.get("basis", ""),
        "needs_filing": bool(proposal.get("needs_filing")),
    }


def _adjustment_words(rating: Rating, outcome: Mapping[str, Any]) -> Json | None:
    found = outcome["adjustment"]
    if not found:
        return None
    return {**found, "proposed": found["points"], "points": rating.adjustment or found["points"]}


def _bases(outcome: Mapping[str, Any]) -> list[str]:
    """The kinds of basis that the outcome depends on; a letter that depends on reconstructed numbers says so."""
    found = {item["basis"] for item in outcome["targets"].values()}
    found |= {cap["basis"] for cap in outcome["grade"]["applied"]}
    found |= {item["basis"] for item in outcome["measures"]}
    if outcome["adjustment"]:
        found.add(outcome["adjustment"]["basis"])
    return sorted(item for item in found if item)
