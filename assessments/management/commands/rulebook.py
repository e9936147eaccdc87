"""``manage.py rulebook lint|list|show|publish``."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import translation

from scorecard.commands.catalog import find, installed
from scorecard.commands.describe import describe, untried_options
from scorecard.engine import EngineError, RulebookError, lint, load_rulebook
from scorecard.engine.values.numbers import plain


class Command(BaseCommand):
    help = "Check, list, show or publish rulebooks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lang", default="en", choices=["zh", "en"], help="language of messages")
        commands = parser.add_subparsers(dest="action", required=True)
        check = commands.add_parser("lint", help="everything that is wrong with rulebooks, all at once")
        check.add_argument("rulebook", nargs="*", help="code/version, code, or a folder; all when none is named")
        commands.add_parser("list", help="the installed rulebooks")
        show = commands.add_parser("show", help="a rulebook in words")
        show.add_argument("rulebook")
        publish = commands.add_parser("publish", help="publish a rulebook into the database, once lint is clean")
        publish.add_argument("rulebook")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"handle_{options['action']}")(**options)

    def find(self, name: str, lang: str) -> Path:
        try:
            return find(Path(settings.RULEBOOK_DIR), name)
        except EngineError as e:
            raise CommandError(e.message.get(lang)) from e

    def handle_lint(self, **options: Any) -> None:
        lang = options["lang"]
        names = options["rulebook"]
        folders = [self.find(n, lang) for n in names] or [i.path for i in installed(Path(settings.RULEBOOK_DIR))]
        count = 0
        for folder in folders:
            findings = lint(folder)
            count += len(findings)
            self.stdout.write(f"{folder.parent.name}/{folder.name}: {len(findings)} finding(s)")
            for finding in findings:
                self.stdout.write(f"  {finding.get(lang)}")
            if not findings:
                for warning in untried_options(load_rulebook(folder), folder):
                    self.stdout.write(f"  {'提醒：' if lang == 'zh' else 'warning: '}{warning.get(lang)}")
        if count:
            raise CommandError(f"{count} finding(s). Mend them before the rulebook is published.")

    def handle_list(self, **options: Any) -> None:
        for each in installed(Path(settings.RULEBOOK_DIR)):
            try:
                rulebook = load_rulebook(each.path)
            except RulebookError as e:
                self.stdout.write(f"{each.code}/{each.version}  {len(e.findings)} finding(s); see rulebook lint")
                continue
            size = f"{len(rulebook.indicators)} indicators, {plain(rulebook.min)} to {plain(rulebook.max)} points"
            title = rulebook.title.get(options["lang"])
            self.stdout.write(f"{each.code}/{each.version}  {rulebook.year}  {size}  {rulebook.hash[:12]}  {title}")

    def handle_show(self, **options: Any) -> None:
        lang = options["lang"]
        try:
            rulebook = load_rulebook(self.find(options["rulebook"], lang))
        except RulebookError as e:
            raise CommandError("\n".join(f.get(lang) for f in e.findings)) from e
        for line in describe(rulebook, lang):
            self.stdout.write(line)

    def handle_publish(self, **options: Any) -> None:
        from assessments.rulebooks.services import publish_rulebook
        from scorecard.access.decisions import Refused

        folder, lang = self.find(options["rulebook"], options["lang"]), options["lang"]
        with translation.override("zh-hans" if lang == "zh" else "en"):
            try:
                row = publish_rulebook(actor=None, code=folder.parent.name, version=folder.name)
            except Refused as e:
                findings = getattr(e, "findings", ())
                raise CommandError("\n".join([str(e), *(f.get(lang) for f in findings)])) from e
            except (OperationalError, ProgrammingError) as e:
                raise CommandError(f"The database is not ready ({e}). Run: python manage.py migrate") from e
        self.stdout.write(f"Published {folder.parent.name}/{folder.name} as {row.hash}.")
