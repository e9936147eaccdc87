"""The year of one bank as its steps: who takes each on which page, what is typed, and how often the data shows it.

``counted`` reads the data directly: how often the step is there, whole. A part of a step without the rest is ``Half``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fault_person import Answer, Form, Person

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
INDICATOR = "A1"
REASON = "Verified against the records; agreed."


class Half(AssertionError):
    """Something of a step is there without the rest of it."""


@dataclass
class Case:
    """One bank's year: the ids of its rows, the password of everybody, and the browsers of its people."""

    bank: int
    pk: int
    code: str
    period: int
    password: str
    ports: list[int]
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, who: str) -> Person:
        """The browser of a person of the bank, or of a supervisor."""
        name = f"{self.code}-{who}" if who in ("preparer", "reviewer", "signatory") else who
        if who not in self.people:
            self.people[who] = Person(name, self.password, self.ports)
        return self.people[who]

    @property
    def text(self) -> str:
        """Words that no other bank types."""
        return f"Written in the year of {self.code}: the branch moved its portfolio."


Fill = Callable[[Answer, Case], Form | None]


@dataclass(frozen=True)
class Step:
    """One thing that a person does. ``fill`` gives the form as it is sent, None where the page does not offer it."""

    name: str
    who: str
    page: str
    fill: Fill
    counted: Callable[[Case], int]
    file: str = ""
    button: str = ""

    def take(self, case: Case, acknowledged: Callable[[], None]) -> Callable[[], bool]:
        """One try of the person: open the page, see whether it is done, fill in and send."""
        person, at = case.person(self.who), self.page.format(case=case)

        def attempt() -> bool:
            from fault_checks import away

            answer = person.get(at)
            with away():
                form = self.fill(answer, case) if answer.status == 200 else None
                if form is None:
                    return self.counted(case) > 0
            file = (self.file, f"{case.code}.pdf", PDF + case.code.encode()) if self.file else None
            sent = person.send(form, at, file=file, button=self.button)
            if sent.status == 302 and not sent.path.startswith("/login/"):
                acknowledged()
                return True
            return False

        return attempt


def _form(answer: Answer, *names: str) -> Form | None:
    """The form of the page that has these fields; None where it lists reasons against it instead, or has none."""
    if 'class="error-summary"' in answer.page:
        return None
    return next((form for form in answer.forms() if set(names) <= form.names()), None)


def _typed(*names: str, **values: str) -> Fill:
    """Fill in a form that has these fields; ``password`` is typed where it is asked for."""

    def fill(answer: Answer, case: Case) -> Form | None:
        form = _form(answer, *names, *values)
        if form is not None:
            for name, value in values.items():
                form.type_in(name, value)
            if "password" in form.names():
                form.type_in("password", case.password)
        return form

    return fill


# --- How often a step is in the data ---------------------------------------------------------------------------------
def same(**counts: int) -> int:
    """All of them, where they agree."""
    if len(set(counts.values())) != 1:
        raise Half(", ".join(f"{name}: {count}" for name, count in counts.items()))
    return next(iter(counts.values()))


def events(name: str, target: Any) -> int:
    """How often the trail tells this of this row."""
    from scorecard.audit.models import Event

    return Event.objects.filter(event=name, object_type=target._meta.label_lower, object_id=str(target.pk)).count()


def _workflow(name: str) -> Callable[[Case], int]:
    """Of a step of the table: its record, its event, its state, its reminder, and what it makes, once each."""

    def counted(case: Case) -> int:
        from assessments.models import Assessment, FilingVersion, Notice, StepRecord
        from assessments.workflow import TRANSITIONS

        row = TRANSITIONS[name]
        assessment = Assessment.objects.get(pk=case.pk)
        records = StepRecord.objects.filter(assessment=case.pk)
        found = {"records": records.filter(transition=name).count(), "events": events(row.event, assessment)}
        if name == "submit":
            found["versions"] = FilingVersion.objects.filter(assessment=case.pk).count()
        if name == "issue_notice":
            found["notices"] = Notice.objects.filter(rating__assessment=case.pk).count()
        newest = records.order_by("-id").first()
        if newest is not None and newest.transition == name:  # else a later step has moved it on
            moved = assessment.review_state == row.review[1] if row.review[1] else True
            moved = moved and (row.filing[0] == row.filing[1] or assessment.filing_state == row.filing[1])
            found["states"] = int(moved)
        return same(**found)

    return counted


