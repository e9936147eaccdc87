"""Publishing rulebooks: a reviewed folder of YAML becomes an immutable version of the database (docs/rounds.md)."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import RulebookVersion
from assessments.workflow.shown import ShownItem, hold_to_seal
from banks.models import User
from scorecard.access.decisions import Refused
from scorecard.access.roles import Role
from scorecard.audit.services import canonical, record
from scorecard.engine.lint.lint import linted
from scorecard.engine.rulebook.rulebook import Rulebook
from scorecard.engine.values.findings import Finding

# A folder's name; anything else never reaches the file system.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class RulebookFaulty(Refused):
    """Lint has findings: ``findings`` holds every one, each with file, line, key, what is wrong and what mends it."""

    def __init__(self, reasons: Sequence[Any], findings: Sequence[Finding]) -> None:
        super().__init__(reasons)
        self.findings = tuple(findings)


def require_administrator(actor: User | None) -> None:
    """Refuse anybody but an administrator (docs/workflow.md, Roles). None is the command line: it owns the database."""
    if actor is not None and not actor.holds(Role.ADMINISTRATOR):
        raise Refused([_("Only an administrator publishes rulebooks and runs rounds.")])


def rulebook_folder(code: str, version: str) -> Path:
    """The folder of a rulebook version among the project's own; refuses names that are none or that do not exist."""
    folder = Path(settings.RULEBOOK_DIR) / code / version
    if not NAME.fullmatch(code) or not NAME.fullmatch(version) or not folder.is_dir():
        raise Refused(
            [
                _("There is no rulebook %(code)s in version %(version)s among the installed rulebooks.")
                % {"code": code[:60], "version": version[:40]}
            ]
        )
    return folder


def installed_rulebooks() -> list[tuple[str, str]]:
    """Code and version of every rulebook folder that is installed with the system, sorted."""
    root = Path(settings.RULEBOOK_DIR)
    if not root.is_dir():
        return []
    return sorted(
        (folder.parent.name, folder.name)
        for folder in root.glob("*/*")
        if folder.is_dir() and any(folder.glob("*.yaml")) and NAME.fullmatch(folder.name)
    )


def check_rulebook(code: str, version: str) -> tuple[Rulebook | None, list[Finding]]:
    """The rulebook in its folder with every lint finding, worked cases scored; no rulebook where it cannot be read."""
    rulebook, findings = linted(rulebook_folder(code, version))
    return (None, findings) if findings else (rulebook, [])


def publish_rulebook(*, actor: User | None, code: str, version: str, seen: str | None = None) -> RulebookVersion:
    """Publish one version out of its folder and return its row; the same content again returns the row there is.

    Lint comes first and any finding refuses (``RulebookFaulty``). A code and version that are published with other
    content are refused for ever: rounds depend on them, and a change is a new version. ``seen`` is the seal of the
    content that the page showed, None for a caller without a page: a folder that was changed since is ``Stale``.
    """
    require_administrator(actor)
    rulebook, findings = check_rulebook(code, version)
    if rulebook is None:
        words = ngettext(
            "The rulebook has %(count)d finding and cannot be published. Mend it and try again.",
            "The rulebook has %(count)d findings and cannot be published. Mend them and try again.",
            len(findings),
        )
        raise RulebookFaulty([words % {"count": len(findings)}], findings)
    if (rulebook.code, rulebook.version) != (code, version):
        raise Refused(
            [
                _(
                    "The folder is %(folder)s, but the rulebook in it calls itself %(name)s. Make both the same, since "
                    "rounds and notices quote the name."
                )
                % {"folder": f"{code}/{version}", "name": f"{rulebook.code}/{rulebook.version}"}
            ]
        )
    if seen is not None:
        hold_to_seal("publish", f"{code}/{version}", publishing_content(rulebook), seen)
    try:
        with transaction.atomic():
            if (known := _published(rulebook)) is not None:
                return known
            row = RulebookVersion.objects.create(
                code=code,
                version=version,
                title_zh=rulebook.title.zh[:200],
                title_en=rulebook.title.en[:200],
                hash=rulebook.hash,
                content=rulebook.to_json(),
                published_by=actor,
            )
            data = {"code": code, "version": version, "hash": rulebook.hash}
            record("assessments.rulebook.published", actor=actor, target=row, data=data, seals=[row])
            return row
    except IntegrityError:
        # Somebody published the same at the same moment; what they wrote decides.
        known = _published(rulebook)
        if known is None:
            raise
        return known


def publishing_content(rulebook: Rulebook) -> Iterator[ShownItem]:
    """What publishing keeps for ever: every entry of the rulebook, each by its place in the files."""
    for part, entries in json.loads(rulebook.to_json()).items():
        if isinstance(entries, list):
            entries = {str(entry.get("id", place)): entry for place, entry in enumerate(entries, 1)}
        for name, entry in entries.items():
            yield ShownItem(f"{part} {name}", f"{part}: {name}", entry if isinstance(entry, str) else canonical(entry))


def _published(rulebook: Rulebook) -> RulebookVersion | None:
    """The row with this content; refuses where the name is taken by other content."""
    known = RulebookVersion.objects.filter(hash=rulebook.hash).first()
    if known is not None:
        return known
    taken = RulebookVersion.objects.filter(code=rulebook.code, version=rulebook.version).first()
    if taken is not None:
        raise Refused(
            [
                _(
                    "%(code)s is already published in version %(version)s with other content, and a published version "
                    "never changes. Give the changed rulebook a new version number."
                )
                % {"code": rulebook.code, "version": rulebook.version}
            ]
        )
    return None
