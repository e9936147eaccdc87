"""The measures of a proposed rating, decided one by one: nothing in the toolbox fires by itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments import workflow
from assessments.access import get_assessment
from assessments.models import Assessment, Measure, MeasureState
from assessments.workflow import duties
from assessments.workflow.machine import DECIDE_MEASURES
from assessments.workflow.step import AnyStep, Step
from banks.models import User
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.access.single import single
from scorecard.audit.services import record
from scorecard.words.language import screen_language

OUTCOMES = {"accept": MeasureState.ACCEPTED, "change": MeasureState.CHANGED, "decline": MeasureState.DECLINED}
TEXT_LENGTH = 4000
REQUIRED_REASON = 20  # characters of the reason for declining what a clause requires


@dataclass
class MeasureChoice:
    """What a person decides of one measure (``outcome``: accept, change, decline), and why.

    Accepting names which of the listed options apply, at least one where there are several; ``content`` may add scope
    and time. Changing says in ``content`` what is done instead.
    """

    outcome: str
    reason: str
    content: str = ""
    options: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reason, self.content = self.reason.strip(), self.content.strip()
        self.options = list(dict.fromkeys(self.options))


@transaction.atomic
def decide_measure(
    *,
    actor: User,
    measure_id: int,
    outcome: str,
    reason: str,
    content: str = "",
    options: Iterable[str] = (),
    seen: str = "",
    listed: str = "",
) -> Measure:
    """Accept, change or decline one proposed measure, with a reason; see ``MeasureChoice``.

    ``seen`` is when the decision on the screen was made (ISO, blank for none): another one since is ``Stale``. Until
    the rating itself is decided the decision can be made again. ``listed`` is the digest of the signed list of which it
    is an entry (docs/many.md).
    """
    assessment, measure = _locked_measure(actor, measure_id)
    if seen != (measure.decided_at.isoformat() if measure.decided_at else ""):
        raise Stale(
            [_("This measure has been decided since you opened it, by somebody else or in another window.")], measure
        )
    choice = MeasureChoice(outcome, reason, content, list(options))
    actions: Mapping[str, Any] = measure.proposal.get("options") or {}
    if outcome == "accept" and len(actions) == 1:
        choice.options = choice.options or list(actions)  # the measure has this one action and no other
    required = is_required(measure.proposal)
    if reasons := [*_may_decide(actor, assessment), *choice_objections(choice, actions, required=required)]:
        raise Refused(reasons)
    before = measure.state
    measure.state, measure.options = OUTCOMES[outcome], choice.options
    measure.content, measure.reason = choice.content, choice.reason
    measure.decided_by, measure.decided_at = actor, timezone.now()
    measure.save()
    record(
        "assessments.measure.decided",
        actor=actor,
        target=assessment,
        bank_id=assessment.bank_id,
        data={
            "measure": measure.code,
            "from": before,
            "to": str(measure.state),
            "options": choice.options,
            "content": choice.content,
            "reason": choice.reason,
            "required": required,
            **duties.stood_in(actor, assessment, Role.DECISION_MAKER),
            **({"list": listed} if listed else {}),
        },
        seals=[measure],
    )
    return measure


def _locked_measure(actor: User, measure_id: int) -> tuple[Assessment, Measure]:
    """The measure with its assessment locked, or 404."""
    found = Measure.objects.filter(pk=measure_id).values_list("rating__assessment", flat=True).first()
    if found is None:
        raise Http404
    assessment = get_assessment(actor, found, lock=True)
    measure = single(Measure.objects.select_related("rating__assessment", "decided_by").filter(pk=measure_id))
    if measure is None:
        raise Http404
    return assessment, measure


def _may_decide(actor: User, assessment: Assessment) -> Iterator[Any]:
    """Why this person decides no measure here at this time."""
    if DECIDE_MEASURES in workflow.capabilities(actor=actor, assessment=assessment):
        return
    step: AnyStep = Step(actor, assessment, timezone.now())
    against = [*duties.round_is_open(step), *duties.the_assigned_decider(step), *duties.not_a_reviewer(step)]
    if not actor.holds(Role.DECISION_MAKER):
        against = [_("Only a decision maker decides measures.")]
    yield from against or [_("Measures are decided while the case is for decision; it is not now.")]


def is_required(proposal: Mapping[str, Any]) -> bool:
    """Whether the clause leaves no choice of cases: such a measure is declined only for a longer reason, and the letter
    says that it was.
    """
    return not proposal.get("case_by_case", True)


def choice_objections(choice: MeasureChoice, listed: Mapping[str, Any], *, required: bool) -> Iterator[Any]:
    """What is wrong with a choice, given the actions that the proposal lists."""
    outcome, chosen, content = choice.outcome, choice.options, choice.content
    if outcome not in OUTCOMES:
        yield _("Choose whether the measure is accepted, changed or declined.")
    if outcome == "accept" and listed and not chosen:
        yield _("Choose which of the listed actions apply; none is taken by itself.")
    if outcome == "decline" and (chosen or content):
        yield _("A declined measure has no actions and no content; take them out or accept the measure.")
    if unknown := [option for option in chosen if option not in listed]:
        yield _("The proposal does not list the action “%(id)s”.") % {"id": unknown[0]}
    if outcome == "change" and not content:
        yield _("Say what is done instead of what was proposed, and until when.")
    if not choice.reason:
        yield _("Give a reason: it stands in the notice and in the trail.")
    elif required and outcome == "decline" and len(choice.reason) < REQUIRED_REASON:
        yield _("The clause requires this measure: decline it only with a reason of at least %(n)d characters.") % {
            "n": REQUIRED_REASON
        }
    if len(choice.reason) > TEXT_LENGTH or len(content) > TEXT_LENGTH:
        yield _("The text is longer than %(limit)d characters; shorten it.") % {"limit": TEXT_LENGTH}


def measure_reasons(assessment: Assessment) -> Iterator[str]:
    """Each proposed measure has been decided, by name: none takes effect by itself (docs/workflow.md, Guards)."""
    open_ones = Measure.objects.filter(rating=assessment.rating_in_hand, state=MeasureState.PROPOSED)
    lang = screen_language()
    for measure in open_ones.order_by("id"):
        name = measure.proposal.get("label", {}).get(lang) or measure.code
        yield _("Decide the measure “%(name)s”: accept, change or decline it, with a reason.") % {"name": name}