def _saved(case: Case) -> int:
    from assessments.models import Answer, Assessment

    assessment = Assessment.objects.get(pk=case.pk)
    same(revisions=assessment.revision, events=events("assessments.draft.saved", assessment))
    return Answer.objects.filter(assessment=case.pk, narrative=case.text).count()


def _uploaded(case: Case) -> int:
    from assessments.models import Evidence

    rows = list(Evidence.objects.filter(assessment=case.pk))
    files = [row for row in rows if row.file.storage.exists(str(row.file.name))]
    return same(rows=len(rows), files=len(files), events=sum(events("assessments.evidence.added", row) for row in rows))


def _reading(event: str, confirmed: bool) -> Callable[[Case], int]:
    def counted(case: Case) -> int:
        from assessments.models import Reading

        rows = list(Reading.objects.filter(period=case.period, bank=case.bank))
        done = sum(row.confirmed_at is not None for row in rows) if confirmed else sum(row.saves for row in rows)
        return same(rows=done, events=sum(events(event, row) for row in rows))

    return counted


def _given(case: Case) -> int:
    from assessments.models import Assessment
    from banks.models import FactEntry

    rows = FactEntry.objects.filter(bank=case.bank, fact="fee_violations").count()
    return same(rows=rows, events=events("assessments.review.facts", Assessment.objects.get(pk=case.pk)))


def _viewed(case: Case) -> int:
    from assessments.models import ReviewEntry

    return ReviewEntry.objects.filter(assessment=case.pk, indicator=INDICATOR).count()


def _objected(case: Case) -> int:
    from assessments.models import Objection

    rows = list(Objection.objects.filter(notice__rating__assessment=case.pk))
    saved = sum(events("assessments.objection.saved", row) for row in rows)
    return same(revisions=sum(row.revision for row in rows), events=saved)


# --- What is typed ---------------------------------------------------------------------------------------------------
def _narrative(answer: Answer, case: Case) -> Form | None:
    name = f"n-{INDICATOR}"
    form = _form(answer, name)
    if form is None or (name, case.text) in [(key, text.strip()) for key, text in form.fields]:
        return None
    form.type_in(name, case.text)
    return form


def _evidence(answer: Answer, case: Case) -> Form | None:
    return None if f"{case.code}.pdf" in answer.page else _form(answer, "csrfmiddlewaretoken") and answer.forms()[-1]


def _figures(answer: Answer, case: Case) -> Form | None:
    from assessments.tests.reviews.world import BEST

    form = _form(answer, "saves", "note")
    if form is None or ("saves", "0") not in form.fields:
        return None
    best = BEST | {"plan_increment": "180000", "plan_done": "90000"}
    for name in sorted(form.names()):
        if name.startswith("f-"):
            form.type_in(name, best.get(name[2:], "1"))
    form.type_in("note", case.text)
    return form


def _facts(answer: Answer, case: Case) -> Form | None:
    form = _form(answer, "fact-fee_violations")
    if form is None or _given(case):
        return None
    for name in ("fact-fee_violations", "fact-open_findings"):
        form.type_in(name, "0")
    return form


def _points(answer: Answer, case: Case) -> Form | None:
    form = next((form for form in answer.forms() if form.action.endswith(f"/points/{INDICATOR}/")), None)
    if form is None or ("revision", "0") not in form.fields:
        return None
    form.type_in("points", "2")
    form.type_in("reason", REASON)
    return form


