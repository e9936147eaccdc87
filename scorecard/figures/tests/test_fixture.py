"""Reading a fixture: every problem with file, line and field; uploads that are no fixture."""

import io
import zipfile
from pathlib import Path

import pytest
from django.utils.translation import override

from scorecard.figures.files import MAX_FILE_BYTES, MAX_TOTAL_BYTES, UploadError, read_directory, read_upload
from scorecard.figures.fixture import parse
from scorecard.figures.rows import COLUMNS
from scorecard.figures.stored_message import in_words

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "report_2017"
GOOD = {
    "id": "r2017-1-2-1-1-001",
    "chapter": "1",
    "section": "1-2-1-1",
    "topic": "sme_credit",
    "institution": "",
    "indicator_zh": "小微企业贷款余额",
    "indicator_en": "SME loan balance",
    "value": "13270.79",
    "unit": "亿元",
    "normalised_value": "1327079000000",
    "normalised_unit": "CNY",
    "qualifier": "",
    "as_of": "2017-12-31",
    "compared_with": "",
    "kind": "level",
    "dimension": "availability",
}


def csv_of(*rows: dict[str, str], header: tuple[str, ...] = COLUMNS) -> bytes:
    lines = [",".join(header)]
    lines += [",".join(f'"{row.get(name, "")}"' for name in header) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def problems(**files: bytes) -> list[tuple[str, int, str]]:
    named = {name.replace("_", "."): data for name, data in files.items()}
    return [(problem.file, problem.line, problem.field) for problem in parse(named).problems]


def test_a_good_row_has_no_problem() -> None:
    assert problems(a_csv=csv_of(GOOD)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "x"}, "id"),
        ({"id": "r2017-1-2-1-2-001"}, "id"),
        ({"section": "1-99"}, "section"),
        ({"chapter": "9"}, "chapter"),
        ({"chapter": "2"}, "chapter"),
        ({"topic": "weather"}, "topic"),
        ({"kind": "big"}, "kind"),
        ({"dimension": ""}, "dimension"),
        ({"indicator_zh": ""}, "indicator_zh"),
        ({"indicator_en": "x" * 161}, "indicator_en"),
        ({"qualifier": "大约"}, "qualifier"),
        ({"as_of": "2017-13"}, "as_of"),
        ({"as_of": ""}, "as_of"),
        ({"as_of": "2018/2017"}, "as_of"),
        ({"compared_with": "last year"}, "compared_with"),
        ({"value": "13270,79"}, "value"),
        ({"unit": "亿磅"}, "unit"),
        ({"normalised_unit": "household"}, "normalised_unit"),
        ({"normalised_value": "1.3e12"}, "normalised_value"),
        ({"normalised_value": "1327078000000"}, "normalised_value"),
        ({"normalised_value": "-1327079000000"}, "normalised_value"),
        ({"normalised_value": "0" * 25}, "normalised_value"),
    ],
)
def test_each_wrong_field_is_named_with_its_line(changes: dict[str, str], field: str) -> None:
    found = problems(a_csv=csv_of(GOOD | {"id": "r2017-1-2-1-1-002"}, GOOD | changes))
    assert ("a.csv", 3, field) in found
    assert {line for _file, line, _field in found} == {3}


def test_a_fall_is_negative_and_only_a_change_may_be() -> None:
    fall = GOOD | {
        "value": "0.4",
        "unit": "个百分点",
        "normalised_value": "-0.4",
        "normalised_unit": "pp",
        "kind": "change",
    }
    assert problems(a_csv=csv_of(fall)) == []
    assert problems(a_csv=csv_of(fall | {"kind": "share"})) == [("a.csv", 2, "normalised_value")]


def test_all_problems_are_collected_at_once() -> None:
    rows = [GOOD | {"id": f"r2017-1-2-1-1-{n:03d}", "topic": "weather", "kind": "big"} for n in range(1, 6)]
    assert len(problems(a_csv=csv_of(*rows))) == 10


def test_an_id_is_given_once_even_across_files() -> None:
    assert problems(a_csv=csv_of(GOOD), b_csv=csv_of(GOOD)) == [("b.csv", 2, "id")]


