"""Banks: entering, changing with a revision, rules by field."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from banks.models import Bank, Category, EntityKind
from banks.services.banks import change_bank, create_bank
from banks.services.errors import Invalid
from banks.services.people import create_person
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def values(**more: Any) -> dict[str, Any]:
    return {
        "code": "X1",
        "name_zh": "演示银行甲",
        "category": Category.CITY,
        "entity_kind": EntityKind.LEGAL_ENTITY,
        "active_from": date(2010, 1, 1),
    } | more


def refused(**more: Any) -> dict[str, list[Any]]:
    with pytest.raises(Invalid) as caught:
        create_bank(actor=None, values=values(**more))
    assert not Bank.objects.filter(code="X1").exists()
    return caught.value.fields


def test_entered_with_one_event_and_codes_written_one_way() -> None:
    administrator = make_person(Role.ADMINISTRATOR)
    before = Event.objects.count()
    bank = create_bank(actor=administrator, values=values(uscc=" 91350100-m000100y43 ", name_zh=" 演示银行甲 "))
    assert (bank.uscc, bank.name_zh, bank.revision) == ("91350100M000100Y43", "演示银行甲", 1)
    assert Event.objects.count() == before + 1
    assert Event.objects.first().event == "banks.bank.created"  # type: ignore[union-attr]


def test_a_name_is_one_line_whatever_a_cell_held() -> None:
    """No e-mail that named such a bank could be sent: its subject was a header with a line break."""
    bank = create_bank(actor=None, values=values(name_zh="演示\r\nBcc: x\x07银行\u202e甲", short_name="演\u3000示\x00"))
    assert (bank.name_zh, bank.short_name) == ("演示 Bcc: x银行甲", "演 示")
    change_bank(actor=None, bank=bank, revision=bank.revision, values={"name_en": "Demo\nBank\x1f"})
    bank.refresh_from_db()
    assert bank.name_en == "Demo Bank"
    assert (
        make_person(Role.ADMINISTRATOR)
        and create_person(actor=None, username="li", name="李\n\u200b四").name == "李 四"
    )


def test_a_failing_check_digit_does_not_block() -> None:
    assert create_bank(actor=None, values=values(uscc="91350100M000100Y44")).pk


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_the_administrator_writes(role: Role) -> None:
    bank = make_bank()
    person = make_person(role, bank=bank if role.startswith("bank_") else None)
    with pytest.raises(Refused):
        create_bank(actor=person, values=values())
    with pytest.raises(Refused):
        change_bank(actor=person, bank=bank, revision=1, values={"short_name": "x"})
    assert not Bank.objects.filter(code="X1").exists()


def test_every_missing_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        create_bank(actor=None, values={"code": "X1"})
    assert set(caught.value.fields) == {"name_zh", "category", "entity_kind", "active_from"}


def test_rules_by_field() -> None:
    make_bank(code="OLD", uscc="91350100M000100Y43")
    assert set(refused(code="", uscc="91350100M000100Y43")) == {"code", "uscc"}
    assert "code" in refused_old()
    assert set(refused(active_to=date(2009, 12, 31))) == {"active_to"}
    assert set(refused(contact_email="nobody")) == {"contact_email"}
    assert set(refused(category="odd", name_zh="长" * 121)) == {"category", "name_zh"}
    assert set(refused(head_office_name="总行")) == {"head_office_name"}
    assert set(refused(entity_kind=EntityKind.BRANCH)) == {"head_office"}


def refused_old() -> dict[str, list[Any]]:
    with pytest.raises(Invalid) as caught:
        create_bank(actor=None, values=values(code="OLD"))
    return caught.value.fields


def test_head_office_is_a_legal_entity_on_the_register() -> None:
    head = make_bank()
    branch = make_bank(entity_kind=EntityKind.BRANCH, head_office=head)
    assert set(refused(entity_kind=EntityKind.BRANCH, head_office=branch)) == {"head_office"}
    assert set(refused(entity_kind=EntityKind.BRANCH, head_office=head, head_office_name="总行")) == {
        "head_office_name"
    }
    with pytest.raises(Invalid) as caught:
        change_bank(
            actor=None,
            bank=head,
            revision=1,
            values={"entity_kind": EntityKind.BRANCH, "head_office_name": "外地总行"},
        )
    assert set(caught.value.fields) == {"entity_kind"}


def test_case_officer_must_be_an_active_officer() -> None:
    assert set(refused(case_officer=make_person(Role.AUDITOR))) == {"case_officer"}
    assert create_bank(actor=None, values=values(case_officer=make_person(Role.CASE_OFFICER))).case_officer_id


def test_change_counts_the_revision_and_traces_what_changed() -> None:
    bank = make_bank(short_name="甲")
    changed = change_bank(actor=None, bank=bank, revision=1, values={"short_name": "乙", "code": bank.code})
    assert changed.revision == 2
    event = Event.objects.first()
    assert event is not None and event.event == "banks.bank.changed"
    assert '"changes":{"short_name":["甲","乙"]}' in event.data
    before = Event.objects.count()
    assert change_bank(actor=None, bank=bank, revision=2, values={"short_name": "乙"}).revision == 2
    assert Event.objects.count() == before


def test_the_code_stays() -> None:
    bank = make_bank()
    with pytest.raises(Invalid) as caught:
        change_bank(actor=None, bank=bank, revision=1, values={"code": "OTHER"})
    assert set(caught.value.fields) == {"code"}


def test_a_stale_revision_writes_nothing_and_shows_the_present_bank() -> None:
    bank = make_bank()
    change_bank(actor=None, bank=bank, revision=1, values={"short_name": "first"})
    with pytest.raises(Stale) as caught:
        change_bank(actor=None, bank=bank, revision=1, values={"short_name": "second"})
    assert caught.value.current.short_name == "first"
    bank.refresh_from_db()
    assert bank.short_name == "first"


def test_renames_and_changes_of_category_are_dated() -> None:
    bank = create_bank(actor=None, values=values(active_from=date(2010, 5, 1)))
    old = bank.name_zh
    since = date(2018, 3, 1)
    changed = change_bank(
        actor=None, bank=bank, revision=1, values={"name_zh": "新名称", "category": Category.RURAL}, since=since
    )
    rows = list(bank.names.order_by("since").values_list("name_zh", "category", "since"))
    assert rows == [(old, bank.category, date(2010, 5, 1)), ("新名称", Category.RURAL, since)]
    change_bank(actor=None, bank=bank, revision=2, values={"contact_phone": "021-1"})
    assert bank.names.count() == 2, "a telephone is no name"
    for day in (date(2018, 2, 28), timezone.localdate() + timedelta(days=1)):
        with pytest.raises(Invalid) as caught:
            change_bank(actor=None, bank=bank, revision=changed.revision + 1, values={"short_name": "新"}, since=day)
        assert set(caught.value.fields) == {"since"}


def test_succession_is_a_fact_with_its_day() -> None:
    taken, successor = make_bank(), make_bank()

    def refused_fields(bank: Bank, **more: Any) -> set[str]:
        with pytest.raises(Invalid) as caught:
            change_bank(actor=None, bank=bank, revision=Bank.objects.get(pk=bank.pk).revision, values=more)
        return set(caught.value.fields)

    day = date(2018, 3, 1)
    assert refused_fields(taken, successor=successor) == {"succeeded_on"}
    assert refused_fields(taken, succeeded_on=day) == {"successor"}
    assert refused_fields(taken, successor=successor, succeeded_on=day) == {"active_to"}
    assert refused_fields(taken, successor=successor, succeeded_on=day, active_to=date(2018, 3, 2)) == {"active_to"}
    assert refused_fields(taken, successor=taken, succeeded_on=day, active_to=day) == {"successor"}
    given = {"successor": successor, "succeeded_on": day, "active_to": date(2018, 2, 28)}
    change_bank(actor=None, bank=taken, revision=1, values=given)
    circle = {"successor": taken, "succeeded_on": day, "active_to": day}
    assert refused_fields(successor, **circle) == {"successor"}
