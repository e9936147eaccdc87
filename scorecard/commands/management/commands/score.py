"""``manage.py score RULEBOOK FACTS [--output FILE] [--explain BANK]``: score a table without the database."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from scorecard.commands.catalog import find
from scorecard.commands.scoring import result_rows
from scorecard.commands.sheets import SheetError, read_sheet, write_sheet
from scorecard.commands.table import absent_columns, explain_lines, read_table, result_header, with_peers
from scorecard.engine import EngineError, Rulebook, RulebookError, evaluate, lint, load_rulebook
from scorecard.engine.values.findings import Finding
from scorecard.engine.values.text import Text


def said_of_findings(count: int) -> Text:
    return Text(
        f"提醒：该评价办法有 {count} 处问题，不能发布；以下结果仅供试算：",
        f"Warning: the rulebook has {count} finding(s) and may not be published; the result is a trial:",
    )


def said_of_absent(columns: list[str]) -> Text:
    return Text(
        f"提醒：文件缺少 {len(columns)} 列，所有银行的这些项目都按未提供计分：{'、'.join(columns)}。",
        f"Warning: the file lacks {len(columns)} column(s), so that no bank has these: {', '.join(columns)}.",
    )


class Command(BaseCommand):
    help = "Score a CSV or XLSX file of facts, one row per bank, without the database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rulebook", help="code/version, code (newest version), or a folder")
        parser.add_argument("facts", type=Path, help="CSV or XLSX: a header of fact names, with bank and category")
        parser.add_argument("--output", type=Path, help="CSV or XLSX to write; standard output as CSV when not given")
        parser.add_argument(
            "--explain",
            metavar="BANK",
            help="print the explanation of one bank; the table is then written only to --output",
        )
        parser.add_argument("--lang", default="zh", choices=["zh", "en"], help="language of explanations and messages")

    def handle(self, *args: Any, **options: Any) -> None:
        lang = options["lang"]
        try:
            folder = find(Path(settings.RULEBOOK_DIR), options["rulebook"])
            rulebook = load_rulebook(folder)
            header, rows = read_sheet(options["facts"])
        except RulebookError as e:
            raise CommandError("\n".join(f.get(lang) for f in e.findings)) from e
        except EngineError as e:
            raise CommandError(e.message.get(lang)) from e
        except SheetError as e:
            raise CommandError(str(e)) from e
        table = read_table(rulebook, header, rows)
        if table.errors:
            raise CommandError("\n".join(error.get(lang) for error in table.errors))
        self.warn(rulebook, lint(folder, vectors=False), header, lang)
        if options["explain"]:
            self.explain(rulebook, dict(with_peers(rulebook, table.cases)), options["explain"], lang)
            if not options["output"]:
                return
        lines = result_rows(rulebook, table.cases)
        if options["output"]:
            try:
                write_sheet(options["output"], result_header(rulebook), lines)
            except SheetError as e:
                raise CommandError(str(e)) from e
            self.stdout.write(f"{len(table.cases)} bank(s) written to {options['output']}.")
            return
        writer = csv.writer(self.stdout)
        writer.writerow(result_header(rulebook))
        writer.writerows(lines)

    def warn(self, rulebook: Rulebook, findings: list[Finding], header: list[str], lang: str) -> None:
        """Say beside the result what makes it doubtful: a rulebook that may not be published, columns that lack."""
        if findings:
            self.stderr.write(said_of_findings(len(findings)).get(lang))
            for finding in findings:
                self.stderr.write(f"  {finding.get(lang)}")
        if absent := absent_columns(rulebook, header):
            self.stderr.write(said_of_absent(absent).get(lang))

    def explain(self, rulebook: Any, cases: dict[str, Any], bank: str, lang: str) -> None:
        if bank not in cases:
            raise CommandError(f"There is no bank “{bank}” in the file. It has: {', '.join(cases)}.")
        result = evaluate(rulebook, cases[bank])
        if result.trace is not None:
            for line in explain_lines(result.trace, lang):
                self.stdout.write(line)
        for target in result.targets.values():
            if target.trace is not None:
                for line in explain_lines(target.trace, lang):
                    self.stdout.write(line)
            if target.needed:
                self.stdout.write(f"  {target.needed.text.get(lang)}")
        for estimate in result.estimates.values():
            if estimate.trace is not None:
                for line in explain_lines(estimate.trace, lang):
                    self.stdout.write(line)
        before, after = (rulebook.grade(g).name.get(lang) for g in (result.grade.before, result.grade.after))
        self.stdout.write(f"{'等次' if lang == 'zh' else 'Grade'}: {before} → {after}")
        for cap in result.grade.applied:
            self.stdout.write(f"  {cap.because.get(lang)} — {cap.source.told.get(lang) if cap.source else ''}")
        if result.adjustment:
            self.stdout.write(
                f"{result.adjustment.label.get(lang)}: {result.adjustment.points:+f} "
                f"{result.adjustment.because.get(lang)}"
            )
        for measure in result.measures:
            self.stdout.write(f"{measure.label.get(lang)}: {measure.because.get(lang)}")
        for check in result.checks:
            self.stdout.write(f"[{check.severity}] {check.message.get(lang)}")
