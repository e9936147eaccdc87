"""The page of one event: what was before and after, in words, for the auditor alone."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from assessments.objections.services import save_objection
from assessments.tests.measures.world import build
from assessments.trail.event import _details
from assessments.trail.views import PAGES
from banks.services.banks import change_bank
from banks.tests.factories import make_bank, make_person
from scorecard.access.policy import url_policy
from scorecard.access.roles import BANK_ROLES, Role
from scorecard.audit.models import Event
from scorecard.audit.services import record

pytestmark = pytest.mark.django_db


def test_an_event_says_before_and_after_and_leads_to_its_object(client: Client) -> None:
    administrator, auditor = make_person(Role.ADMINISTRATOR), make_person(Role.AUDITOR)
    bank = make_bank(name_zh="松江示例村镇银行")
    change_bank(actor=administrator, bank=bank, revision=bank.revision, values={"contact_phone": "021-5555 0101"})
    event = Event.objects.filter(event="banks.bank.changed").get()
    client.force_login(auditor)
    page = client.get(f"/audit/{event.seq}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "021-5555 0101" in text
    assert "变更后" in text
    assert f'href="/banks/{bank.pk}/"' in text
    assert "松江示例村镇银行" in text
    assert event.hash in text
    assert f'href="/audit/{event.seq}/"' in client.get("/audit/").content.decode()
    assert client.get("/audit/999999/").status_code == 404


def test_states_and_pairs_are_in_words() -> None:
    found = list(_details({"from": "proposed", "to": "declined", "measure": "rating_up", "reason": "整改中"}, None))
    assert (found[0].before, found[0].after) == ("拟采取", "不予采取")
    assert [detail.label for detail in found] == ["状态", "监管措施", "理由"]


def test_nobody_but_the_auditor_opens_an_event(client: Client) -> None:
    bank = make_bank()
    for role in Role:
        if role != Role.AUDITOR:
            client.force_login(make_person(role, bank=bank if role in BANK_ROLES else None))
            assert client.get("/audit/1/").status_code == 403


def test_every_kind_of_object_that_has_a_page_is_linked(client: Client) -> None:
    """Notices, measures and objections too, which events are about as much as cases and banks."""
    register = build()
    case = register.told()
    live = register.live(case, "access")
    preparer = register.base.people(case)["preparer"]
    objection = save_objection(actor=preparer, assessment_id=case.pk, statement="请复核。", grounds={}, revision=0)
    wanted = [
        (case.rating.notice, reverse("notice-detail", args=[case.pk])),
        (live, reverse("measure-detail", args=[live.pk])),
        (objection, reverse("objection-detail", args=[case.pk])),
        (case.reviewed_run, reverse("review-detail", args=[case.pk])),
    ]
    client.force_login(make_person(Role.AUDITOR))
    for target, url in wanted:
        event = record("access.hidden", actor=None, target=target)
        page = client.get(reverse("audit-event", args=[event.seq])).content.decode()
        assert f'href="{url}"' in page.split("<main")[1], url


def test_the_pages_of_objects_are_those_of_models_and_open_to_the_auditor() -> None:
    for label, (page, _argument) in PAGES.items():
        assert apps.get_model(label) is not None
        assert url_policy()[page].admits(frozenset({Role.AUDITOR})), page
