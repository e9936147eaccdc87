"""Who signs a notice: the authority's own name where it is set, as it was when the notice was sent."""

import pytest
from django.test import Client
from django.urls import reverse

from assessments.tests.reviews.world import build

pytestmark = pytest.mark.django_db


def signature(page: str, which: int) -> str:
    """The signature of the letter: 0 the Chinese one, 1 its English translation."""
    part = page.split('class="letter-sign"')[which + 1]
    return part[part.index("<p>") + 3 : part.index("</p>")]


def test_without_a_name_the_supervisor_signs(settings) -> None:  # type: ignore[no-untyped-def]
    settings.AUTHORITY_NAME, settings.AUTHORITY_NAME_EN = "", ""
    world = build()
    case = world.notified("AAA")
    client = Client()
    client.force_login(world.officer)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("notice-detail", args=[case.pk])).content.decode()
    assert (signature(page, 0), signature(page, 1)) == ("监管部门", "The supervisor")


@pytest.mark.parametrize(("english", "shown"), [("Bureau of Tests", "Bureau of Tests"), ("", "测试监管局")])
def test_the_authority_signs_by_its_own_name_and_a_new_one_changes_no_old_notice(  # type: ignore[no-untyped-def]
    settings, english: str, shown: str
) -> None:
    settings.AUTHORITY_NAME, settings.AUTHORITY_NAME_EN = " 测试监管局 ", english
    world = build()
    case = world.notified("AAA")
    client = Client()
    client.force_login(world.officer)
    client.cookies["django_language"] = "en"
    url = reverse("notice-detail", args=[case.pk])
    for _ in range(2):
        page = client.get(url).content.decode()
        assert (signature(page, 0), signature(page, 1)) == ("测试监管局", shown)
        settings.AUTHORITY_NAME, settings.AUTHORITY_NAME_EN = "新名称", "Another name"
