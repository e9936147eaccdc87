"""What every page of one assessment shares: finding it, recording that it was opened, its head, and where a person
acts on it.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import workflow
from assessments.access import get_assessment
from assessments.filings.extensions import may_extend
from assessments.models import Assessment, Correction, Review
from assessments.reviews.services.assigning import RECORDS, may_assign, may_take
from assessments.reviews.services.officers import may_reassign
from assessments.workflow import Transition
from assessments.workflow.duties import GUARD_OF, acts_for, last_news, last_step_back, who_asked
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.services import record
from scorecard.ui.forms import ConfirmForm

# Where a person takes a step, by the role that takes it: the page on which one sees what it depends on.
PAGES = {
    Role.CASE_OFFICER: "review-detail",
    Role.SECOND_REVIEWER: "review-second",
    Role.DECISION_MAKER: "decision-detail",
}
HAND_TITLES = {
    Role.SECOND_REVIEWER.value: gettext_lazy("Hand to another second reviewer"),
    Role.DECISION_MAKER.value: gettext_lazy("Hand to another decision maker"),
}
KINDS = {
    Review.NONE: "neutral",
    Review.WAITING: "attention",
    Review.FIRST: "info",
    Review.SECOND: "info",
    Review.DECISION: "attention",
    Review.DECIDED: "good",
    Review.NOTIFIED: "good",
    Review.ACKNOWLEDGED: "good",
}
SETTLED = (Review.DECIDED, Review.NOTIFIED, Review.ACKNOWLEDGED)


def open_assessment(request: HttpRequest, pk: int, *, page: str) -> Assessment:
    """The case, or 404; a supervisor who opens it leaves a trace (a sensitive read)."""
    actor = acting(request)
    assessment = get_assessment(actor, pk)
    if request.method == "GET" and not request.headers.get("HX-Request"):
        record(
            "assessments.assessment.viewed",
            actor=actor,
            target=assessment,
            bank_id=assessment.bank_id,
            data={"page": page, "version": assessment.version.number if assessment.version else None},
        )
    return assessment


def acting(request: HttpRequest) -> User:
    """The person who is signed in; the URL policy has let nobody else through."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # nosec: the policy middleware has checked
    return user


def assessment_url(actor: User, assessment: Assessment) -> str:
    """The page on which this person acts on the case now, or the review page to read it."""
    row = step_forward(actor, assessment)
    roles = row.roles & frozenset(actor.roles) if row is not None else frozenset()
    page = next((PAGES[role] for role in PAGES if role in roles), "review-detail")
    return reverse(page, args=[assessment.pk])


# Steps that are taken on a page of their own, beside the one that every step has.
OWN_PAGES = {
    "decide": "decision-detail",
    "decide_correction": "decision-detail",
    "uphold_objection": "objection-decide",
    "refuse_objection": "objection-decide",
}


def step_url(row: Transition, assessment: Assessment) -> str:
    """The page on which a supervisor takes a step."""
    if row.name in OWN_PAGES:
        return reverse(OWN_PAGES[row.name], args=[assessment.pk])
    return reverse("review-step", args=[assessment.pk, row.name])


def step_title(row: Transition) -> Any:
    """What leads to that page is called. One on which two steps are chosen between is named after what is to be done,
    not after the first of them.
    """
    return (row.todo if OWN_PAGES.get(row.name) == "objection-decide" else "") or row.title


def supervisor_steps(actor: User, assessment: Assessment) -> list[Transition]:
    """The steps that this person's role takes from here for the supervisor. While the bank has its filing, a step of
    the supervisor is offered only once nothing stands against it.
    """
    rows = [row for row in workflow.available(actor=actor, assessment=assessment) if not row.by_bank()]
    if assessment.review_state != Review.NONE:
        return rows
    return [row for row in rows if workflow.check(row.name, actor=actor, assessment=assessment).allowed]


def step_forward(actor: User, assessment: Assessment) -> Transition | None:
    """The step that leads on, where a state has several; None where this person's role takes none."""
    return next((row for row in supervisor_steps(actor, assessment) if row.leads_on()), None)


