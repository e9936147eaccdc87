"""The direction of imports (``docs/architecture.md``) and the size of files and functions, read from the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Each package with what it may import of ours, itself aside; the longest match counts.
MAY: dict[str, tuple[str, ...]] = {
    "scorecard.engine": (),
    "scorecard.audit": ("scorecard.access",),
    "scorecard.access": ("scorecard.audit",),
    "scorecard.identity": ("scorecard.access", "scorecard.audit", "scorecard.jobs", "scorecard.ui"),
    "scorecard.jobs": ("scorecard.access", "scorecard.audit", "scorecard.celery"),
    "scorecard.ui": ("scorecard",),
    "scorecard.commands": ("scorecard",),
    "scorecard.figures": ("scorecard",),
    "scorecard": ("scorecard",),
    "banks": ("scorecard",),
    "assessments": ("scorecard", "banks"),
}
BUSINESS = ("scorecard.figures", "banks", "assessments")
# Standard library and what the rulebook format is written in; no framework, no database, no broker.
ENGINE_LIBRARIES = {"yaml", "openpyxl", "python_calamine", "xlsxwriter", "numpy", "pandas"}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the product with its dotted name; tests and migrations are not the product."""
    for top in ("scorecard", "banks", "assessments"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "tests" not in parts and "migrations" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(name: str, path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a module, wherever it stands, as absolute names with their lines."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def within(name: str, package: str) -> bool:
    """Whether a dotted name lies in a package."""
    return name == package or name.startswith(f"{package}.")


def home(name: str) -> str:
    """The row of ``MAY`` that a module falls under."""
    return max((package for package in MAY if within(name, package)), key=len)


def test_the_reader_finds_the_product() -> None:
    found = {home(name) for name, _path in modules()}
    assert found == set(MAY)
    assert dict(imports("a.b.c", Path(__file__))), "it reads this file's own imports"


def test_no_import_against_the_direction() -> None:
    wrong = []
    for name, path in modules():
        here = home(name)
        for line, target in imports(name, path):
            if target.split(".")[0] not in ("scorecard", "banks", "assessments") or within(target, here):
                continue
            if not any(within(target, package) for package in MAY[here]):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_what_everything_shares_imports_no_business_app() -> None:
    """``scorecard`` may not lean on the apps that lean on it; its settings and URLs alone put them together."""
    wrong = []
    for name, path in modules():
        if home(name) in (*BUSINESS, "scorecard.engine") or name in ("scorecard.urls",):
            continue
        wrong += [
            f"{path.relative_to(ROOT)}:{line} imports {target}"
            for line, target in imports(name, path)
            if any(within(target, app) for app in BUSINESS)
        ]
    assert not wrong, "\n".join(wrong)


def test_the_engine_imports_no_framework() -> None:
    wrong = []
    for name, path in modules():
        if home(name) != "scorecard.engine":
            continue
        for line, target in imports(name, path):
            top = target.split(".")[0]
            if top not in sys.stdlib_module_names | ENGINE_LIBRARIES | {"scorecard"}:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_exact_figures_are_of_one_class() -> None:
    """Fractions of two classes are no instances of one another: a check of the class would pass one of them by."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for name, path in modules()
        for line, target in imports(name, path)
        if target.split(".")[0] in ("fractions", "quicktions") and name != "scorecard.engine.values.rational"
    ]
    assert not wrong, "take Fraction from scorecard.engine.values.rational: " + ", ".join(wrong)


def test_the_engine_runs_where_django_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['celery'] = None\n"
        "from scorecard.engine import load_rulebook\n"
        "book = load_rulebook('scorecard/rulebooks/shanghai-2017/3')\n"
        "print(len(book.indicators))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.strip() == "32", done.stderr


# Django hands an authentication backend the request; the throttle reads the address from it.
TAKES_A_REQUEST = {"banks.services.signin"}
OF_THE_PAGE = ("django.shortcuts", "django.template", "django.contrib.messages")
PAGE_PARTS = {"views", "forms", "tables", "filtersets", "nav", "policy", "urls", "templatetags"}
BELOW = {"services", "selectors", "workflow", "models", "tasks"}
ABOVE = {
    "assessments.nav",
    "assessments.policy",
    "assessments.urls",
    "assessments.job_pages",
    "assessments.probes",
    "assessments.demo",
    "assessments.management",
}


def below_the_pages(name: str) -> bool:
    """Whether a module decides or reads: in assessments every room's module that is not a part of a page."""
    parts = set(name.split("."))
    if not PAGE_PARTS.isdisjoint(parts):
        return False
    return not BELOW.isdisjoint(parts) or (
        within(name, "assessments") and not any(within(name, above) for above in ABOVE)
    )


def test_no_request_below_the_views() -> None:
    """Services, selectors and the workflow know nothing of requests, forms, templates or views."""
    wrong = []
    for name, path in modules():
        if not below_the_pages(name) or name in TAKES_A_REQUEST:
            continue
        for line, target in imports(name, path):
            ours = target.split(".")[0] in ("scorecard", "banks", "assessments")
            if (
                target in ("django.http.HttpRequest", "django.http.HttpResponse")
                or any(within(target, package) for package in OF_THE_PAGE)
                or (ours and not PAGE_PARTS.isdisjoint(target.split(".")))
            ):
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert not wrong, "\n".join(wrong)


# ---- circles and floors: every import counts, also inside functions and for types alone


def graph() -> dict[str, set[str]]:
    """Each module of the product with the modules of the product that it names. What is taken from a package counts as
    its submodule where there is one of that name, else as the package."""
    known = dict(modules())
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        found[name] = set()
        for _line, target in imports(name, path):
            while target and target not in known:
                target = target.rpartition(".")[0]
            if target and target != name:
                found[name].add(target)
    return found


def in_circles(edges: dict[str, set[str]]) -> set[str]:
    """The modules that reach themselves."""

    def reaches_itself(start: str) -> bool:
        seen, waiting = set(), list(edges[start])
        while waiting:
            one = waiting.pop()
            if one == start:
                return True
            if one not in seen:
                seen.add(one)
                waiting += edges[one]
        return False

    return {name for name in edges if reaches_itself(name)}


def test_no_circle_of_imports() -> None:
    assert in_circles({"a": {"b"}, "b": {"a"}, "c": {"a"}}) == {"a", "b"}
    assert not in_circles(graph())


#: Each room of the engine with the rooms that it may import, itself aside. The engine's face (its ``__init__``) and the
#: commands are above all of them.
ENGINE: dict[str, tuple[str, ...]] = {
    "values": (),
    "language": ("values",),
    "declarations": ("values", "language"),
    "rules": ("values", "language", "declarations", "lowering"),
    "rulebook": ("values", "language", "declarations", "rules"),
    "reading": ("values", "language", "declarations", "rules", "rulebook"),
    "exact": ("values", "language", "rules", "rulebook"),
    "explain": ("values", "language", "rules", "rulebook", "exact"),
    "cases": ("values", "language", "declarations", "rules", "rulebook", "reading", "exact", "explain"),
    "lint": ("values", "language", "declarations", "rules", "rulebook", "reading", "cases", "lowering"),
    "lowering": ("values", "language", "declarations", "rules", "rulebook"),
    "arrays": ("values", "language", "rules", "rulebook", "exact", "explain", "lowering"),
    "whatif": (
        "values",
        "language",
        "declarations",
        "rules",
        "rulebook",
        "reading",
        "exact",
        "explain",
        "cases",
        "lint",
    ),
}
#: What stands beside the rooms: sentences for errors, and the engine's version.
ENGINE_COMMON = ("errors", "version")

#: The rooms of assessments from the ground up; a room imports none that stands above it. ``pages`` are views, forms,
#: tables, filter sets, navigation, policies and URLs of every room that has no floor of its own above them.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("models",),
    ("access",),
    (
        "events",
        "workflow.step",
        "workflow.registers",
        "workflow.assigned",
        "workflow.payloads",
        "workflow.duties",
        "workflow.shown",
        "workflow.machine",
        "workflow.reading",
        "workflow.receipts",
        "workflow.sealed",
        "workflow.telling",
    ),
    ("rulebooks",),
    ("rounds",),
    ("filings",),
    ("scoring",),
    ("reviews",),
    ("decisions",),
    ("objections",),
    ("readings",),
    ("letters",),
    ("verification",),
    ("measures",),
    ("meetings",),
    ("workflow",),
    ("messages",),
    ("pages",),
    ("trials", "money", "many", "dossier", "seeing", "reporting", "home", "trail", "archives", "retention", "api"),
    (
        "nav",
        "policy",
        "urls",
        "apps",
        "job_handlers",
        "job_pages",
        "message_kinds",
        "demo",
        "benchmark",
        "management",
        "protected",
        "probes",
        "tasks",
    ),
)
ABOVE_PAGES = {room for floor in FLOORS[-2:] for room in floor}


def room_of(name: str) -> str:
    """The entry of ``FLOORS`` that a module of assessments belongs to; "" for the package itself."""
    parts = name.split(".")[1:]
    if not parts:
        return ""
    if parts == ["workflow"]:
        return "workflow.machine"  # its face, which names no row of the table
    if ".".join(parts[:2]) in FLOORS[2]:
        return ".".join(parts[:2])
    if parts[0] not in ABOVE_PAGES and not PAGE_PARTS.isdisjoint(parts[1:]):
        return "pages"
    return parts[0]


def against_the_directions() -> set[str]:
    """Every module that names a room above its own, as ``module -> room``."""
    wrong = set()
    height = {room: number for number, floor in enumerate(FLOORS) for room in floor}
    for name, targets in graph().items():
        parts = name.split(".")
        for target in targets:
            there = target.split(".")
            if within(name, "scorecard.engine") and len(parts) > 3 and within(target, "scorecard.engine"):
                room = there[2] if len(there) > 2 else "engine"
                if room not in (parts[2], *ENGINE[parts[2]], *ENGINE_COMMON):
                    wrong.add(f"{name} -> {room}")
            if within(name, "assessments") and within(target, "assessments"):
                here, room = room_of(name), room_of(target)
                if here and room and height[room] > height[here]:
                    wrong.add(f"{name} -> {room}")
    return wrong


def test_the_tables_name_every_room() -> None:
    engine = {
        name.split(".")[2]
        for name, path in modules()
        if within(name, "scorecard.engine") and "/engine/" in str(path.parent)
    }
    assert engine - {""} <= {*ENGINE, *ENGINE_COMMON}
    rooms = {room_of(name) for name, _path in modules() if within(name, "assessments")} - {""}
    assert rooms <= {room for floor in FLOORS for room in floor}


def test_rooms_import_downwards_only() -> None:
    wrong = against_the_directions()
    assert not wrong, "\n".join(sorted(wrong))


#: Names of fields in the HTML of a filing begin so; only forms and views know them.
FIELD_PREFIXES = ("f-", "n-", "s-", "x-")


def knows_pages(name: str, path: Path) -> Iterator[str]:
    """What a module below the pages knows of them: ``ui``, ``reverse``, or the names of HTML fields."""
    for _line, target in imports(name, path):
        if within(target, "scorecard.ui"):
            yield "scorecard.ui"
        if target in ("django.urls.reverse", "django.urls.reverse_lazy"):
            yield "reverse"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and node.value in FIELD_PREFIXES:
            yield "field names"


def test_services_know_no_pages() -> None:
    found = {
        f"{name}: {what}"
        for name, path in modules()
        if below_the_pages(name) and "selectors" not in name.split(".")
        for what in knows_pages(name, path)
    }
    assert not found, "\n".join(sorted(found))


# CONTRIBUTING.md, Rules: the most lines of a file, of a function, and of the engine without its tests.
OF_FILE, OF_FUNCTION, OF_ENGINE = 400, 60, 14_000


def test_no_file_and_no_function_is_longer_than_agreed() -> None:
    long, engine = [], 0
    for name, path in modules():
        text = path.read_text(encoding="utf-8")
        lines = text.count("\n")
        engine += lines if within(name, "scorecard.engine") else 0
        if lines > OF_FILE:
            long.append(f"{name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > OF_FUNCTION:
                    long.append(f"{name}.{node.name}: {size} lines")
    assert long == []
    assert engine < OF_ENGINE
