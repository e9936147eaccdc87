"""Importing the register: all rows validated first, then all or nothing, with one event."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banks.models import Bank, Category, EntityKind
from banks.services.banks import change_bank
from banks.services.errors import Invalid
from banks.services.register_imports import ImportRow, import_register, plan_import
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused, Stale
from scorecard.access.roles import Role
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


def row(number: int, code: str, seen: int | None = None, **more: Any) -> ImportRow:
    values = {
        "code": code,
        "name_zh": f"演示{code}",
        "category": Category.CITY,
        "entity_kind": EntityKind.LEGAL_ENTITY,
        "active_from": date(2010, 1, 1),
    }
    return ImportRow(number, values | more, seen)


def test_head_office_and_branch_in_one_file_in_either_order() -> None:
    rows = [row(2, "B", entity_kind=EntityKind.BRANCH, head_office="H"), row(3, "H")]
    assert plan_import(rows).counts() == {"new": 2, "changed": 0, "unchanged": 0}
    assert not Bank.objects.exists()
    before = Event.objects.count()
    assert import_register(actor=None, rows=rows)["new"] == 2
    assert Bank.objects.get(code="B").head_office == Bank.objects.get(code="H")
    assert Event.objects.count() == before + 1


def test_one_bad_row_writes_nothing() -> None:
    with pytest.raises(Invalid) as caught:
        import_register(actor=None, rows=[row(2, "A"), row(3, "B", category="odd")])
    assert "3" in str(caught.value.fields[""][0])
    assert not Bank.objects.exists()


def test_every_problem_by_row_and_field() -> None:
    make_bank(code="OLD", name_zh="演示旧名", uscc="91350100M000100Y43")
    plan = plan_import(
        [
            row(2, "A", name_zh="演示旧名"),
            row(3, "B", uscc="91350100M000100Y43"),
            row(4, "C", head_office="A"),
            row(5, "D", entity_kind=EntityKind.BRANCH, head_office="NONE"),
            row(6, "E", case_officer="nobody"),
            row(7, "F", entity_kind=EntityKind.BRANCH),
            row(8, "G", name_zh=""),
            row(9, "H"),
            row(10, "H"),
        ]
    )
    assert {number: set(problems) for number, problems in plan.problems.items()} == {
        2: {"name_zh"},
        3: {"uscc"},
        4: {"head_office"},
        5: {"head_office"},
        6: {"case_officer"},
        7: {"head_office"},
        8: {"name_zh"},
        9: {"code", "name_zh"},
        10: {"code", "name_zh"},
    }
    assert all(len(reasons) == 1 for problems in plan.problems.values() for reasons in problems.values())


def test_changes_only_the_columns_that_the_file_has() -> None:
    officer = make_person(Role.CASE_OFFICER)
    bank = make_bank(code="A", short_name="短", contact_name="联系人", case_officer=officer)
    rows = [ImportRow(2, {"code": "A", "short_name": "新"}, seen=1)]
    plan = plan_import(rows)
    assert plan.rows[0].changes == {"short_name": ("短", "新")}
    import_register(actor=None, rows=rows)
    bank.refresh_from_db()
    assert (bank.short_name, bank.contact_name, bank.case_officer, bank.revision) == ("新", "联系人", officer, 2)
    again = [ImportRow(2, {"code": "A", "short_name": "新", "case_officer": officer.username.upper()}, seen=2)]
    assert import_register(actor=None, rows=again) == {"new": 0, "changed": 0, "unchanged": 1}
    bank.refresh_from_db()
    assert bank.revision == 2


def test_a_file_is_checked_as_it_will_be_once_written() -> None:
    """A name or a code that is passed from one bank to another in the same file is free by then, in any order."""
    make_bank(code="A", name_zh="甲银行", uscc="91350100M000100Y43")
    make_bank(code="B", name_zh="乙银行", uscc="")
    swap = [
        ImportRow(2, {"code": "A", "name_zh": "乙银行", "uscc": ""}, seen=1),
        ImportRow(3, {"code": "B", "name_zh": "甲银行", "uscc": "91350100M000100Y43"}, seen=1),
        row(4, "C", name_zh="丙银行"),
    ]
    assert plan_import(swap).problems == {}
    import_register(actor=None, rows=swap)
    assert list(Bank.objects.order_by("code").values_list("code", "name_zh", "uscc", "name_initials")) == [
        ("A", "乙银行", "", "yyh"),
        ("B", "甲银行", "91350100M000100Y43", "jyh"),
        ("C", "丙银行", "", "byh"),
    ]
    assert Bank.objects.get(code="A").names.count() == 2
    # A name that its bank keeps is still taken.
    assert "name_zh" in plan_import([ImportRow(2, {"code": "A", "name_zh": "丙银行"}, seen=2)]).problems[2]
    kept = [ImportRow(2, {"code": "A", "name_zh": "丙银行"}, 2), ImportRow(3, {"code": "C", "name_zh": "丙银行"}, 1)]
    assert plan_import(kept).problems


def test_writing_costs_one_statement_for_many_banks() -> None:
    def count(first: int, rows: int) -> int:
        entered = [row(n, f"N{n}") for n in range(first, first + rows)]
        with CaptureQueriesContext(connection) as queries:
            import_register(actor=None, rows=entered)
        renamed = [ImportRow(n, {"code": f"N{n}", "short_name": "新"}, 1) for n in range(first, first + rows)]
        with CaptureQueriesContext(connection) as more:
            import_register(actor=None, rows=renamed)
        return len(queries) + len(more)

    few = count(2, 1)
    assert count(100, 12) == few


def test_a_register_that_moved_on_since_the_preview_is_stale() -> None:
    bank = make_bank(code="A")
    change_bank(actor=None, bank=bank, revision=1, values={"short_name": "x"})
    with pytest.raises(Stale):
        import_register(actor=None, rows=[ImportRow(2, {"code": "A", "short_name": "y"}, seen=1)])
    with pytest.raises(Stale):
        import_register(actor=None, rows=[row(2, "A")])
    bank.refresh_from_db()
    assert bank.short_name == "x"


def test_a_constant_number_of_queries() -> None:
    make_bank(code="OLD")

    def count(rows: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            plan_import([row(number, f"N{number}") for number in range(2, 2 + rows)])
        return len(queries)

    assert count(1) == count(60)


def test_only_the_administrator_imports() -> None:
    with pytest.raises(Refused):
        import_register(actor=make_person(Role.CASE_OFFICER), rows=[row(2, "A")])
    assert not Bank.objects.exists()
