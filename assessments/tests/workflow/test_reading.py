"""What a bank may read of the supervisors' work: a marker in every field that a supervisor writes, looked for on every
page and in every export that the bank's people can open.
"""

import inspect
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from pypdf import PdfReader

from assessments import workflow
from assessments.decisions.measures import decide_measure
from assessments.models import Assessment, Measure
from assessments.reviews.services.comments import write_comment
from assessments.reviews.services.facts import set_supervisor_facts
from assessments.reviews.services.officers import reassign_officer
from assessments.reviews.services.points import set_points
from assessments.reviews.services.targets import decide_targets
from assessments.tests.reviews.world import World, build
from assessments.workflow.payloads import DecisionPayload
from assessments.workflow.step import BankReads
from banks.models import User
from scorecard.access.policy import url_policy
from scorecard.access.roles import BANK_ROLES
from scorecard.tables import FilteredListView

pytestmark = pytest.mark.django_db

# Each marker is one word that stands nowhere else.
INTERNAL = {
    "accept": "MARKACCEPT",
    "points": "MARKPOINTS",
    "figures": "MARKFIGURES",
    "remark": "MARKREMARK",
    "officer": "MARKOFFICER",
    "pass_to_second": "MARKPASS",
    "send_back_to_officer": "MARKBACK",
    "confirm": "MARKCONFIRM",
    "send_back_undecided": "MARKUNDECIDED",
    "issue_notice": "MARKISSUE",
    "declined": "MARKDECLINED",
}
TOLD = {
    "target": "MARKTARGET",
    "decide": "MARKDECIDE",
    "measure": "MARKMEASURE",
    "content": "MARKCONTENT",
    "required": "MARKREQUIREDONE",
}
ANSWER = "MARKFORBANK"


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif pattern.name:
            yield f"{prefix}{pattern.name}", tuple(pattern.pattern.converters)


def _addresses(assessment: Assessment) -> list[str]:
    """Every address that a bank's people may open, with each number that could be meant by its parameters."""
    person = User.objects.filter(bank=assessment.bank_id).first()
    assert person is not None and assessment.version is not None
    numbers = {assessment.pk, assessment.bank_id, assessment.round_id, assessment.round.rulebook_id, person.pk, 1}
    words = {"page": "A", "indicator": "A1", "period": str(assessment.round.year), "number": 1}
    policy, found = url_policy(), []
    for name, parameters in _names(get_resolver().url_patterns):
        if name not in policy or not policy[name].admits(BANK_ROLES) or "logout" in name:
            continue
        for number in numbers if parameters else {0}:
            for fact in ("fee_violations", "returns") if "fact" in parameters else ("",):
                values = {key: words.get(key, fact if key == "fact" else number) for key in parameters}
                if "name" in values:
                    values["name"] = "pass_to_reviewer"
                try:
                    found.append(reverse(name, kwargs=values))
                except NoReverseMatch:
                    continue
    return found


def _read(content: bytes) -> str:
    if content.startswith(b"%PDF"):  # its bytes are compressed: they hide a marker, and may hold a number by chance
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return content.decode("utf-8", "replace")


def _text(response: Any) -> str:
    return _read(b"".join(response.streaming_content) if response.streaming else response.content)


def _gives_files(response: Any) -> bool:
    """Whether the view of an answer reads ``_export``: another one would give the same page once more. Each list does,
    and a view of its own that names the parameter.
    """
    view = response.resolver_match.func
    kind = getattr(view, "view_class", None)
    if kind is not None and issubclass(kind, FilteredListView):
        return True
    try:
        return "_export" in inspect.getsource(inspect.unwrap(view) if kind is None else kind)
    except TypeError:  # no function: nothing says that it does not
        return True


def _seen(assessment: Assessment, markers: dict[str, str]) -> set[str]:
    """The fields whose marker some person of the bank finds somewhere, with where.

    A marker that is a number of points is no part of a longer number: ``86.8`` is not in a time that ends in
    ``16.868123`` or in a length of ``186.8pt``.
    """
    alone = r"(?<![\d.]){}(?!\d)"
    signs = {
        field: re.compile(alone.format(re.escape(marker)) if marker[0].isdigit() else marker)
        for field, marker in markers.items()
    }
    found = set()
    people = User.objects.filter(bank=assessment.bank_id)
    for person in people:
        client = Client()
        client.force_login(person)
        client.raise_request_exception = False
        for url in _addresses(assessment):
            response = client.get(url)
            texts = {url: _text(response)}
            # What is closed to a person is closed as a file too.
            if response.status_code == 200 and (_gives_files(response) or "_export=" in texts[url]):
                files = [f"{url}?_export={kind}" for kind in ("csv", "xlsx")]
                texts |= {file: _text(client.get(file)) for file in files}
            found |= {
                f"{field}: {place}"
                for place, text in texts.items()
                for field, sign in signs.items()
                if sign.search(text)
            }
    return found


