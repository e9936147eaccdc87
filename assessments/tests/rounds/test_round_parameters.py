"""Values of the year: set for a round by who plans it, the newest counts, one event each, nothing once it is closed."""

from decimal import Decimal

import pytest

from assessments.models import Round, RoundParameter, RoundState
from assessments.rounds.parameters.selectors import parameters_of
from assessments.rounds.parameters.services import set_round_parameter
from assessments.rounds.parameters.values import parameter_texts
from assessments.rulebooks.cache import forget
from assessments.rulebooks.services import publish_rulebook
from banks.services.errors import Invalid
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event
from scorecard.engine import Nothing

from .world import administrator, planned

pytestmark = pytest.mark.django_db
NAME = "high_share_line"


@pytest.fixture
def round_() -> Round:
    forget()
    return planned(rulebook=publish_rulebook(actor=None, code="national-2020", version="3"))


def test_the_newest_value_counts_and_a_withdrawn_one_gives_way_to_the_default(round_: Round) -> None:
    admin = administrator()
    assert parameters_of(round_) == {}
    given = {"actor": admin, "round_id": round_.pk, "parameter": NAME}
    first = set_round_parameter(**given, value=Decimal("0.25"), source=" Notice 12 ", seen=0)  # type: ignore[arg-type]
    assert (first.revision, first.value, first.source, first.set_by) == (1, "0.25", "Notice 12", admin)
    set_round_parameter(**given, value=Decimal("0.350"), source="Notice 13", seen=1)  # type: ignore[arg-type]
    assert parameters_of(round_) == {NAME: Decimal("0.35")}
    assert parameter_texts(round_) == {NAME: "0.350"}
    set_round_parameter(**given, value=None, source="Notice 14", seen=2)  # type: ignore[arg-type]
    assert parameters_of(round_) == {}
    assert list(RoundParameter.objects.order_by("revision").values_list("value", flat=True)) == ["0.25", "0.350", ""]
    events = Event.objects.filter(event="assessments.round.parameter")
    assert events.count() == 3 and '"value":["0.25","0.350"]' in events.order_by("pk")[1].data


def test_a_rule_that_looks_back_gets_the_value_of_the_earlier_round(round_: Round) -> None:
    """Of the same method, of years before; a value of a later year, of another method or withdrawn is none."""
    other = planned(
        code="OTHER",
        year=round_.year - 1,
        rulebook=publish_rulebook(actor=None, code="targets-three-2015", version="2"),
    )
    earlier = planned(code="BEFORE", year=round_.year - 1, rulebook=round_.rulebook)
    later = planned(code="AFTER", year=round_.year + 1, rulebook=round_.rulebook)
    for place, value in ((round_, "0.35"), (earlier, "0.25"), (later, "0.45")):
        set_round_parameter(actor=None, round_id=place.pk, parameter=NAME, value=Decimal(value), source="Notice")
    set_round_parameter(actor=None, round_id=other.pk, parameter="year_start", value=True, source="Notice")
    assert parameters_of(round_) == {NAME: Decimal("0.35"), f"{NAME}@-1": Decimal("0.25")}
    assert parameters_of(earlier) == {NAME: Decimal("0.25")}
    set_round_parameter(actor=None, round_id=earlier.pk, parameter=NAME, value=None, source="Notice", seen=1)
    assert parameters_of(round_) == {NAME: Decimal("0.35")}


def test_the_same_again_leaves_no_row_and_an_older_page_is_told(round_: Round) -> None:
    for _ in range(2):
        set_round_parameter(actor=None, round_id=round_.pk, parameter=NAME, value=Decimal("0.25"), source="Notice 12")
    assert RoundParameter.objects.count() == Event.objects.filter(event="assessments.round.parameter").count() == 1
    with pytest.raises(Stale):
        set_round_parameter(
            actor=None, round_id=round_.pk, parameter=NAME, value=Decimal("0.3"), source="Notice 13", seen=0
        )


@pytest.mark.parametrize(
    ("value", "source", "fields"),
    [
        (Decimal("0.3"), "  ", {"source"}),
        (Decimal("0.3"), "x" * 201, {"source"}),
        (Nothing.UNANSWERED, "", {"source", "value"}),
        (None, "Notice 12", {"value"}),
    ],
)
def test_every_fault_by_field_at_once(round_: Round, value: Decimal | None, source: str, fields: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        set_round_parameter(actor=None, round_id=round_.pk, parameter=NAME, value=value, source=source)
    assert set(caught.value.fields) == fields and not RoundParameter.objects.exists()


def test_neither_a_name_that_the_rulebook_lacks_nor_a_closed_round(round_: Round) -> None:
    with pytest.raises(Refused):
        set_round_parameter(actor=None, round_id=round_.pk, parameter="other", value=Decimal(1), source="Notice 12")
    Round.objects.update(state=RoundState.CLOSED)
    with pytest.raises(Refused):
        set_round_parameter(actor=None, round_id=round_.pk, parameter=NAME, value=Decimal(1), source="Notice 12")
    assert not RoundParameter.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_who_plans_rounds_sets_them(round_: Round, role: str) -> None:
    person = make_person(role, bank=make_bank() if role.startswith("bank_") else None)
    with pytest.raises(Refused):
        set_round_parameter(actor=person, round_id=round_.pk, parameter=NAME, value=Decimal("0.3"), source="Notice 12")
    assert not RoundParameter.objects.exists()
