"""What a bank tried and kept: named, compared with the filing as it stands, taken over into the draft."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from assessments.filings.sections.assignments import assign_sections, assignment_digest
from assessments.filings.selectors import get_draft
from assessments.models import Assessment, Filing, KeptWhatIf, RoundState
from assessments.scoring.kept_what_ifs import (
    MOST,
    get_kept,
    keep_what_if,
    kept_digest,
    kept_what_ifs,
    remove_what_if,
    take_what_if,
)
from assessments.tests.filings.world import COMPLETE, World, build, person, post_fields
from banks.models import FactEntry, User
from scorecard.access.decisions import Refused, Stale
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    found = build()
    found.facts(**COMPLETE | {"bal": "9000"})
    with override("zh-hans"):
        yield found


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "zh-hans"
    return client


def keep(world: World, name: str = "达标", who: User | None = None, **typed: str) -> KeptWhatIf:
    typed = typed or {"bal": "10000", "rate": "80"}
    return keep_what_if(actor=who or world.preparer, assessment_id=world.assessment.pk, name=name, typed=typed)


def take(world: World, row: KeptWhatIf, who: User | None = None, seen: str | None = None) -> Any:
    draft = get_draft(world.again())
    seen = kept_digest(draft, get_kept(draft, row.pk)) if seen is None else seen
    return take_what_if(actor=who or world.preparer, assessment_id=world.assessment.pk, kept_id=row.pk, seen=seen)


def test_only_what_differs_is_kept_as_exact_values_with_one_event(world: World) -> None:
    row = keep(world, "  达 标 ", bal="１０，０００", rate="55", policy="1")
    assert row.name == "达 标"
    assert row.facts == {"bal": {"state": "value", "value": "10000"}}
    event = Event.objects.latest("seq")
    assert (event.event, event.bank_id) == ("assessments.what_if.kept", world.bank.pk)
    assert FactEntry.objects.filter(fact="bal").count() == 1


def test_it_is_worked_out_on_the_draft_as_it_stands(world: World) -> None:
    keep(world)
    (kept,) = kept_what_ifs(get_draft(world.again()))
    assert float(kept.tried.after.total) == float(kept.tried.before.total) + 4 + 2
    assert kept.tried.after.targets[0].kind == "good"
    world.facts(bal="10000")
    (kept,) = kept_what_ifs(get_draft(world.again()))
    assert set(kept.tried.changed) == {"rate"}
    assert set(kept.values) == {"bal", "rate"}


REFUSED: dict[str, tuple[str, dict[str, str], str]] = {
    "no name": (" ", {"bal": "1"}, "请填写名称"),
    "a long name": ("名" * 61, {"bal": "1"}, "请填写名称"),
    "nothing changed": ("甲", {"bal": "9000"}, "无可保存"),
    "a figure that is none": ("甲", {"bal": "很多"}, "很多"),
    "a taken name": ("达标", {"bal": "1"}, "已有名为"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_kept_says_why_and_writes_nothing(world: World, name: str) -> None:
    keep(world)
    called, typed, words = REFUSED[name]
    before = Event.objects.count()
    with pytest.raises(Refused, match=words):
        keep(world, called, **typed)
    assert (KeptWhatIf.objects.count(), Event.objects.count()) == (1, before)


def test_so_many_and_no_more(world: World) -> None:
    rows = [keep(world, str(number)) for number in range(MOST)]
    with pytest.raises(Refused, match="最多保存"):
        keep(world, "又一个")
    remove_what_if(actor=world.reviewer, assessment_id=world.assessment.pk, kept_id=rows[0].pk)
    assert keep(world, "0").pk


def test_a_removed_one_stays_in_the_store_and_is_shown_no_more(world: World) -> None:
    row = keep(world)
    remove_what_if(actor=world.signatory, assessment_id=world.assessment.pk, kept_id=row.pk)
    row.refresh_from_db()
    assert row.removed_by == world.signatory
    assert kept_what_ifs(get_draft(world.again())) == []
    with pytest.raises(Http404):
        take(world, row, seen="")
    assert Event.objects.latest("seq").event == "assessments.what_if.removed"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        KeptWhatIf.objects.filter(pk=row.pk).update(facts={})


def test_taken_over_it_is_one_save_with_its_name_as_the_note(world: World) -> None:
    row = keep(world)
    saved = take(world, row)
    assert {key.id for key in saved.written} == {"bal", "rate"}
    entry = FactEntry.objects.filter(fact="bal").latest("revision")
    assert (entry.value, entry.source, entry.source_note, entry.entered_by) == ("10000", "form", "达标", world.preparer)
    assert Event.objects.latest("seq").event == "assessments.draft.saved"
    assert take(world, row).written == ()


def test_another_draft_by_then_takes_nothing(world: World) -> None:
    row = keep(world)
    draft = get_draft(world.again())
    seen = kept_digest(draft, get_kept(draft, row.pk))
    post_fields(world.preparer, world.assessment, 0, facts={"bal": "9500"})
    with pytest.raises(Stale):
        take(world, row, seen=seen)
    assert FactEntry.objects.filter(fact="bal").latest("revision").value == "9500"


def test_a_figure_of_anothers_section_is_left_as_it_is(world: World) -> None:
    row = keep(world, bal="10000", policy="2")
    other = person("prep-2", world.bank, "bank_preparer")
    seen = assignment_digest(world.again())
    assign_sections(actor=world.reviewer, assessment_id=world.assessment.pk, seen=seen, wanted={"figures": other.pk})
    saved = take(world, row)
    assert {key.id for key in saved.written} == {"policy"}
    assert "prep-2" in next(iter(saved.errors.values()))


@pytest.mark.parametrize("state", Filing.values)
@pytest.mark.parametrize("role", ["preparer", "reviewer", "signatory"])
def test_who_keeps_removes_and_takes_over_when(world: World, role: str, state: str) -> None:
    who = getattr(world, role)
    Assessment.objects.filter(pk=world.assessment.pk).update(filing_state=state)
    row = keep(world, who=who)
    if (role, state) == ("preparer", "preparing"):
        assert take(world, row, who).written
    else:
        with pytest.raises(Refused):
            take(world, row, who)
    remove_what_if(actor=who, assessment_id=world.assessment.pk, kept_id=row.pk)


def test_nobody_else_reads_or_keeps_and_nothing_moves_in_a_closed_round(world: World) -> None:
    row = keep(world)
    other = build("B002")
    for who in (other.preparer, world.officer):
        with pytest.raises(Http404):
            keep(world, "别家", who)
        with pytest.raises(Http404):
            remove_what_if(actor=who, assessment_id=world.assessment.pk, kept_id=row.pk)
    with pytest.raises(Http404):
        get_kept(get_draft(other.again()), row.pk)
    for name in ("filing-whatif-kept", "filing-whatif-one"):
        args = [world.assessment.pk, *([row.pk] if name.endswith("one") else [])]
        assert at(other.preparer).get(reverse(name, args=args)).status_code == 404
        assert at(world.officer).get(reverse(name, args=args)).status_code == 403
    world.round.state = RoundState.CLOSED
    world.round.save()
    with pytest.raises(Refused):
        keep(world, "迟了")


def test_the_pages_keep_compare_open_again_and_take_over(world: World) -> None:
    pk, client = world.assessment.pk, at(world.preparer)
    url = reverse("filing-whatif-keep", args=[pk])
    refused = client.post(url, {"f-bal": "10000", "keep_name": ""})
    assert refused.status_code == 422
    assert 'value="10,000"' in refused.content.decode() or 'value="10000"' in refused.content.decode()
    by_script = client.post(url, {"f-bal": "10000", "keep_name": "甲"}, headers={"hx-request": "true"})
    assert by_script["HX-Redirect"] == reverse("filing-whatif-kept", args=[pk])
    assert client.post(url, {"f-bal": "20000", "keep_name": "乙"}).status_code == 302
    listed = client.get(reverse("filing-whatif-kept", args=[pk])).content.decode()
    assert "现有填报" in listed
    for word in ("甲", "乙", "10,000", "20,000", "9,000"):
        assert word in listed
    row = KeptWhatIf.objects.get(name="乙")
    again = client.get(reverse("filing-whatif", args=[pk]) + f"?kept={row.pk}").content.decode()
    assert "20,000" in again
    assert "对比已保存的 2 个试算" in again
    one = reverse("filing-whatif-one", args=[pk, row.pk])
    shown = client.get(one).content.decode()
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    assert client.post(one, {"seen": "x", "take": "1"}).status_code == 409
    assert client.post(one, {"seen": seen, "take": "1"}).status_code == 302
    assert FactEntry.objects.filter(fact="bal").latest("revision").value == "20000"
    assert "写入草稿" not in client.get(one).content.decode().split("<form")[-1]
    assert client.post(one, {"remove": "1"}).status_code == 302
    assert client.get(one).status_code == 404
