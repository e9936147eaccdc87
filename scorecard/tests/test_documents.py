"""Documents that repeat what the code says are held to it; links among documents lead somewhere."""

import re
from pathlib import Path

import pytest

from assessments.workflow import TRANSITIONS, Transition
from scorecard.access.roles import Role

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "README.zh-CN.md"]


def _table(text: str, head: str) -> list[list[str]]:
    """The rows of the table whose head line begins so."""
    lines = text[text.index(head) :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _states(row: Transition, end: int) -> str:
    """The states before (0) or after (1) a step; what is put right is named where the step is about it."""
    reviews = [row.review[end] or "as before", *(row.also_from if end == 0 else ())]
    found = f"{row.filing[end]} · {' / '.join(map(str, reviews))}"
    about = row.correction is not None and row.correction != ("none", "none")
    return f"{found} · {row.correction[end]}" if about and row.correction else found


def test_the_workflow_page_has_the_products_table() -> None:
    text = (ROOT / "docs" / "workflow.md").read_text(encoding="utf-8")
    written = _table(text, "| Step | Role |")
    expected = [
        [
            f"`{row.name}`",
            ", ".join(sorted(row.roles)),
            _states(row, 0),
            _states(row, 1),
            ", ".join(f"`{guard.__name__}`" for guard in row.guards),
            "yes" if row.reason else "",
            "yes" if row.signature else "",
        ]
        for row in TRANSITIONS.values()
    ]
    assert written == expected
    guards = {cell[0].strip("`") for cell in _table(text, "| Guard |")}
    assert guards == {guard.__name__ for row in TRANSITIONS.values() for guard in row.guards}
    assert len(_table(text, "| Role | Does |")) == len(Role)
    for row in TRANSITIONS.values():
        assert f": {row.name}" in text, f"the diagram lacks {row.name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_among_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


#: A document, or a Python file, as docstrings and comments name it.
NAMED_DOCUMENT = re.compile(r"[\w./-]*\b[a-z][\w-]*\.md\b")
NAMED_MODULE = re.compile(r"`+([\w./-]+\.py)`+")


def test_every_file_that_a_docstring_names_exists() -> None:
    """A newcomer follows what the code names: a document of this project, a file by the end of its path."""
    sources = [path for app in ("scorecard", "banks", "assessments") for path in (ROOT / app).rglob("*.py")]
    documents = {path.name for path in DOCUMENTS} | {path.name for path in ROOT.glob("*.md")}
    modules = {
        path.relative_to(ROOT).as_posix() for path in (*sources, *(ROOT / "scripts").glob("*.py"), ROOT / "conftest.py")
    }
    lost = set()
    for path in sources:
        if {"tests", "migrations"} & set(path.relative_to(ROOT).parts):
            continue
        text = path.read_text(encoding="utf-8")
        found = {name for name in NAMED_DOCUMENT.findall(text) if name.rpartition("/")[2] not in documents}
        for named in NAMED_MODULE.findall(text):
            if not any(f"/{module}".endswith(f"/{named}") for module in modules):
                found.add(named)
        lost |= {f"{path.relative_to(ROOT)}: {name}" for name in found}
    assert lost == set()


def test_the_index_names_every_document() -> None:
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "docs").glob("*.md") if f"({path.name})" not in text + "(README.md)"] == []
