"""Saving drafts, and what evidence is taken."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from assessments.filings.drafts import Conflict
from assessments.filings.evidence import add_evidence, open_evidence, reuse_evidence, withdraw_evidence
from assessments.filings.evidence_kinds import clean_name
from assessments.filings.keys import Key, Kind
from assessments.filings.selectors import get_draft
from assessments.filings.submission import draft_content
from assessments.models import REPORT, Answer, Assessment, Evidence, Round
from assessments.rulebooks.cache import forget
from assessments.tests.filings.world import World, build, person, post_fields, signed_with
from banks.models import FactEntry
from scorecard.access.decisions import Hidden, Refused, Stale, TooLarge
from scorecard.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    forget()
    return build()


def save(world: World, revision: int, **more: Any) -> Any:
    actor = more.pop("actor", world.preparer)
    return post_fields(actor, world.assessment, revision, **more)


def test_only_what_changed_makes_a_row(world: World) -> None:
    first = save(
        world,
        0,
        facts={"bal": "1.2亿元", "rate": "55", "policy": "1", "flow": "none"},
        answers={"A1": {"narrative": "做法", "self_points": "2"}},
    )
    assert first.revision == 1 and not first.errors
    stored = dict(FactEntry.objects.values_list("fact", "value"))
    assert stored == {"bal": "12000", "rate": "0.55", "policy": "1", "flow": "none"}
    again = save(
        world,
        1,
        facts={"bal": "12,000", "rate": "55.0%"},
        answers={"A1": {"narrative": " 做法 ", "self_points": "2.0"}},
    )
    assert again.written == () and again.revision == 1 and FactEntry.objects.count() == 4
    save(world, 1, answers={"A1": {"self_points": "3"}})
    latest = Answer.objects.get(indicator="A1", revision=2)
    assert (latest.narrative, latest.self_points) == ("做法", "3")
    assert Event.objects.filter(event="assessments.draft.saved").count() == 2


def test_right_fields_are_saved_beside_wrong_ones(world: World) -> None:
    with translation.override("zh-hans"):
        saved = save(
            world,
            0,
            facts={"bal": "许多", "rate": "120", "policy": "7", "bal_prev": "10000"},
            answers={"A1": {"self_points": "5", "narrative": "有"}},
        )
    assert saved.written == ("f-bal_prev", "n-A1")
    assert set(saved.errors) == {"f-bal", "f-rate", "f-policy", "s-A1"}
    assert "小微企业贷款余额" in saved.errors["f-bal"] and "许多" in saved.errors["f-bal"]


def test_a_field_changed_by_somebody_else_stops_the_save(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    save(world, 0, facts={"bal": "12000"})
    save(world, 1, actor=other, facts={"bal": "13000"})
    with pytest.raises(Stale) as stale:
        save(world, 1, facts={"bal": "14000", "rate": "50"})
    assert stale.value.current == [
        Conflict(Key(Kind.FACT, "bal"), stale.value.current[0].label, Decimal(14000), Decimal(13000), "prep-2")
    ]
    assert not FactEntry.objects.filter(fact="rate").exists()
    # Having seen the other's value, one's own goes.
    assert save(world, 2, facts={"bal": "14000", "rate": "50"}).revision == 3


def test_work_on_other_fields_is_no_conflict(world: World) -> None:
    other = person("prep-2", world.bank, "bank_preparer")
    save(world, 0, facts={"bal": "12000"})
    save(world, 1, actor=other, answers={"A1": {"narrative": "甲"}})
    assert save(world, 1, facts={"rate": "50"}).revision == 3
    # The same value twice is no conflict either.
    assert save(world, 0, facts={"bal": "12000"}).written == ()


def test_not_applicable_only_where_the_rulebook_says_what_it_does(world: World) -> None:
    saved = save(
        world,
        0,
        facts={"bal": "不适用", "flow": "n/a"},
        answers={"A1": {"not_applicable": True}, "A2": {"not_applicable": True}},
    )
    assert set(saved.errors) == {"f-bal", "x-A1"}
    assert (
        FactEntry.objects.get(fact="flow").state == "not_applicable"
        and Answer.objects.get(indicator="A2").not_applicable
    )


def test_who_may_not_save(world: World) -> None:
    stranger = build("B002")
    with pytest.raises(Hidden):
        save(world, 0, actor=stranger.preparer, facts={"bal": "1"})
    for actor in (world.reviewer, world.signatory, world.officer):
        with pytest.raises(Refused):
            save(world, 0, actor=actor, facts={"bal": "1"})
    Round.objects.update(filing_deadline=timezone.now() - timedelta(seconds=1))
    with translation.override("en"), pytest.raises(Refused) as late:
        save(world, 0, facts={"bal": "1"})
    assert "deadline" in str(late.value)
    assert not FactEntry.objects.exists()


def test_facts_of_others_and_unknown_names_are_refused(world: World) -> None:
    saved = save(
        world,
        0,
        facts={"violations": "0", "nothing": "1"},
        answers={"Z9": {"narrative": "x"}, REPORT: {"narrative": "总结"}, "_check:bal_jump": {"narrative": "并购"}},
    )
    assert set(saved.errors) == {"f-violations", "f-nothing", "n-Z9"} and set(saved.written) == {
        "n-_report",
        "n-_check:bal_jump",
    }


# --- Evidence ---------------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF"


def archive(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


XLSX = archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def add(world: World, name: str, content: bytes, indicator: str = "A1") -> Evidence:
    return add_evidence(
        actor=world.preparer,
        assessment_id=world.assessment.pk,
        indicator=indicator,
        upload=SimpleUploadedFile(name, content),
    )


def test_a_bank_has_so_much_room_in_one_round(world: World, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessments.filings.evidence.QUOTA_MB", 1)
    first = add(world, "a.pdf", PDF + b"%" * 600_000)
    reuse_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=first.pk, indicator="A2")
    add(world, "b.pdf", PDF + b"%" * 300_000)
    withdraw_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=first.pk)
    with pytest.raises(Refused, match="1 MB"):
        add(world, "c.pdf", PDF + b"%" * 200_000)
    assert len(list(media.rglob("*.pdf"))) == 2


def test_a_file_is_kept_under_its_own_name_and_what_it_holds(world: World, media: Path) -> None:
    row = add(world, "..\\..\\定价制度.exe", PDF)
    assert (row.name, row.content_type, row.size) == ("定价制度.exe.pdf", "application/pdf", len(PDF))
    assert (media / row.file.name).read_bytes() == PDF and "定价" not in row.file.name
    assert add(world, "a.xlsx", XLSX).content_type.endswith("spreadsheetml.sheet")
    with pytest.raises(Hidden):
        open_evidence(actor=world.officer, evidence_id=row.pk)  # of a draft: the bank's own
    signed_with(world, row.pk)
    handed = open_evidence(actor=world.officer, evidence_id=row.pk)
    with handed.stream:
        assert handed.stream.read() == PDF and handed.row == row and not handed.marked, "broken, so given as it is"
    assert list(
        Event.objects.filter(event__startswith="assessments.evidence").order_by("seq").values_list("event", flat=True)
    ) == [
        "assessments.evidence.added",
        "assessments.evidence.added",
        "assessments.evidence.read",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 not what it says",
        archive(("[Content_Types].xml", b"x"), ("xl/workbook.xml", b"x"), ("xl/vbaProject.bin", b"x")),
        archive(("a.txt", b"x")),
        archive(("a.zip", archive(("a.pdf", PDF)))),
        archive(
            ("[Content_Types].xml", b'<Override ContentType="application/vnd.ms-office.vbaProject"/>'),
            ("xl/workbook.xml", b"x"),
            ("xl/harmless.bin", b"x"),
        ),
        archive(
            ("[Content_Types].xml", '<a b="application/vnd.ms-word.document.macroEnabled.main+xml"/>'.encode("utf-16")),
            ("word/document.xml", b"x"),
        ),
        archive(
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", b"x"),
            ("word/_rels/document.xml.rels", b'<Relationship Type="http://x/relationships/oleObject"/>'),
        ),
        archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"x"), ("word/embeddings/a.xlsx", b"x")),
        archive(("../../etc/passwd", b"x"), ("[Content_Types].xml", b"x"), ("word/document.xml", b"x")),
        archive(("[Content_Types].xml", b"x"), ("word/document.xml", b"0" * 5_000_000)),
        XLSX[:-30],
    ],
)
def test_what_is_not_taken(world: World, media: Path, content: bytes) -> None:
    with pytest.raises(Refused):
        add(world, "a.pdf", content)
    assert not Evidence.objects.exists() and not [path for path in media.rglob("*") if path.is_file()]


def test_too_large_twice_and_too_late(world: World, media: Path, settings: Any) -> None:
    add(world, "a.pdf", PDF)
    with pytest.raises(Refused):
        add(world, "b.pdf", PDF)
    settings.MAX_UPLOAD_MB = 0
    with pytest.raises(TooLarge):
        add(world, "c.pdf", PDF + b"x")
    settings.MAX_UPLOAD_MB = 1
    Assessment.objects.update(filing_state="checking")
    with pytest.raises(Refused):
        add(world, "d.pdf", PDF + b"y")
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1


def test_withdrawn_files_stay_on_disk_and_foreign_ones_are_hidden(world: World, media: Path) -> None:
    row = add(world, "a.pdf", PDF)
    stranger = build("B002")
    with pytest.raises(Hidden):
        open_evidence(actor=stranger.preparer, evidence_id=row.pk)
    for assessment in (world.assessment, stranger.assessment):
        with pytest.raises(Hidden):
            withdraw_evidence(actor=stranger.preparer, assessment_id=assessment.pk, evidence_id=row.pk)
    gone = withdraw_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=row.pk)
    assert gone.withdrawn_by == world.preparer and (media / row.file.name).exists()
    signed_with(world)
    with pytest.raises(Hidden):
        open_evidence(actor=world.officer, evidence_id=row.pk)  # taken out before the signature
    open_evidence(actor=world.preparer, evidence_id=row.pk).stream.close()
    administrator = person("root", None, "administrator")
    with pytest.raises(Hidden):
        open_evidence(actor=administrator, evidence_id=row.pk)


def test_names_lose_paths_and_odd_characters() -> None:
    assert clean_name("a/b\u202e\x00c.PDF", ".pdf") == "bc.PDF"
    assert clean_name("", ".png").endswith(".png")
    assert clean_name("photo.JPEG", ".jpg") == "photo.JPEG"
    assert len(clean_name("长" * 500 + ".pdf", ".pdf")) == 124


def test_points_are_read_in_whatever_width_the_digits_come(world: World) -> None:
    """An input method in Chinese types full-width digits; figures were read, points were refused."""
    saved = save(world, 0, answers={"A1": {"self_points": "２．５分"}})
    assert not saved.errors and Answer.objects.get(indicator="A1").self_points == "2.5"


def test_the_migration_keeps_every_revision_and_goes_back(world: World) -> None:
    moved = import_module("assessments.migrations.0005_draft_keys")
    old = {"f-bal_prev": 3, "n-A1": 1, "s-A1": 2, "x-A2": 4, "n-_check:bal_jump": 5, "n-_report": 6}
    Assessment.objects.filter(pk=world.assessment.pk).update(touched=old)
    moved.by_kind(apps, None)
    assert world.again().touched == {
        "fact:bal_prev": 3,
        "narrative:A1": 1,
        "self_points:A1": 2,
        "not_applicable:A2": 4,
        "narrative:_check:bal_jump": 5,
        "narrative:_report": 6,
    }
    moved.by_letter(apps, None)
    assert world.again().touched == old


def test_withdrawing_makes_no_room_without_end(world: World, media: Path, monkeypatch: Any) -> None:
    """Withdrawn files stay on the disk; twenty at a time, withdrawn and added again, filled it."""
    monkeypatch.setattr("assessments.filings.evidence.MAX_KEPT", 3)
    for number in range(3):
        row = add(world, "a.pdf", PDF + b"%d" % number)
        withdraw_evidence(actor=world.preparer, assessment_id=world.assessment.pk, evidence_id=row.pk)
    with pytest.raises(Refused):
        add(world, "a.pdf", PDF + b"x")
    assert add(world, "a.pdf", PDF + b"x", "A2").indicator == "A2"


def test_no_text_is_kept_that_stands_on_no_page(world: World) -> None:
    """It would be frozen by a signature whose owner never saw it; and its name has no room in the database."""
    ids = ["_check:", "_check:unknown", "_check:magnitude:unknown", "_check:bal_jump:x", f"_check:{'x' * 80}"]
    saved = save(world, 0, answers={id: {"narrative": "未展示的文字"} for id in ids})
    assert len(saved.errors) == len(ids) and not Answer.objects.exists()
    for id in ("_check:magnitude:bal", "_check:range:bal", "_check:bal_jump"):
        assert save(world, 9, answers={id: {"narrative": "说明"}}).errors == {}


def test_a_signature_freezes_the_explanations_of_what_the_checks_find_now(world: World) -> None:
    world.facts(bal="40000", bal_prev="10000")
    save(world, 9, answers={"_check:bal_jump": {"narrative": "并购"}})
    explained = lambda: draft_content(get_draft(world.again()))["explanations"]  # noqa: E731
    assert explained() == {"bal_jump": "并购"}
    world.facts(bal="12000")
    assert explained() == {}