def _write_everything(world: World) -> Assessment:
    """A case to its decision, with a marker in every field on the way."""
    assessment = world.submitted("B001", sme_hh_end="4499", applied="0", approved="0")
    pk = assessment.pk
    step: dict[str, Any] = {"assessment_id": pk}
    workflow.perform("accept", actor=world.officer, reason=INTERNAL["accept"], **step)
    world.give_facts(assessment)
    values, seen = {"fee_violations": "1"}, {"fee_violations": 1}
    set_supervisor_facts(
        actor=world.officer, assessment_id=pk, version=1, values=values, seen=seen, note=INTERNAL["figures"]
    )
    world.agree(world.again(assessment), A1=("3", INTERNAL["points"]), G4=("3", INTERNAL["points"]))
    decided = {"T3": ("met", TOLD["target"])}
    decide_targets(actor=world.officer, assessment_id=pk, version=1, decisions=decided, seen={})
    write_comment(actor=world.officer, assessment_id=pk, text=INTERNAL["remark"], indicator="A1")
    write_comment(actor=world.officer, assessment_id=pk, text=ANSWER, indicator="A1", for_bank=True)
    for new, old in ((world.officer_2, world.officer), (world.officer, world.officer_2)):
        reassign_officer(
            actor=old, assessment_id=pk, officer_id=new.pk, seen_officer=old.pk, reason=INTERNAL["officer"]
        )
    back = {"A1": 1}
    for name, actor in (("send_back_to_officer", world.second), ("send_back_undecided", world.decider)):
        workflow.perform("pass_to_second", actor=world.officer, reason=INTERNAL["pass_to_second"], **step)
        if name == "send_back_undecided":
            workflow.perform("confirm", actor=world.second, reason=INTERNAL["confirm"], **step)
        workflow.perform(name, actor=actor, reason=INTERNAL[name], **step)
        set_points(
            actor=world.officer,
            assessment_id=pk,
            version=1,
            indicator="A1",
            revision=back["A1"],
            points="2.5",
            reason=INTERNAL["points"],
        )
        back["A1"] += 1
    workflow.perform("pass_to_second", actor=world.officer, reason=INTERNAL["pass_to_second"], **step)
    workflow.perform("confirm", actor=world.second, reason=INTERNAL["confirm"], **step)
    measures = list(Measure.objects.filter(rating__assessment=assessment).order_by("id"))
    assert len(measures) > 1
    for place, measure in enumerate(measures):
        if place:
            decide_measure(
                actor=world.decider,
                measure_id=measure.pk,
                outcome="decline",
                reason=(INTERNAL["declined"] if measure.proposal["case_by_case"] else TOLD["required"]) * 2,
            )
        else:
            decide_measure(
                actor=world.decider,
                measure_id=measure.pk,
                outcome="change",
                reason=TOLD["measure"],
                content=TOLD["content"],
            )
    rating = world.again(assessment).rating
    assert rating is not None
    payload = DecisionPayload.read(rating.grade_proposed, rating.adjustment_proposed)
    workflow.perform("decide", actor=world.decider, reason=TOLD["decide"], payload=payload, **step)
    return world.again(assessment)


@pytest.mark.slow
def test_a_bank_reads_no_internal_word_and_no_decision_before_its_notice() -> None:
    world = build()
    assessment = _write_everything(world)
    seen = _seen(assessment, INTERNAL | TOLD | {"answer": ANSWER})
    assert {line.partition(":")[0] for line in seen} == {"answer"}, "what is for the bank is found, and nothing else"
    workflow.perform("issue_notice", actor=world.decider, assessment_id=assessment.pk, reason=INTERNAL["issue_notice"])
    seen = _seen(world.again(assessment), INTERNAL | TOLD)
    assert {line.partition(":")[0] for line in seen} == set(TOLD)


def test_a_transition_that_says_nothing_is_not_read_by_the_bank() -> None:
    """The rule is on the row; what a row leaves out is closed."""
    read = {name: (row.step_read, row.reason_read) for name, row in workflow.TRANSITIONS.items()}
    assert {name for name, rules in read.items() if rules == (BankReads.NEVER, BankReads.NEVER)} == {
        "pass_to_second",
        "send_back_to_officer",
        "confirm",
        "send_back_undecided",
        "ask_taking_back",
        "take_back",
        "keep_decision",
        # What follows an objection or a mistake reaches the bank as a letter (docs/corrections.md).
        "ask_correction",
        "keep_notice",
        "propose_correction",
        "send_correction_back",
        "confirm_correction",
        "close_unchanged",
    }
    assert read["decide"] == (BankReads.WITH_NOTICE, BankReads.WITH_NOTICE)
    assert read["return_for_correction"] == (BankReads.AT_ONCE, BankReads.AT_ONCE)
    assert read["accept"][1] is read["issue_notice"][1] is BankReads.NEVER
