"""Two banks that have everything, at every stage, and one person for each role: the world of the permission matrix.

Bank A is "own", bank B is "foreign"; both are made by the same calls, so that a page which is there for A's people
and answers 404 for B's object cannot do so because the object is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from assessments.api.scopes import Scope
from assessments.filings.returns.services import upload_return
from assessments.filings.workbook.services import download_workbook, upload_workbook
from assessments.models import (
    OBJECTION,
    OBLIGATION,
    ApiToken,
    Assessment,
    BranchOffer,
    Circular,
    Comment,
    Correction,
    Evidence,
    FilingVersion,
    FollowUp,
    KeptWhatIf,
    LiveMeasure,
    LiveState,
    Measure,
    Meeting,
    Minutes,
    MoneyClaim,
    Notice,
    Objection,
    ObjectionGround,
    ObjectionLetter,
    Obligation,
    ObligationFiling,
    ReadingPeriod,
    Round,
    RoundState,
    RulebookVersion,
    Trial,
    WorkbookUpload,
)
from assessments.objections.letters import letter
from assessments.readings.circulars import issue_circular
from assessments.readings.computing import stand
from assessments.readings.services import save_reading
from assessments.rulebooks.services import publish_rulebook
from assessments.tests.api.world import token_for
from assessments.tests.filings.test_drafts import PDF
from assessments.tests.readings.world import confirmed, period_of
from assessments.tests.returns.world import S63_NAME, s63
from assessments.tests.reviews.world import World as Supervision
from assessments.tests.reviews.world import build as build_supervision
from assessments.tests.reviews.world import person
from assessments.trials.services import start_trial
from assessments.workflow.telling import about
from banks.models import Bank, StandIn, User
from scorecard.access.roles import Role
from scorecard.figures.models import Figure, Load
from scorecard.figures.services import load_report
from scorecard.inbox.models import Mail, MailState, Message, Reminder
from scorecard.jobs import services as jobs
from scorecard.jobs.models import Job
from scorecard.saved.models import SavedFilter

# A word that stands in bank B's name and in nothing of A's: no page that A's people see may hold it.
MARK = "暗号"


@dataclass
class Side:
    """Everything that belongs to one bank."""

    bank: Bank
    people: dict[str, User]
    draft: Assessment
    first: Assessment
    second: Assessment
    decision: Assessment
    notified: Assessment
    evidence: Evidence
    draft_evidence: Evidence
    upload: WorkbookUpload
    sent_return: WorkbookUpload
    kept: KeptWhatIf
    remark: Comment
    draft_remark: Comment
    job: Job
    objected: Assessment
    document: Evidence
    letter: ObjectionLetter
    message: Message
    saved: SavedFilter
    live: LiveMeasure
    owed: Obligation
    filed: Obligation
    proof: Evidence
    claim: MoneyClaim
    token: ApiToken
    reading: ReadingPeriod
    meeting: Meeting
    stand_in: StandIn
    offered: BranchOffer = field(init=False)  # of this bank to a third one


@dataclass
class Matrix:
    """Both sides, the supervisors, and what belongs to no bank."""

    own: Side
    foreign: Side
    supervisors: dict[str, User]
    planned: Round
    open_round: Round
    rulebook: RulebookVersion
    figure: Figure
    load: Load
    trial: Trial
    scheme: RulebookVersion
    yearly: Round
    mail: Mail
    circular: Circular
    meetings: dict[str, Meeting]
    follow_up: FollowUp
    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[int, str] = field(default_factory=dict)  # the key of each person's

    def sign_in(self) -> None:
        """Sign everybody in, once; what a request does to a session is taken back with the request."""
        for each in (*self.people.values(), *self.foreign.people.values()):
            client = Client()
            client.force_login(each)
            self.sessions[each.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def window(self, person: User | None) -> Client:
        """A window in which the person is signed in, in the state just after it."""
        client = Client(raise_request_exception=True)
        if person is not None:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person.pk]
        return client

    def person(self, role: str) -> User | None:
        """Who plays a column of the table; None for "anonymous"."""
        return None if role == "anonymous" else self.people[role]


def _side(worlds: dict[str, Supervision], draft_round: Round, code: str) -> Side:
    world = worlds["notified"]
    bank = world.bank(code)
    for other in worlds.values():
        other.people[bank.pk] = world.people[bank.pk]
    people = world.people[bank.pk]
    stages = {
        "first": worlds["first"].accepted(code),
        "second": worlds["second"].second_review(code),
        "decision": worlds["decision"].for_decision(code, sme_npl_end="200000"),
        "notified": worlds["notified"].notified(code),
        "objected": worlds["objected"].notified(code),
    }
    draft = Assessment.objects.create(round=draft_round, bank=bank)
    live, owed, filed, proof = _register(stages["notified"], people, world.officer)
    return Side(
        bank=bank,
        people=people,
        draft=draft,
        evidence=_signed_evidence(stages["first"], people["preparer"]),
        draft_evidence=_evidence(draft, people["preparer"]),
        upload=_upload(draft, people["preparer"]),
        sent_return=_return(draft, people["preparer"]),
        kept=KeptWhatIf.objects.create(
            assessment=draft,
            name=bank.name_zh,
            facts={"sme_bal_end": {"state": "value", "value": "5"}},
            made_by=people["preparer"],
        ),
        remark=Comment.objects.create(
            assessment=stages["first"], text="请补充。", indicator="A1", for_bank=True, author=world.officer
        ),
        draft_remark=Comment.objects.create(
            assessment=draft, text="请补充。", indicator="A1", for_bank=True, author=world.officer
        ),
        document=_document(stages["notified"], people["preparer"]),
        letter=_letter(stages["objected"], people, world.decider),
        message=_message(draft, people["preparer"]),
        saved=SavedFilter.objects.create(
            user=people["preparer"], path="/readings/", name="近期", values={"q": ["2017"]}
        ),
        live=live,
        owed=owed,
        filed=filed,
        proof=proof,
        claim=MoneyClaim.objects.create(
            rulebook=publish_rulebook(actor=None, code="money-reward-2016", version="2"),
            bank=bank,
            period="2017",
            number=f"C-{code}",
            standing="none",
            digest="0" * 64,
            filed_by=people["signatory"],
            filed_at=timezone.now(),
        ),
        reading=_reading(world, bank, people["preparer"]),
        meeting=_regular(bank, world),
        stand_in=_stand_in(people["preparer"], people["reviewer"]),
        token=ApiToken.objects.create(
            bank=bank,
            person=people["preparer"],
            name=bank.name_zh,
            scopes=["draft.read"],
            until=timezone.localdate(),
            granted_by=people["signatory"],
        ),
        job=Job.objects.create(kind="assessments.score_version", key=f"matrix-{code}", bank_id=bank.pk, state="done"),
        **stages,
    )


def _offer(side: Side, to: Bank) -> BranchOffer:
    """An offer of a bank that holds today, to another one than those of the matrix."""
    days = {"since": timezone.localdate(), "until": timezone.localdate()}
    content = {"A1": {"narrative": side.bank.name_zh, "answers": {}, "files": []}}
    who = {"giver": side.bank, "bank": to, "granted_by": side.people["signatory"]}
    return BranchOffer.objects.create(round=side.draft.round, version=1, content=content, **who, **days)


def _stand_in(absent: User, person: User) -> StandIn:
    """A stand-in that begins tomorrow; until then nobody acts for anybody."""
    day = timezone.localdate() + timedelta(days=1)
    return StandIn.objects.create(absent=absent, person=person, since=day, until=day, reason="年假", named_by=absent)


def _sitting(world: Supervision, state: str, kind: str = "committee") -> Meeting:
    """A meeting in a state, of which the officer is the secretary and the decision maker has the chair."""
    return Meeting.objects.create(
        kind=kind,
        title="例会" if kind == "regular" else "评审会",
        place="三楼",
        starts_at=timezone.now(),
        secretary=world.officer,
        chair=world.decider,
        state=state,
    )


def _regular(bank: Bank, world: Supervision) -> Meeting:
    """A regular meeting to which the bank was invited, with its minutes."""
    found = _sitting(world, "signed", "regular")
    found.guests.create(bank=bank, organisation=bank.name_zh, name="王行长", present=True)
    point = {"place": 1, "title": bank.name_zh, "text": "", "case": None, "result": "noted", "grade": ""}
    point |= {"names": {}, "proposal": {}, "measures": "", "reason": "", "dissents": []}
    body: dict[str, Any] = {
        "kind": "regular",
        "title": found.title,
        "place": "三楼",
        "starts_at": found.starts_at.isoformat(),
    }
    body |= {"secretary": "s", "chair": "c", "members": [], "guests": [[bank.name_zh, "王行长", True]], "course": ""}
    body |= {"points": [point], "follow_ups": [], "authority": {"zh": "", "en": ""}, "seal": ""}
    Minutes.objects.create(
        meeting=found,
        number=f"M-{bank.code}",
        body=body,
        digest="0" * 64,
        signed_by=world.decider,
        signed_at=timezone.now(),
    )
    return found


def _reading(world: Supervision, bank: Bank, who: User) -> ReadingPeriod:
    """The one period, for which the bank has a reading and the draft of its correction."""
    period = ReadingPeriod.objects.filter(year=2017, month=6).first() or period_of(world)
    stand(period, [confirmed(period, bank)])
    save_reading(actor=who, period_id=period.pk, typed={"sme_hh_end": "5100"}, note="更正", saves=0)
    return period


def _message(draft: Assessment, to: User) -> Message:
    """A remark to the bank, as its preparer is told of it."""
    reminder = Reminder.objects.create(
        kind="assessments.asked", key=f"matrix:{draft.pk}", due_at=timezone.now(), bank_id=draft.bank_id
    )
    data = about(draft) | {"indicator": "A1"}
    told = {"kind": reminder.kind, "group": "remarks", "data": data, "bank_id": draft.bank_id}
    return Message.objects.create(reminder=reminder, person=to, at=reminder.due_at, sent_at=reminder.due_at, **told)


def _mail(to: User) -> Mail:
    """An e-mail that the server refused."""
    now = timezone.now()
    User.objects.filter(pk=to.pk).update(email="a@example.com")
    return Mail.objects.create(
        person=to, address="a@example.com", language="en", made_at=now, try_at=now, state=MailState.FAILED
    )


def _upload(draft: Assessment, who: User) -> WorkbookUpload:
    """The workbook of a draft, uploaded again as it was downloaded."""
    _assessment, content = download_workbook(actor=who, assessment_id=draft.pk)
    return upload_workbook(actor=who, assessment_id=draft.pk, name="filing.xlsx", content=content)


def _return(draft: Assessment, who: User) -> WorkbookUpload:
    """Part I of S63, uploaded to a draft; its file is named after the bank."""
    return upload_return(actor=who, assessment_id=draft.pk, name=f"{draft.bank.name_zh} {S63_NAME}", content=s63())


def _objection(assessment: Assessment, who: User) -> Objection:
    """The draft of an objection with one ground."""
    found = Objection.objects.create(
        notice=Notice.objects.get(rating__assessment=assessment),
        revision=1,
        statement="请复核。",
        saved_by=who,
        saved_at=timezone.now(),
    )
    ObjectionGround.objects.create(objection=found, subject="indicator:A1", text="材料已报送。", written_by=who)
    return found


def _document(assessment: Assessment, who: User) -> Evidence:
    """A file of the draft of an objection."""
    return _evidence(assessment, who, indicator=OBJECTION, objection=_objection(assessment, who))


def _letter(assessment: Assessment, people: dict[str, User], by: User) -> ObjectionLetter:
    """A lodged objection that waits for its decision, and a letter on it."""
    found, now = _objection(assessment, people["preparer"]), timezone.now()
    found.number, found.digest = f"R-{assessment.pk}", "0" * 64
    found.lodged_by, found.lodged_at = people["signatory"], now
    found.save()
    Assessment.objects.filter(pk=assessment.pk).update(correction_state=Correction.LODGED)
    return ObjectionLetter.objects.create(
        objection=found,
        kind=ObjectionLetter.Kind.DECISION,
        number=f"L-{assessment.pk}",
        body=letter(assessment, found, "理由", now),
        issued_by=by,
        issued_at=now,
    )


def _register(
    assessment: Assessment, people: dict[str, User], owner: User
) -> tuple[LiveMeasure, Obligation, Obligation, Evidence]:
    """A running measure with an obligation whose draft has a file, and one that was filed under another measure."""
    today = timezone.localdate()
    found = []
    for measure in Measure.objects.filter(rating__assessment=assessment).order_by("pk")[:2]:
        live = LiveMeasure.objects.create(
            assessment=assessment,
            measure=measure,
            owner=owner,
            state=LiveState.RUNNING,
            from_day=today,
            due_on=today + timedelta(days=30),
        )
        owed = Obligation.objects.create(live=live, kind="plan", due_on=today + timedelta(days=10))
        draft = ObligationFiling.objects.create(
            obligation=owed,
            number=1,
            text="整改计划。",
            revision=1,
            saved_by=people["preparer"],
            saved_at=timezone.now(),
        )
        proof = _evidence(assessment, people["preparer"], indicator=OBLIGATION, obligation_filing=draft)
        found.append((live, owed, draft, proof))
    (live, owed, _draft, proof), (_other, filed, sent, _file) = found
    sent.digest, sent.filed_by, sent.filed_at = "0" * 64, people["signatory"], timezone.now()
    sent.save()
    filed.state = "filed"
    filed.save()
    return live, owed, filed, proof


def _signed_evidence(assessment: Assessment, who: User) -> Evidence:
    """A file that a signed version names: one before the version that counts."""
    found = _evidence(assessment, who)
    earlier = FilingVersion.objects.filter(assessment=assessment).latest("number")
    earlier.pk, earlier.number, earlier.evidence = None, 0, [found.pk]
    earlier.save(force_insert=True)
    return found


def _evidence(assessment: Assessment, who: User, **more: Any) -> Evidence:
    content = b"%PDF-1.4 evidence"
    return Evidence.objects.create(
        assessment=assessment,
        file=ContentFile(content, name="evidence.pdf"),
        name="evidence.pdf",
        size=len(content),
        sha256="0" * 64,
        content_type="application/pdf",
        uploaded_by=who,
        **({"indicator": "A1"} | more),
    )


def _trial(base: Supervision) -> Trial:
    """A trial with its result: it holds the points of both banks."""
    trial = start_trial(
        actor=base.officer,
        round_id=base.round.pk,
        rulebook_id=base.round.rulebook_id,
        name="试算",
        typed={"caps.0": "off"},
    )
    if trial.job is None or jobs.run(trial.job.pk) != "done":
        raise AssertionError("The trial of the matrix has no result.")
    return trial


def build() -> Matrix:
    """The world, once for the whole matrix."""
    base = build_supervision()

    def new_round(code: str, state: str, rulebook: RulebookVersion | None = None) -> Round:
        now = timezone.now()
        return Round.objects.create(
            code=code,
            year=2017,
            title_zh=f"评价 {code}",
            title_en=f"Round {code}",
            rulebook=rulebook or base.round.rulebook,
            state=state,
            opens_at=now - timedelta(days=5),
            filing_deadline=now + timedelta(days=5),
            review_deadline=now + timedelta(days=30),
        )

    staff = (base.officer, base.officer_2, base.second, base.decider, base.auditor)
    worlds = {
        name: Supervision(new_round(name, RoundState.OPEN), *staff)
        for name in ("first", "second", "decision", "objected")
    } | {"notified": base}
    draft_round = new_round("draft", RoundState.OPEN)
    own, foreign = _side(worlds, draft_round, "OWN"), _side(worlds, draft_round, "FOR")
    Bank.objects.filter(pk=foreign.bank.pk).update(name_zh=f"{MARK}银行", name_en=f"{MARK} Bank")
    foreign.bank.refresh_from_db()
    third = Bank.objects.create(
        code="THIRD", name_zh="第三银行", category="city", entity_kind="legal_entity", active_from="2000-01-01"
    )
    own.offered, foreign.offered = _offer(own, third), _offer(foreign, third)
    admin = person("admin", Role.ADMINISTRATOR)
    load = load_report(actor=admin, directory=settings.FIXTURE_DIR / "report_2017")
    national = publish_rulebook(actor=admin, code="national-2020", version="3")
    people = {
        **{name: own.people[name] for name in ("preparer", "reviewer", "signatory")},
        "officer": base.officer,
        "second": base.second,
        "decider": base.decider,
        "administrator": admin,
        "auditor": base.auditor,
    }
    return Matrix(
        own=own,
        foreign=foreign,
        supervisors={name: who for name, who in people.items() if who.bank_id is None},
        planned=new_round("planned", RoundState.PLANNED),
        open_round=base.round,
        rulebook=base.round.rulebook,
        figure=Figure.objects.filter(dimension="coverage").first() or Figure.objects.get(position=0),
        load=load,
        trial=_trial(base),
        scheme=publish_rulebook(actor=admin, code="money-guarantee-2017", version="2"),
        yearly=new_round("yearly", RoundState.PLANNED, national),
        mail=_mail(base.officer),
        circular=issue_circular(actor=base.decider, period_id=own.reading.pk, text="请抓紧落实。"),
        meetings={state: _sitting(base, state) for state in ("planned", "held")},
        follow_up=own.meeting.follow_ups.create(
            text="跟进", owner=base.officer, due_on=timezone.localdate(), state="open"
        ),
        people=people,
    )


# --- Which object each URL is asked for ------------------------------------------------------------------------------
Args = Callable[[Matrix, Side], dict[str, Any]]


def _pk(name: str) -> Args:
    return lambda matrix, side: {"pk": getattr(side, name).pk}


def _draft(**more: Any) -> Args:
    return lambda matrix, side: {"pk": side.draft.pk, **more}


def _version(matrix: Matrix, side: Side) -> dict[str, Any]:
    return {"pk": side.notified.pk, "number": 1}


# URLs whose object belongs to a bank: asked for bank A's ("own") and for bank B's ("foreign").
OBJECTS: dict[str, Args] = {
    "assessment-explain": lambda matrix, side: {"pk": side.notified.pk, "number": 1},
    "assessment-history": _pk("notified"),
    "assessment-rescore": _pk("notified"),
    "assessment-progress": lambda matrix, side: {"pk": side.notified.pk, "number": 1},
    "assessment-place": _pk("notified"),
    "assessment-result": _pk("notified"),
    "bank-detail": _pk("bank"),
    "bank-dossier": _pk("bank"),
    "bank-edit": _pk("bank"),
    "bank-facts": _pk("bank"),
    "bank-fact-history": lambda matrix, side: {"pk": side.bank.pk, "period": "2017", "fact": "returns"},
    "circular-copy": lambda matrix, side: {"pk": matrix.circular.copies.get(bank=side.bank).pk},
    "claim-decide": _pk("claim"),
    "claim-detail": _pk("claim"),
    "decision-detail": _pk("decision"),
    "evidence-download": _pk("evidence"),
    "evidence-view": _pk("evidence"),
    "filing-autosave": _draft(),
    "filing-check": _draft(),
    "filing-detail": _draft(),
    "filing-offers": _draft(),
    "filing-offer": lambda matrix, side: {"pk": side.draft.pk, "offer_id": side.offered.pk},
    "filing-offer-end": lambda matrix, side: {"pk": side.offered.pk},
    "filing-evidence": _draft(),
    "filing-evidence-add": _draft(indicator="A1"),
    "filing-evidence-withdraw": lambda matrix, side: {"pk": side.draft.pk, "evidence": side.draft_evidence.pk},
    "filing-panel": _draft(),
    "filing-reply": lambda matrix, side: {"pk": side.draft.pk, "remark": side.draft_remark.pk},
    "filing-remark": _draft(),
    "filing-report": _draft(),
    "filing-mark": lambda matrix, side: {"pk": side.draft.pk, "page": "A"},
    "filing-sections": _draft(),
    "filing-section": _draft(page="A"),
    "filing-sign": _draft(),
    "filing-document": lambda matrix, side: {"pk": side.notified.pk, "number": 1, "what": "receipt", "form": "pdf"},
    "filing-draft-changes": _pk("notified"),
    "filing-extend": _draft(),
    "filing-receipt": _version,
    "filing-version": _version,
    "filing-version-changes": lambda matrix, side: {"pk": side.notified.pk, "old": 1, "number": 1},
    "filing-step": _draft(name="pass_to_reviewer"),
    "filing-whatif": _draft(),
    "filing-whatif-keep": _draft(),
    "filing-whatif-kept": _draft(),
    "filing-whatif-one": lambda matrix, side: {"pk": side.draft.pk, "kept": side.kept.pk},
    "filing-return": lambda matrix, side: {"pk": side.draft.pk, "upload": side.sent_return.pk},
    "filing-returns": _draft(),
    "filing-workbook": _draft(),
    "filing-workbook-annotated": lambda matrix, side: {"pk": side.draft.pk, "upload": side.upload.pk},
    "filing-workbook-download": _draft(),
    "filing-workbook-uploaded": lambda matrix, side: {"pk": side.draft.pk, "upload": side.upload.pk},
    "inbox-open": _pk("message"),
    "saved-filter": _pk("saved"),
    "saved-filter-open": _pk("saved"),
    "job-detail": _pk("job"),
    "job-file": _pk("job"),
    "job-progress": _pk("job"),
    "letter-file": lambda matrix, side: {
        "kind": "notice",
        "pk": Notice.objects.get(rating__assessment=side.notified).pk,
        "form": "pdf",
    },
    "measure-decide": lambda matrix, side: {"pk": Measure.objects.filter(rating__assessment=side.decision)[0].pk},
    "measure-detail": _pk("live"),
    "measure-step": lambda matrix, side: {"pk": side.live.pk, "name": "hand_measure"},
    "money-partner": lambda matrix, side: {"pk": matrix.scheme.pk, "bank": side.bank.pk},
    "money-partner-step": lambda matrix, side: {"pk": matrix.scheme.pk, "bank": side.bank.pk},
    "money-bank": lambda matrix, side: {"pk": matrix.scheme.pk, "bank": side.bank.pk},
    "notice-acknowledge": _pk("notified"),
    "notice-detail": _pk("notified"),
    "notice-letter": lambda matrix, side: {
        "pk": side.notified.pk,
        "letter": Notice.objects.get(rating__assessment=side.notified).pk,
    },
    "objection-detail": _pk("notified"),
    "objection-file-add": _pk("notified"),
    "objection-file-withdraw": lambda matrix, side: {"pk": side.notified.pk, "evidence": side.document.pk},
    "objection-lodge": _pk("notified"),
    "objection-decide": _pk("objected"),
    "objection-letter": _pk("letter"),
    "obligation-detail": _pk("owed"),
    "obligation-file-add": _pk("owed"),
    "obligation-file-withdraw": lambda matrix, side: {"pk": side.owed.pk, "evidence": side.proof.pk},
    "obligation-sign": _pk("owed"),
    "obligation-step": lambda matrix, side: {"pk": side.filed.pk, "name": "accept_obligation"},
    "person-detail": lambda matrix, side: {"pk": side.people["preparer"].pk},
    "person-edit": lambda matrix, side: {"pk": side.people["preparer"].pk},
    "person-factors": lambda matrix, side: {"pk": side.people["preparer"].pk},
    "person-password": lambda matrix, side: {"pk": side.people["preparer"].pk},
    "reading-bank": lambda matrix, side: {"pk": side.reading.pk, "bank": side.bank.pk},
    "review-comment": _pk("first"),
    "review-detail": _pk("first"),
    "review-facts": _pk("first"),
    "review-targets": _pk("first"),
    "meeting-detail": lambda matrix, side: {"pk": side.meeting.pk},
    "meeting-paper": lambda matrix, side: {"pk": side.meeting.pk, "what": "minutes", "form": "pdf"},
    "review-points": lambda matrix, side: {"pk": side.first.pk, "indicator": "A1"},
    "review-reassign": _pk("first"),
    "review-assign": lambda matrix, side: {"pk": side.second.pk, "role": "second_reviewer"},
    "review-second": _pk("second"),
    "review-step": lambda matrix, side: {"pk": side.first.pk, "name": "pass_to_second"},
}
OBJECTS |= {
    "api:assessment": _draft(),
    "api:checks": _draft(),
    "api:draft": _draft(),
    "api:evidence": _draft(),
    "api:evidence-file": lambda matrix, side: {"pk": side.draft.pk, "file": side.draft_evidence.pk},
    "api:explanation": _pk("notified"),
    "api:notices": _pk("notified"),
    "api:result": _pk("notified"),
    "api:score": _draft(),
    "api:step": _draft(name="pass_to_reviewer"),
    "api:steps": _draft(),
    "api:reading-bank": lambda matrix, side: {"pk": side.reading.pk, "bank": side.bank.code},
    "token-detail": _pk("token"),
    "token-draw": _pk("token"),
    "token-revoke": _pk("token"),
    "stand-in-end": _pk("stand_in"),
}
OBJECTS["step-receipt"] = lambda matrix, side: {"pk": side.notified.steps.earliest("pk").pk}  # a step of the supervisor
# URLs whose object belongs to no bank.
SHARED: dict[str, Args] = {
    "api:form": lambda matrix, side: {"pk": matrix.open_round.pk},
    "api:reading": lambda matrix, side: {"pk": side.reading.pk},
    "api:reading-confirmation": lambda matrix, side: {"pk": side.reading.pk},
    "api:reading-draft": lambda matrix, side: {"pk": side.reading.pk},
    "api:round": lambda matrix, side: {"pk": matrix.open_round.pk},
    "api:round-facts": lambda matrix, side: {"pk": matrix.open_round.pk},
    "api:round-points": lambda matrix, side: {"pk": matrix.open_round.pk},
    "audit-event": lambda matrix, side: {"seq": 1},
    "figures:detail": lambda matrix, side: {"ident": matrix.figure.ident},
    "figures:load-answer": lambda matrix, side: {"pk": matrix.load.pk},
    "figures:load-detail": lambda matrix, side: {"pk": matrix.load.pk},
    "many-step": lambda matrix, side: {"name": "decide"},
    "meeting-arrange": lambda matrix, side: {"pk": matrix.meetings["planned"].pk},
    "meeting-step": lambda matrix, side: {"pk": matrix.meetings["planned"].pk, "name": "cancel"},
    "meeting-write": lambda matrix, side: {"pk": matrix.meetings["held"].pk},
    "follow-up-step": lambda matrix, side: {"pk": matrix.follow_up.pk, "name": "finish"},
    "handover": lambda matrix, side: {"pk": matrix.people["officer"].pk},
    "money-claim": lambda matrix, side: {"pk": matrix.scheme.pk},
    "money-desk": lambda matrix, side: {"pk": matrix.scheme.pk},
    "money-scheme": lambda matrix, side: {"pk": matrix.scheme.pk},
    "mail-again": lambda matrix, side: {"pk": matrix.mail.pk},
    "circular-detail": lambda matrix, side: {"pk": matrix.circular.pk},
    "circular-issue": lambda matrix, side: {"pk": side.reading.pk},
    "reading-city": lambda matrix, side: {"pk": side.reading.pk},
    "reading-compute": lambda matrix, side: {"pk": side.reading.pk},
    "reading-confirm": lambda matrix, side: {"pk": side.reading.pk},
    "reading-fill": lambda matrix, side: {"pk": side.reading.pk},
    "reading-import": lambda matrix, side: {"pk": side.reading.pk},
    "reading-period": lambda matrix, side: {"pk": side.reading.pk},
    "reading-sheet": lambda matrix, side: {"pk": side.reading.pk},
    "report-draft-file": lambda matrix, side: {"pk": matrix.open_round.pk, "chosen": "1_7-1", "form": "docx"},
    "round-about": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-aggregate": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-bank-add": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-bank-out": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-carry": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-close": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-detail": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-drafts": lambda matrix, side: {"pk": side.draft.round_id},
    "round-urge": lambda matrix, side: {"pk": side.draft.round_id},
    "round-edit": lambda matrix, side: {"pk": matrix.planned.pk},
    "round-open": lambda matrix, side: {"pk": matrix.planned.pk},
    "round-figures": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-figures-file": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-figures-import": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-workbook": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-quadrant": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-movement": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-outcome": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-heat": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-parameters": lambda matrix, side: {"pk": matrix.yearly.pk},
    "round-parameter-set": lambda matrix, side: {"pk": matrix.yearly.pk, "name": "high_share_line"},
    "emergency-close": lambda matrix, side: {"pk": 1},  # there is none: 409 says that somebody has looked already
    "factor-add": lambda matrix, side: {"kind": "totp"},
    "factor-remove": lambda matrix, side: {"pk": 1},  # nobody here has one: 404, as for one of somebody else
    "factor-request": lambda matrix, side: {"pk": 1},  # there is none: 409 says that it has been decided
    "password-request": lambda matrix, side: {"pk": 1},  # there is none: 409 says that it has been decided
    "role-request": lambda matrix, side: {"pk": 1},  # there is none: 409 says that it has been decided
    "round-score": lambda matrix, side: {"pk": matrix.open_round.pk},
    "round-snapshot": lambda matrix, side: {"pk": matrix.open_round.pk},
    "rulebook-detail": lambda matrix, side: {"pk": matrix.rulebook.pk},
    "rulebook-diff": lambda matrix, side: {"old": matrix.rulebook.pk, "new": matrix.rulebook.pk},
    "trial-detail": lambda matrix, side: {"pk": matrix.trial.pk},
    "trial-draft": lambda matrix, side: {"pk": matrix.trial.pk},
    "trial-export": lambda matrix, side: {"pk": matrix.trial.pk, "kind": "csv"},
    "trial-run": lambda matrix, side: {"pk": matrix.trial.pk},
}

# What a POST sends where an empty one would fail on its form before anybody asks whose role it is.
BODIES: dict[str, dict[str, Any]] = {
    "decision-detail": {"grade": "excellent", "adjustment": "0", "reason": "理由", "password": "x"},
    "filing-remark": {"text": "请核对。", "indicator": "A1"},
    "filing-reply": {"text": "已补充。"},
    "money-bank": {"f-fund_claims": "x"},
    "money-scheme": {"f-fund_claims": "x"},
    "review-comment": {"text": "请补充。", "indicator": "A1", "for_bank": "1"},
}
WITH_A_FILE = {"objection-file-add", "obligation-file-add"}


def form_of(name: str, method: str) -> tuple[bytes | str, str]:
    """What a person's form sends, and its content type: a file where a form without one is refused."""
    if method == "POST" and name in WITH_A_FILE:
        return encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("evidence.pdf", PDF)}), MULTIPART_CONTENT
    sent = urlencode(BODIES.get(name, {})) if method == "POST" else ""
    return sent, "application/x-www-form-urlencoded"


# --- Requests of machines --------------------------------------------------------------------------------------------
JSON = {
    ("api:draft", "PATCH"): b'{"revision": 0, "report": "\xe6\x8a\xa5\xe5\x91\x8a"}',
    ("api:reading-draft", "PATCH"): b'{"saves": 1, "facts": {"sme_hh_end": "5200"}}',
    ("api:reading-confirmation", "POST"): b'{"digest": "0", "password": "x"}',
    ("api:step", "POST"): b'{"leave_open": true, "reason": "x"}',
}


def as_machine(client: Client, person: User | None, name: str, method: str, url: str) -> Any:
    """The answer to a machine in somebody's name, whose token has every scope: what closes then are roles and banks."""
    headers, sent, kind = {}, JSON.get((name, method), b""), "application/json"
    if person is not None:
        headers["Authorization"] = f"Bearer {token_for(person, *Scope.values)}"
    if (name, method) == ("api:evidence", "POST"):
        file = SimpleUploadedFile("evidence.pdf", PDF)
        sent, kind = encode_multipart(BOUNDARY, {"indicator": "A1", "file": file}), MULTIPART_CONTENT
    return client.generic(method, url, sent, content_type=kind, headers=headers)