def _decision(answer: Answer, case: Case) -> Form | None:
    from assessments.models import Assessment

    form = _form(answer, "seen", "password", "reason")
    if form is None:
        return None
    rating = Assessment.objects.get(pk=case.pk).rating
    form.type_in("grade", rating.grade_proposed if rating else "")
    if "adjustment" in form.names() and rating is not None:
        form.type_in("adjustment", str(rating.adjustment_proposed or Decimal(0)))
    form.type_in("reason", REASON)
    form.type_in("password", case.password)
    return form


def _objection(answer: Answer, case: Case) -> Form | None:
    form = next((form for form in answer.forms() if "statement" in form.names()), None)
    if form is None or case.text in answer.page:
        return None
    form.type_in("statement", case.text)
    form.type_in("new_subject", next(value for value in form.options["new_subject"] if value))
    form.type_in("new_text", case.text)
    return form


def _bank(name: str, who: str, page: str = "") -> Step:
    return Step(name, who, page or f"/filing/{{case.pk}}/step/{name}/", _typed("seen"), _workflow(name))


def _supervisor(name: str, who: str) -> Step:
    return Step(name, who, f"/review/{{case.pk}}/step/{name}/", _typed("seen"), _workflow(name))


SECTION = "/filing/{case.pk}/section/A/"
YEAR = (
    Step("read_fill", "preparer", "/readings/{case.period}/fill/", _figures,
         _reading("assessments.reading.saved", confirmed=False)),
    Step("read_confirm", "reviewer", "/readings/{case.period}/confirm/", _typed("seen", "password"),
         _reading("assessments.reading.confirmed", confirmed=True)),
    Step("save", "preparer", SECTION, _narrative, _saved),
    Step("upload", "preparer", f"/filing/{{case.pk}}/evidence/{INDICATOR}/", _evidence, _uploaded, file="file"),
    _bank("pass_to_reviewer", "preparer"),
    _bank("pass_to_signatory", "reviewer"),
    _bank("submit", "signatory", "/filing/{case.pk}/sign/"),
    _supervisor("accept", "officer"),
    Step("give_figures", "officer", "/review/{case.pk}/facts/", _facts, _given),
    Step("points", "officer", "/review/{case.pk}/?rows=all", _points, _viewed),
    _supervisor("pass_to_second", "officer"),
    _supervisor("confirm", "second"),
    Step("decide", "decider", "/decision/{case.pk}/", _decision, _workflow("decide")),
    _supervisor("issue_notice", "decider"),
    _bank("acknowledge", "signatory", "/notices/{case.pk}/acknowledge/"),
    Step("object", "preparer", "/objections/{case.pk}/", _objection, _objected),
    _bank("lodge_objection", "signatory", "/objections/{case.pk}/lodge/"),
)  # fmt: skip
NAMES = tuple(step.name for step in YEAR)


def between(name: str, case: Case) -> None:
    """What has to be there before a step and is no matter of its own: the rest of the officer's views, the measures
    and who is assigned, by the product's services.
    """
    from assessments.models import Assessment, ReviewEntry
    from assessments.reviews.selectors import ReviewSheet
    from assessments.reviews.services.points import View, give_views
    from banks.models import User

    assessment = Assessment.objects.select_related("round__rulebook", "bank", "version").get(pk=case.pk)
    if name == "pass_to_second" and assessment.version is not None:
        officer = User.objects.get(username="officer")
        seen = set(ReviewEntry.objects.filter(assessment=case.pk).values_list("indicator", flat=True))
        for waiting in (False, True):  # those without points of the system compare with the points of the others
            rows = [
                row for row in ReviewSheet(assessment).rows if row.id not in seen and (row.system is None) == waiting
            ]
            views = [View(row.id, 0, None, "") for row in rows if row.spec.type != "quantitative"]
            if views:
                number = assessment.version.number
                give_views(actor=officer, assessment_id=case.pk, version=number, views=views)
    if name == "decide":
        from assessments.decisions.measures import decide_measure

        for measure in assessment.rating.measures.filter(state="proposed") if assessment.rating else ():
            actor = assessment.decision_maker or User.objects.get(username="decider")
            decide_measure(actor=actor, measure_id=measure.pk, outcome="decline", reason=REASON)
