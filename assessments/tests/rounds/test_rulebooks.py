"""Publishing a rulebook out of its folder."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import OperationalError

from assessments.models import RulebookVersion
from assessments.rulebooks.cache import engine_rulebook
from assessments.rulebooks.services import RulebookFaulty, installed_rulebooks, publish_rulebook
from assessments.tests.filings.world import RULEBOOK
from banks.tests.factories import make_bank, make_person
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.models import Event

from .world import administrator

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """A rulebook directory with the small rulebook, without the fact that nothing uses."""
    settings.RULEBOOK_DIR = tmp_path
    write(tmp_path, copy.deepcopy(RULEBOOK))
    return tmp_path / "mini" / "1"


def write(root: Path, data: dict[str, Any], folder: str = "mini/1") -> None:
    data["facts"].pop("note", None)
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "rulebook.yaml").write_text(
        yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def test_published_once_with_one_event_and_read_back_whole(folder: Path) -> None:
    admin = administrator()
    row = publish_rulebook(actor=admin, code="mini", version="1")
    assert (row.title_zh, row.published_by) == ("小型评价办法", admin)
    assert engine_rulebook(row).hash == row.hash
    assert publish_rulebook(actor=admin, code="mini", version="1") == row
    assert Event.objects.filter(event="assessments.rulebook.published").count() == 1


def test_other_content_under_a_published_name_is_refused(folder: Path) -> None:
    first = publish_rulebook(actor=None, code="mini", version="1")
    changed = copy.deepcopy(RULEBOOK)
    changed["grades"][0]["min"] = "17"
    write(folder.parents[1], changed)
    with pytest.raises(Refused, match="mini"):
        publish_rulebook(actor=None, code="mini", version="1")
    assert RulebookVersion.objects.get().hash == first.hash


def test_every_finding_refuses_and_is_handed_on(folder: Path) -> None:
    broken = copy.deepcopy(RULEBOOK)
    broken["indicators"]["B2"]["rule"]["target"] = "T9"
    broken["grades"][0]["name"]["en"] = ""
    write(folder.parents[1], broken)
    with pytest.raises(RulebookFaulty) as caught:
        publish_rulebook(actor=None, code="mini", version="1")
    keys = " ".join(finding.key for finding in caught.value.findings)
    assert "B2" in keys
    assert "grades" in keys
    assert all(finding.file == "rulebook.yaml" and finding.line > 1 for finding in caught.value.findings)
    assert not RulebookVersion.objects.exists()


def test_the_folder_and_the_rulebook_agree_on_the_name(folder: Path) -> None:
    write(folder.parents[1], copy.deepcopy(RULEBOOK), "other/1")
    with pytest.raises(Refused, match="other/1"):
        publish_rulebook(actor=None, code="other", version="1")
    assert installed_rulebooks() == [("mini", "1"), ("other", "1")]


@pytest.mark.parametrize("name", ["..", "../../etc", "", "mini/1", ".hidden", "none"])
def test_no_name_leaves_the_directory(folder: Path, name: str) -> None:
    for code, version in ((name, "1"), ("mini", name)):
        with pytest.raises(Refused):
            publish_rulebook(actor=None, code=code, version=version)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_only_the_administrator_publishes(folder: Path, role: str) -> None:
    person = make_person(role, bank=make_bank() if role.startswith("bank_") else None)
    with pytest.raises(Refused):
        publish_rulebook(actor=person, code="mini", version="1")
    assert not RulebookVersion.objects.exists()


def test_the_command_speaks_english_unless_asked_otherwise(folder: Path, tmp_path: Path) -> None:
    elsewhere = write_elsewhere(tmp_path)
    with pytest.raises(CommandError, match="installed"):
        call_command("rulebook", "publish", elsewhere)
    with pytest.raises(CommandError, match="已安装"):
        call_command("rulebook", "--lang", "zh", "publish", elsewhere)


def write_elsewhere(root: Path) -> str:
    data = copy.deepcopy(RULEBOOK)
    data["rulebook"]["code"] = "other"
    write(root / "elsewhere", data, "other/1")
    return str(root / "elsewhere" / "other" / "1")


def test_the_command_names_the_mend_where_the_database_is_not_set_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unready(**_: object) -> None:
        raise OperationalError("no such table: assessments_rulebookversion")

    monkeypatch.setattr("assessments.rulebooks.services.publish_rulebook", unready)
    with pytest.raises(CommandError, match=r"no such table.*manage\.py migrate"):
        call_command("rulebook", "publish", str(folder))
