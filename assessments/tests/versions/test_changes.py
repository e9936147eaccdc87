"""What differs between two versions, and between the newest one and the draft."""

from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assessments.filings.versions.contents import content_of
from assessments.filings.versions.differences import changes, text_parts
from assessments.tests.filings.world import World, build
from assessments.tests.versions.test_documents import at
from assessments.tests.versions.world import NARRATIVE, attach, fill, send_back, submit

TEXT = st.text(alphabet="甲乙。；\nab.", max_size=30)


@given(TEXT, TEXT)
def test_the_parts_of_two_texts_give_back_both(before: str, after: str) -> None:
    found = list(text_parts(before, after))
    assert "".join(text for kind, text in found if kind in "=-") == before
    assert "".join(text for kind, text in found if kind in "=+") == after


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> World:
    settings.MEDIA_ROOT = tmp_path
    return build()


@pytest.mark.django_db
def test_officer_and_bank_read_what_was_changed_since_the_return(world: World) -> None:
    attach(world)
    fill(world)
    submit(world)
    send_back(world, "请核对贷款余额。")
    fill(world, NARRATIVE + "已补充。", bal="13500", rate="60", policy="2")
    attach(world, "补充材料.pdf", "more")
    draft = at(world.preparer).get(reverse("filing-draft-changes", args=[world.assessment.pk]))
    assert "13,500" in draft.content.decode()
    assert at(world.officer).get(reverse("filing-draft-changes", args=[world.assessment.pk])).status_code == 403
    submit(world)
    url = reverse("filing-version-changes", args=[world.assessment.pk, 1, 2])
    for person in (world.signatory, world.officer):
        page = at(person).get(url)
        found = {change.label: change for one in page.context["pages"] for change in one.changes}
        told = [(change.before, change.after, change.by) for change in found.values()]
        assert ("12,000 万元", "13,500 万元", "+1,500 万元") in told
        assert ("55%", "60%", "+5 个百分点") in told
        assert found["A1 定价制度 · 定价制度等级"].after == "有模型"
        assert found["A1 定价制度 · 银行说明"].parts[-1] == ("+", "已补充。")
        assert ("", "补充材料.pdf", "") in told
        assert len(found) == 5, list(found)
        assert "请核对贷款余额。" in page.content.decode()
    assert at(build("B002").preparer).get(url).status_code == 404


@pytest.mark.django_db
def test_a_version_does_not_differ_from_itself(world: World) -> None:
    fill(world)
    version = submit(world)
    assert changes(content_of(version), content_of(version)) == []
