"""The direction of imports (``docs/architecture.md``), read from the source itself."""

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


def test_the_engine_runs_where_django_cannot_be_imported() -> None:
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['celery'] = None\n"
        "from scorecard.engine import load_rulebook\n"
        "book = load_rulebook('scorecard/rulebooks/shanghai-2017/1')\n"
        "print(len(book.indicators))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.strip() == "32", done.stderr


# Django hands an authentication backend the request; the throttle reads the address from it.
TAKES_A_REQUEST = {"banks.services.signin"}
OF_THE_PAGE = ("django.shortcuts", "django.template", "django.contrib.messages")
PAGE_PARTS = {"views", "forms", "tables", "filtersets", "nav", "policy", "urls", "templatetags"}
BELOW = {"services", "selectors", "workflow", "models", "tasks"}
ABOVE = {"assessments.nav", "assessments.policy", "assessments.urls", "assessments.demo", "assessments.management"}


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
