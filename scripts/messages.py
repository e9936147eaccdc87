#!/usr/bin/env python
"""Translations without GNU gettext.

``compile``  writes a .mo file beside every .po file of the project.
``check``    lists, by file, every message of code and templates that has no Chinese translation; exits with 1 if any.
             Messages that Django or an installed package translates itself count as translated.
"""

import argparse
import ast
import importlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("scorecard", "banks", "assessments")
LOCALE = "zh_Hans"
# Function name → position of (context, message, plural).
CALLS: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "_lazy": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}

CALL = re.compile(rf"(?<![\w.])(?:{'|'.join(CALLS)})\(")


@dataclass(frozen=True, order=True)
class Use:
    """One message where it is used."""

    path: str
    line: int
    message: str
    context: str = ""
    plural: str = ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Names under which a module imports Django's functions: ``gettext_lazy as _`` gives ``{"_": "gettext_lazy"}``."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                if alias.name in CALLS:
                    names[alias.asname or alias.name] = alias.name
    return names


def from_python(text: str, path: str, aliases: dict[str, str] | None = None) -> Iterator[Use]:
    """Every literal message of a Python source.

    A message put together in the call (an f-string, a sum) can never be found in a catalogue, so it is yielded with
    its source and fails the check.
    """
    tree = ast.parse(text)
    known = aliases if aliases is not None else _aliases(tree)
    for node in ast.walk(tree):
        function = _function(node, known) if isinstance(node, ast.Call) else None
        if function is None or not isinstance(node, ast.Call):
            continue
        context_at, message_at, plural_at = CALLS[function]
        if len(node.args) <= message_at:
            continue
        argument = node.args[message_at]
        message = ast.unparse(argument) if isinstance(argument, ast.JoinedStr | ast.BinOp) else _literal(argument)
        if message is None:
            continue
        context = _literal(node.args[context_at]) if context_at is not None else ""
        plural = _literal(node.args[plural_at]) if plural_at is not None and len(node.args) > plural_at else ""
        yield Use(path, node.lineno, message, context or "", plural or "")


def _function(call: ast.Call, known: dict[str, str]) -> str | None:
    """Which translation function a call is, or None: by its imported name, or as ``translation.gettext``."""
    if isinstance(call.func, ast.Name):
        return known.get(call.func.id)
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id == "translation" and call.func.attr in CALLS else None
    return None


def from_template(text: str, path: str) -> Iterator[Use]:
    """Every message of a template. Django turns it into lines with calls among X's; each call is parsed by itself."""
    from django.utils.translation.template import templatize

    functions = {name: name for name in CALLS}
    for number, line in enumerate(templatize(text, origin=path).splitlines(), start=1):
        for match in CALL.finditer(line):
            for use in _call_at(line, match.start(), functions):
                yield Use(path, number, use.message, use.context, use.plural)


def _call_at(line: str, start: int, functions: dict[str, str]) -> list[Use]:
    """The message of the call that begins here: up to the first bracket with which it is whole."""
    for end in (at for at, letter in enumerate(line) if letter == ")" and at > start):
        try:
            return list(from_python(line[start : end + 1], "", functions))
        except SyntaxError:
            continue
    return []


def uses(root: Path = ROOT) -> list[Use]:
    """Every message that the project uses, tests left out."""
    found: list[Use] = []
    for source in SOURCES:
        for path in sorted((root / source).rglob("*.py")):
            if "tests" not in path.parts and "migrations" not in path.parts:
                found += from_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    folders = [root / "templates", *(root / source for source in SOURCES)]
    for folder in folders:
        for path in sorted(folder.rglob("*.html")) + sorted(folder.rglob("*.txt")):
            if "templates" in path.parts and "tests" not in path.relative_to(root).parts:
                found += from_template(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    return found


def catalogues(root: Path = ROOT) -> list[Path]:
    """The project's .po files: ``<app>/locale/…/<language>/LC_MESSAGES/django.po``."""
    found = (path for source in SOURCES for path in (root / source).rglob("LC_MESSAGES/*.po"))
    return sorted(path for path in found if "locale" in path.relative_to(root).parts)


def translated(paths: list[Path]) -> set[tuple[str, str]]:
    """(context, message) of every entry that has a translation and is not marked fuzzy or obsolete."""
    known: set[tuple[str, str]] = set()
    for path in paths:
        for entry in polib.pofile(str(path)):
            plurals = list(entry.msgstr_plural.values())
            if not entry.obsolete and "fuzzy" not in entry.flags and (entry.msgstr or (plurals and all(plurals))):
                known.add((entry.msgctxt or "", entry.msgid))
    return known


# The packages whose messages reach our pages: Django itself, and what is installed of it and beside it. What is not
# installed of Django translates nothing.
PACKAGES = (
    "django.conf",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django_tables2",
    "django_filters",
)


def installed() -> list[Path]:
    """The Chinese catalogues of the packages whose messages reach our pages."""
    found: list[Path] = []
    for name in PACKAGES:
        folder = Path(str(importlib.import_module(name).__file__)).parent
        found += sorted(folder.glob(f"locale/{LOCALE}/LC_MESSAGES/*.po"))
    return found


def missing(root: Path = ROOT) -> list[Use]:
    """Every use of a message without a Chinese translation."""
    ours = [path for path in catalogues(root) if LOCALE in path.parts]
    known = translated(ours + installed())
    return sorted(use for use in uses(root) if use.message and (use.context, use.message) not in known)


def compile_all(root: Path = ROOT) -> int:
    """Write the .mo file of each catalogue that is newer than it; returns how many were written."""
    written = 0
    for path in catalogues(root):
        target = path.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
            polib.pofile(str(path)).save_as_mofile(str(target))
            written += 1
    return written


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["compile", "check"])
    command = parser.parse_args(argv).command
    if command == "compile":
        print(f"{compile_all()} catalogue(s) written.")
        return 0
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    lacking = missing()
    last = ""
    for use in lacking:
        if use.path != last:
            print(f"\n{use.path}")
            last = use.path
        context = f" [{use.context}]" if use.context else ""
        print(f"  {use.line}: {use.message!r}{context}")
    if lacking:
        print(f"\n{len(lacking)} message(s) without a Chinese translation.")
        return 1
    print("Every message has a Chinese translation.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