def head(request: HttpRequest, assessment: Assessment, title: Any = "") -> dict[str, Any]:
    """What the page head shows: crumbs, state, deadline, and the steps that this person's role takes from here."""
    actor = acting(request)
    crumbs: list[tuple[Any, str]] = [(_("Review queue"), reverse("review-queue"))]
    if title:
        crumbs += [(assessment.bank_name, reverse("review-detail", args=[assessment.pk])), (title, "")]
    else:
        crumbs.append((assessment.bank_name, ""))
    forward = step_forward(actor, assessment)
    forward_url = step_url(forward, assessment) if forward is not None else ""
    may_take_over = (
        actor.holds(Role.CASE_OFFICER) and assessment.officer_id not in (None, actor.pk) and may_reassign(assessment)
    )
    taking = next((role for role in RECORDS if may_take(actor, assessment, role)), "")
    return {
        "assessment": assessment,
        "crumbs": crumbs,
        "state_kind": KINDS[Review(assessment.review_state)],
        "settled": assessment.review_state in SETTLED or assessment.round.is_closed,
        "forward": forward,
        "forward_url": forward_url,
        "forward_title": step_title(forward) if forward is not None else "",
        # A step in somebody else's case comes after taking the case over; until then it is not offered.
        "over_first": (may_take_over and forward is not None and Role.CASE_OFFICER in forward.roles)
        or _over_first(actor, assessment, taking, forward),
        "other_steps": [
            (row, url)
            for row in supervisor_steps(actor, assessment)
            if row is not forward and (url := step_url(row, assessment)) != forward_url
        ],
        "tabs": tabs(assessment),
        "may_extend": may_extend(actor, assessment),
        "sent_back": last_step_back(assessment),
        "asked": who_asked(assessment) if assessment.correction_state == Correction.ASKED else None,
        "handed": last_news([assessment.pk])[1].get(assessment.pk),
        "may_take_over": may_take_over,
        "take_part": taking,
        "hand_parts": [
            (role, HAND_TITLES[role]) for role in RECORDS if taking != role and may_assign(actor, assessment, role)
        ],
        "may_reassign": actor.holds(Role.CASE_OFFICER, Role.DECISION_MAKER) and may_reassign(assessment),
    }


def _over_first(actor: User, assessment: Assessment, role: str, forward: Transition | None) -> bool:
    """Whether the step that leads on is somebody else's, who has to be taken over from first; not for a stand-in."""
    if not role or forward is None or GUARD_OF[role] not in forward.guards:
        return False
    return acts_for(actor, assessment, role) is None


def tabs(assessment: Assessment) -> list[tuple[Any, str]]:
    """The pages of one case that there is something on."""
    found = [(_("Review by indicator"), reverse("review-detail", args=[assessment.pk]))]
    if assessment.version is not None and assessment.version.number > 1:
        numbers = (assessment.version.number - 1, assessment.version.number)
        found.append((_("What has changed"), reverse("filing-version-changes", args=[assessment.pk, *numbers])))
    found.append((_("Second review"), reverse("review-second", args=[assessment.pk])))
    found.append((_("Decision"), reverse("decision-detail", args=[assessment.pk])))
    if assessment.review_state in (Review.NOTIFIED, Review.ACKNOWLEDGED):
        found.append((_("Notice"), reverse("notice-detail", args=[assessment.pk])))
        found.append((_("Objection"), reverse("objection-detail", args=[assessment.pk])))
    return found


def blocking(row: Transition | None, actor: User, assessment: Assessment, reason: str = "") -> list[str]:
    """Every reason that still stands against a step; ``reason`` stands for what a form will ask."""
    if row is None:
        return []
    return [
        str(reason) for reason in workflow.check(row.name, actor=actor, assessment=assessment, reason=reason).reasons
    ]


def sealed(request: HttpRequest, name: str, assessment: Assessment, stale: Stale | None) -> dict[str, Any]:
    """The seal of a final step for its page, and what has changed where it came back with another content.

    A form that does not pass keeps the seal of the page that was sent; a page that shows what has changed is sealed
    again.
    """
    changed = stale.current if stale is not None and isinstance(stale.current, list) else None
    return {
        "seen": (stale is None and request.POST.get("seen")) or workflow.shown(name, assessment),
        "stale": changed is not None,
        "differences": changed,
    }


@dataclass(frozen=True)
class Signing:
    """A step that the bank's signatory takes with the password, on a page of its own."""

    row: Transition
    form: ConfirmForm
    reasons: list[str]
    stale: Stale | None
    status: int
    taken: bool

    def context(self, request: HttpRequest, assessment: Assessment) -> dict[str, Any]:
        """What its page shows of the step, with the seal of what is signed."""
        shown = {"step": self.row, "form": self.form, "reasons": self.reasons}
        return shown | sealed(request, self.row.name, assessment, self.stale)


def sign(request: HttpRequest, name: str, assessment: Assessment) -> Signing:
    """Take a step as the request asks for it; what stands against it, or what has changed, is for the page to show."""
    actor, row = acting(request), workflow.TRANSITIONS[name]
    form = ConfirmForm(request.POST or None, user=actor, signature=True)
    reasons = blocking(row, actor, assessment)
    if request.method != "POST":
        return Signing(row, form, reasons, None, 200, taken=False)
    if not form.is_valid():
        return Signing(row, form, reasons, None, 422, taken=False)
    try:
        seen = request.POST.get("seen", "")
        workflow.perform(name, actor=actor, assessment_id=assessment.pk, seen=seen, signed=form.signature)
    except Stale as error:
        return Signing(row, form, reasons, error, 409, taken=False)
    except Refused as error:
        return Signing(row, form, [str(reason) for reason in error.reasons], None, 409, taken=False)
    return Signing(row, form, reasons, None, 302, taken=True)