def test_headers_and_cells() -> None:
    assert problems(a_csv=csv_of(GOOD, header=COLUMNS[:-1])) == [("a.csv", 1, "dimension")]
    assert problems(a_csv=csv_of(GOOD, header=(*COLUMNS, "colour"))) == [("a.csv", 1, "colour")]
    assert problems(a_csv=csv_of(GOOD, header=(*COLUMNS, "unit"))) == [("a.csv", 1, "")]
    assert problems(a_csv=csv_of(GOOD) + b"one,two\n") == [("a.csv", 3, "")]
    assert problems(a_csv=csv_of(GOOD) + b'"open\n') == [("a.csv", 3, "")]
    assert problems(a_csv=b"") == [("a.csv", 1, "")]
    assert problems(a_csv=csv_of()) == [("", 0, "")]
    assert problems(a_csv=csv_of(GOOD) + "银行".encode("gb18030")) == [("a.csv", 3, "")]


def test_a_cell_over_several_lines_keeps_the_line_numbers_right() -> None:
    split = GOOD | {"institution": "上海\n银行"}
    assert problems(a_csv=csv_of(split, GOOD | {"id": "r2017-1-2-1-1-002", "kind": "big"})) == [("a.csv", 4, "kind")]


def test_relations_name_their_line_and_key() -> None:
    text = (
        b"relations:\n  - id: one\n    kind: same\n    figures: [r2017-1-2-1-1-001, r2017-1-2-1-1-009]\n"
        b"  - id: one\n    kind: magic\n"
    )
    assert problems(a_csv=csv_of(GOOD), relations_yaml=text) == [
        ("relations.yaml", 5, "kind"),
        ("relations.yaml", 2, "figures"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"relations: [",
        b"other: 1",
        b"- 1",
        b"relations:\n - 1",
        b"relations: 1\nrelations: 2",
        b"relations: !!python/object:os.system x",
        b"a: &a [*a]",
    ],
)
def test_broken_yaml_is_a_problem_not_an_error(text: bytes) -> None:
    found = problems(a_csv=csv_of(GOOD), relations_yaml=text)
    assert found
    assert found[0][0] == "relations.yaml"


def test_a_relation_over_a_wrong_row_is_not_judged() -> None:
    text = b"relations:\n  - id: one\n    kind: same\n    figures: [r2017-1-2-1-1-001, r2017-1-2-1-1-001]\n"
    assert problems(a_csv=csv_of(GOOD | {"kind": "big"}), relations_yaml=text) == [("a.csv", 2, "kind")]


def test_messages_are_kept_without_a_language() -> None:
    stored = parse({"a.csv": csv_of(GOOD | {"topic": "weather"})}).problems[0].as_dict()
    with override("en"):
        assert in_words(stored["message"]).startswith("“weather” is not a known code; use one of: outlets,")


# --- Uploads ---------------------------------------------------------------------------------------------------------


def zip_of(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def test_a_zip_of_the_folder_is_the_folder() -> None:
    found = read_upload(
        "report.zip", zip_of(**{f"report_2017/{path.name}": path.read_bytes() for path in FOLDER.iterdir()})
    )
    assert found == read_directory(FOLDER)
    assert parse(found).digest == parse(read_directory(FOLDER)).digest


def test_one_file_is_enough() -> None:
    assert set(read_upload("C:\\data\\chapter-1.csv", csv_of(GOOD))) == {"chapter-1.csv"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.exe", b"MZ"),
        ("a.zip", b"not a zip"),
        ("a.csv", b"\x00\x01"),
        ("a.zip", zip_of(readme=b"nothing")),
        ("a.zip", zip_of(**{"x/a.csv": b"1", "y/a.csv": b"2"})),
        ("a.zip", zip_of(**{f"{n}.csv": b"1" for n in range(41)})),
        ("a.zip", zip_of(**{"a.csv": b" " * (MAX_FILE_BYTES + 1)})),
        ("a.zip", zip_of(**{f"{n}.csv": b" " * MAX_FILE_BYTES for n in range(5)})),
        ("a.csv", b" " * (MAX_TOTAL_BYTES + 1)),
        ("a.zip", zip_of(**{"a.csv": csv_of(GOOD)})[:-30]),
    ],
)
def test_what_is_no_fixture_is_refused_with_a_sentence(name: str, data: bytes) -> None:
    with pytest.raises(UploadError) as error:
        read_upload(name, data)
    assert str(error.value.args[0]).endswith((".", "。"))


def test_paths_in_a_zip_never_leave_it() -> None:
    """Only the last part of a name is used, and nothing is written to disk."""
    assert set(read_upload("a.zip", zip_of(**{"../../etc/a.csv": csv_of(GOOD)}))) == {"a.csv"}
